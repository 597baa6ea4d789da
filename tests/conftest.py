"""What several tests need: a browser, the built book, copies to do wrong things on."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))  # where the build finds clusters_book
sys.path.insert(0, str(ROOT / "tests"))  # where the tests find served, clean

from formats.browser import launch  # noqa: E402
from served import served  # noqa: E402

SECONDS_TO_WAIT = 600  # for what another test process makes
FORK = "https://github.com/someone/fork"
PRIVATE = "https://oauth2:sesame@github.com/hidden-owner/hidden-place.git"


def run(
    *command: str | Path, cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command; what it says on both channels is in ``stdout``."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def copy_repository(to: Path, remote: str | None = None) -> Path:
    """Copy what git tracks or would track, as a repository of its own.

    Hooks and configuration of the machine's user play no part in it.
    """
    listed = run("git", "ls-files", "-coz", "--exclude-standard", cwd=ROOT)
    assert listed.returncode == 0, listed.stdout
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():  # not so, if it was deleted and not committed yet
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    assert run("git", "init", "--quiet", "-b", "main", cwd=to).returncode == 0
    if remote:
        assert run("git", "remote", "add", "origin", remote, cwd=to).returncode == 0
    return to


def build(tree: Path) -> Path:
    """Build the copy with the copy's own package and data; return the HTML's folder."""
    done = run(sys.executable, "book/_ext/build.py", cwd=tree, PYTHONPATH=str(tree))
    complaints = [line for line in done.stdout.splitlines() if "WARNING" in line]
    assert done.returncode == 0, "\n".join(complaints) or done.stdout
    return tree / "_build" / "html"


def reuse_cells(book: Path, tree: Path) -> None:
    """Let a copy show what the clean build's cells gave, to save running them."""
    cache = ".jupyter_cache"
    shutil.copytree(book.parent / cache, tree / "_build" / cache)


@pytest.fixture(scope="session", autouse=True)
def _own_data_only() -> None:
    """A copy reads the data beside it, not those that this variable names."""
    os.environ.pop("CREATIVE_CLUSTERS_DATA", None)


@pytest.fixture(scope="session")
def shared(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[str, Callable[[Path], None]], Path]:
    """Make a folder once, however many processes the tests run in.

    The first to come makes it, the others wait; if making it fails, it fails for all.
    """
    base = tmp_path_factory.getbasetemp()
    if worker_id != "master":  # the parent is common to all processes of this run
        base = base.parent

    def once(name: str, make: Callable[[Path], None]) -> Path:
        folder, done, failed = (
            base / f"{name}{end}" for end in ("", ".done", ".failed")
        )
        try:
            folder.mkdir()
        except FileExistsError:
            deadline = time.monotonic() + SECONDS_TO_WAIT
            while not done.exists():
                assert not failed.exists(), failed.read_text(encoding="utf-8")
                assert time.monotonic() < deadline, f"nobody finished {folder}"
                time.sleep(0.2)
            return folder
        try:
            make(folder)
        except BaseException as error:
            failed.write_text(str(error), encoding="utf-8")
            raise
        done.touch()
        return folder

    return once


@pytest.fixture(scope="session")
def book(shared: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The HTML of a clean, strict build of this tree, whose git remote is private."""

    def make(to: Path) -> None:
        build(copy_repository(to, PRIVATE))

    return shared("book", make) / "_build" / "html"


@pytest.fixture(scope="session")
def site(book: Path) -> Iterator[str]:
    """The address of the book on this machine."""
    with served(book) as address:
        yield address


@pytest.fixture(scope="session")
def forked_book(
    shared: Callable[[str, Callable[[Path], None]], Path], book: Path
) -> Path:
    """The HTML as someone's public fork builds it."""

    def make(to: Path) -> None:
        copy_repository(to, FORK)
        reuse_cells(book, to)
        build(to)

    return shared("forked-book", make) / "_build" / "html"


@pytest.fixture(scope="session")
def clean_venv(
    shared: Callable[[str, Callable[[Path], None]], Path],
) -> Path:
    """An environment of nothing but what Binder installs, the book's pins.

    Who installs the book itself in it, as Binder's own steps do, does so for all.
    """

    def make(to: Path) -> None:
        made = run(sys.executable, "-m", "venv", to, cwd=to)
        assert made.returncode == 0, made.stdout
        pip = (to / "bin" / "python", "-m", "pip", "install", "--quiet")
        # Compiling all packages at once would double the time; Python does it when
        # needed.
        pins = ROOT / ".binder" / "requirements.txt"
        done = run(*pip, "--no-compile", "-r", pins, cwd=ROOT)
        assert done.returncode == 0, done.stdout

    return shared("clean-venv", make)


@pytest.fixture(scope="session")
def copied_tree(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Path]:
    """Make a copy of the repository to do wrong things on: ``copied_tree()``.

    Run its build with ``PYTHONPATH`` set to the copy, so that the build and its kernels
    use the copy's package. ``copied_tree(remote)`` has a remote, ``copied_tree(like=
    book)`` need not run cells that the clean build has run.
    """

    def make(remote: str | None = None, like: Path | None = None) -> Path:
        tree = copy_repository(tmp_path_factory.mktemp("tree"), remote)
        if like:
            reuse_cells(like, tree)
        return tree

    return make


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless browser, one a test process."""
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except RuntimeError as error:
            pytest.fail(str(error), pytrace=False)
        yield browser
        browser.close()
