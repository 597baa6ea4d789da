"""Run the notebooks of two folders, told on the command line; say what they said.

A clean environment's Python runs this, and needs nothing for it but IPython. The second
folder's notebooks are the first's with more cells. So the cells that both begin with
run once, and what follows runs in two copies of the process, each as if it had run all
of its notebook from the start.

Copies of a process are safe on Linux alone. Elsewhere each notebook has a process of
its own, which this program starts by being told one notebook.
"""

import contextlib
import importlib.util
import io
import json
import os
import socket
import subprocess
import sys
import traceback
from pathlib import Path

LOADED_FIRST = (
    "esda.moran",
    "libpysal.weights",
    "matplotlib.pyplot",
    "networkx",
    "pandas",
    "scipy.stats",
    "statsmodels.api",
)


def refuse(*_: object) -> None:
    raise OSError("a notebook asked for the network")


def hide_installed() -> None:
    """Make the book's package one that can only be found beside the notebooks."""
    held = "creative_clusters"
    sys.path[:] = [p for p in sys.path if not (Path(p or ".") / held).is_dir()]
    sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in repr(f).lower()]
    assert importlib.util.find_spec(held) is None


def code_of(path: Path) -> list[str]:
    told = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in told["cells"] if cell["cell_type"] == "code"]
    return ["".join(cell["source"]) for cell in cells]


def run(shell: object, cells: list[str], said: list[str]) -> str:
    """Run cells one by one; what they print is added to ``said``; return an error."""
    from IPython.utils.capture import capture_output

    for cell in cells:
        with capture_output() as captured:
            result = shell.run_cell(cell)
        said.append(captured.stdout)
        try:
            result.raise_error()
        except BaseException:
            return f"{cell}\n{traceback.format_exc(limit=-3)}\n{captured.stderr}"
        if captured.stderr.strip():
            return f"{cell}\nprinted as a warning:\n{captured.stderr}"
    return ""


def forked(work: object) -> object:
    """What a function returns when a copy of this process runs it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = work()
        except BaseException:
            answer = {"error": traceback.format_exc()}
        with os.fdopen(writing, "w", encoding="utf-8") as out:
            json.dump(answer, out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as told:
        answer = json.load(told)
    os.waitpid(child, 0)
    return answer


def run_both(first: Path, second: Path) -> dict[str, object]:
    """Run a notebook and the longer copy of it."""
    from IPython.core.interactiveshell import InteractiveShell

    os.chdir(first.parent)
    sys.path.insert(0, "")  # as in a kernel: the folder where the notebook lies
    shell = InteractiveShell.instance()
    one, two = code_of(first), code_of(second)
    # The first cell names the archive that the notebook came in.
    both = 1
    while one[both : both + 1] and one[both] == two[both]:
        both += 1
    said: list[str] = []
    error = run(shell, [one[0], two[0], *one[1:both]], said)
    import creative_clusters

    if error:
        return {"error": error}

    def rest(cells: list[str]) -> dict[str, object]:
        more = list(said)
        return {"error": run(shell, cells[both:], more), "said": more[2:]}

    return {
        "package": creative_clusters.__file__,
        "first": forked(lambda: rest(one)),
        "second": forked(lambda: rest(two)),
    }


def run_alone(path: Path) -> dict[str, object]:
    """Run one notebook in this process."""
    from IPython.core.interactiveshell import InteractiveShell

    os.chdir(path.parent)
    sys.path.insert(0, "")
    said: list[str] = []
    error = run(InteractiveShell.instance(), code_of(path), said)
    import creative_clusters

    return {"error": error, "said": said[1:], "package": creative_clusters.__file__}


def started(path: Path) -> dict[str, object]:
    """What a process of its own says of a notebook."""
    command = [sys.executable, __file__, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.stdout else {"error": done.stderr}


def start_both(first: Path, second: Path) -> dict[str, object]:
    """Run a notebook and the longer copy of it, each in its process."""
    one, two = started(first), started(second)
    return {"package": one.get("package"), "first": one, "second": two}


def main(first: Path, second: Path | None = None) -> dict[str, object]:
    """Run every notebook of the two folders, or one notebook."""
    hide_installed()
    if second is None:
        socket.socket.connect = refuse
        socket.create_connection = refuse
        return run_alone(first)
    paths = sorted(first.glob("*.ipynb"))
    if sys.platform != "linux":
        return {path.stem: start_both(path, second / path.name) for path in paths}
    for module in LOADED_FIRST:
        with contextlib.redirect_stdout(io.StringIO()):
            __import__(module)
    socket.socket.connect = refuse
    socket.create_connection = refuse
    return {
        path.stem: forked(lambda path=path: run_both(path, second / path.name))
        for path in paths
    }


if __name__ == "__main__":
    print(json.dumps(main(*map(Path, sys.argv[1:]))))
