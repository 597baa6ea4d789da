"""`make` makes its environment once, and says in one line what stands in the way."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("Makefile", ".ci/venv.sh", "pyproject.toml")

# A Python that installs nothing but writes down what it was asked to install.
STAND_IN = """\
#!/bin/sh
case "$*" in
*version_info*) echo "${VERSION:-3.12.1}" ;;
*ensurepip*) [ -z "${NO_VENV:-}" ] ;;
"-m venv .venv")
    mkdir -p .venv/bin
    cp "$0" .venv/bin/python
    echo "version = ${VERSION:-3.12.1}" >.venv/pyvenv.cfg ;;
*"pip install"*)
    echo "${*##* }" >>installs
    sleep "${SLOW:-0}"
    if [ -n "${PIP_SAYS:-}" ]; then
        echo "$PIP_SAYS" >&2
        exit 1
    fi ;;
*) echo "ran $*" ;;
esac
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A checkout with little in it, and the stand-in for Python."""
    for name in NEEDED:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("pins\n")
    python = tmp_path / "python"
    python.write_text(STAND_IN)
    python.chmod(0o755)
    return tmp_path


def make(
    house: Path, *words: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHON": str(house / "python"), **environment}
    return subprocess.run(
        ["make", *words],
        cwd=house,
        # A make around this one hands its options on in these.
        env={k: v for k, v in os.environ.items() if "MAKE" not in k} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def installs(house: Path) -> list[str]:
    """What was installed since last asked."""
    log = house / "installs"
    said = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return said


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a failed make says, beside make's own."""
    assert done.returncode
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_help_lists_every_task(house: Path) -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    tasks = re.search(r"^\.PHONY: (.+)$", text, flags=re.M)[1].split()
    for words in ([], ["help"]):
        said = make(house, *words).stdout.splitlines()
        assert [line.split()[1] for line in said] == tasks
        assert all(len(line.split(maxsplit=2)) == 3 for line in said)
    assert sorted(re.findall(r"^([a-z]+):", text, flags=re.M)) == sorted(tasks)


def test_only_what_changed_is_installed_again(house: Path) -> None:
    assert make(house, "book").stdout.endswith("ran book/_ext/build.py\n")
    assert installs(house) == ["requirements.txt", "."]
    make(house, "book")
    assert installs(house) == []
    make(house, "test")
    assert installs(house) == ["requirements-dev.txt", "."]
    for task in ("test", "book", "test"):
        make(house, task)
    assert installs(house) == []
    (house / "pyproject.toml").write_text("# changed\n")
    make(house, "book")
    assert installs(house) == ["."]
    (house / "requirements.txt").write_text("other pins\n")
    make(house, "book")
    assert installs(house) == ["requirements.txt", "."]
    make(house, "book", VERSION="3.13.0")
    assert installs(house) == ["requirements.txt", "."]


@pytest.mark.parametrize("version", ["2.7.18", "3.9.18", "3.10.13", "3.14.0"])
def test_other_python_is_named_and_changes_nothing(house: Path, version: str) -> None:
    make(house, "book")
    said = complaint(make(house, "book", VERSION=version))
    assert version in said
    assert "3.11, 3.12 or 3.13" in said
    installs(house)
    assert make(house, "book").returncode == 0
    assert installs(house) == []


def test_no_python(house: Path) -> None:
    tools = house / "tools"
    tools.mkdir()
    for tool in ("cat", "cksum", "grep", "make", "rm", "sh"):
        (tools / tool).symlink_to(shutil.which(tool))
    said = complaint(make(house, "book", PYTHON="", PATH=str(tools)))
    assert "No Python 3.11, 3.12 or 3.13 here" in said
    assert "does not run" in complaint(make(house, "book", PYTHON="/no/such/python"))


def test_no_venv_module(house: Path) -> None:
    said = complaint(make(house, "book", NO_VENV="yes"))
    assert "apt-get install python3-venv" in said
    assert not (house / ".venv").exists()


@pytest.mark.parametrize(
    ("pip_says", "said"),
    [
        ("ERROR: Could not find a version (from versions: none)", "network connection"),
        ("WARNING: Retrying ... NewConnectionError", "network connection"),
        ("ERROR: No space left on device", "No space left on device"),
    ],
)
@pytest.mark.parametrize("task", ["book", "test"])
def test_failed_install_says_why_and_starts_again_clean(
    house: Path, pip_says: str, said: str, task: str
) -> None:
    assert said in complaint(make(house, task, PIP_SAYS=pip_says))
    assert not (house / ".venv").exists()
    assert make(house, task).returncode == 0


def test_no_network(house: Path) -> None:
    """With the real Python and pip, and an index where nobody answers."""
    (house / "requirements.txt").write_text((ROOT / "requirements.txt").read_text())
    nobody = "http://127.0.0.1:9/simple"
    done = make(
        house,
        "book",
        PYTHON=sys.executable,
        PIP_CONFIG_FILE=os.devnull,
        PIP_FIND_LINKS="",
        PIP_INDEX_URL=nobody,
        PIP_EXTRA_INDEX_URL="",
        PIP_NO_CACHE_DIR="1",
    )
    assert "Check the network connection" in complaint(done)
    assert not (house / ".venv").exists()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_install_starts_again_clean(
    house: Path, sent: signal.Signals
) -> None:
    running = subprocess.Popen(
        ["make", "test"],
        cwd=house,
        env=os.environ | {"PYTHON": str(house / "python"), "SLOW": "30"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not (house / "installs").exists():
        time.sleep(0.05)
    os.killpg(running.pid, sent)
    running.wait()
    installs(house)
    assert make(house, "test").returncode == 0
    assert installs(house) == ["requirements-dev.txt", "."]
