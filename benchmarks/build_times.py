"""How long builds take after which change, and how much memory they need.

Works on a copy of the repository. Prints a small table in Markdown. Times depend on
what else the machine does: compare runs of one machine, at rest.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
LESSON = "book/lessons/no-guarantee.md"
TABLE = "data/areas/uk_area_gva.csv"
BUILD = (sys.executable, "book/_ext/build.py")
LOOK_EVERY = 0.5  # seconds between two looks at the memory


def copy(to: Path) -> None:
    """Copy what git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def memory(process: psutil.Process) -> int:
    """Bytes that a process and its children hold.

    On Linux what they share is divided among them; elsewhere it counts for each, so the
    sum is too high rather than too low.
    """
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            said = one.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        total += getattr(said, "pss", said.rss)
    return total


def build(tree: Path) -> tuple[float, float, int]:
    """Build; return seconds, peak memory in MiB and the number of pages executed."""
    environment = os.environ | {"PYTHONPATH": str(tree)}
    environment.pop("CREATIVE_CLUSTERS_DATA", None)
    log = tree / "build.log"
    start, peak = time.perf_counter(), 0
    with log.open("w", encoding="utf-8") as said:
        running = psutil.Popen(
            BUILD, cwd=tree, env=environment, stdout=said, stderr=said
        )
        while running.poll() is None:
            try:
                peak = max(peak, memory(running))
            except psutil.NoSuchProcess:
                break
            time.sleep(LOOK_EVERY)
        failed = running.wait()
    seconds = time.perf_counter() - start
    text = log.read_text(encoding="utf-8")
    if failed:
        sys.exit(text)
    return seconds, peak / 2**20, len(re.findall(r"Executing notebook", text))


def edit(path: Path, pattern: str, new: str | Callable[[re.Match[str]], str]) -> None:
    """Replace the first place that matches."""
    text, count = re.subn(pattern, new, path.read_text(encoding="utf-8"), count=1)
    if not count:
        sys.exit(f"Nothing in {path.name} matches {pattern!r}: mend the benchmark.")
    path.write_text(text, encoding="utf-8")


def nothing(tree: Path) -> None:
    """Change nothing."""


def one_sentence(tree: Path) -> None:
    """Add a sentence to the lesson."""
    edit(tree / LESSON, r"(\n## What would prove it wrong\n)", r"\1\nOne sentence.\n")


def one_cell(tree: Path) -> None:
    """Change the code of the lesson, not what it comes to."""
    edit(tree / LESSON, r"(\nstyle\.use\(\)\n)", r"\1# One comment.\n")


def one_value(tree: Path) -> None:
    """Correct one value by one, and seal the table."""
    edit(
        tree / TABLE,
        r"(,Salford,England,true,1998,)(\d+)",
        lambda found: f"{found[1]}{int(found[2]) + 1}",
    )
    seal = [sys.executable, "data/seal.py"]
    subprocess.run(seal, cwd=tree, check=True, stdout=subprocess.DEVNULL)


STEPS: dict[str, Callable[[Path], None]] = {
    "cold": nothing,
    "nothing changed": nothing,
    "one sentence": one_sentence,
    "one code cell": one_cell,
    "one value of a table": one_value,
}


def main() -> None:
    """Measure each step after the one before."""
    print("| build | seconds | peak MiB | pages executed |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "book"
        copy(tree)
        for name, change in STEPS.items():
            change(tree)
            seconds, peak, pages = build(tree)
            print(f"| {name} | {seconds:.1f} | {peak:.0f} | {pages} |", flush=True)
    print(f"\n{os.cpu_count()} cores, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main()
