"""All notebooks of a kind, beside data and package, as a folder and as one archive."""

import re
import shutil
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

import nbformat
from clusters_book.repository import git, pages_address, public_address
from formats.chapters import LICENCE, SUBTITLE, TITLE, made_from
from formats.offline import entry

from copies.filling import Filler
from copies.notebooks import Audience, Part, Shelf, notebook, parts, stem
from copies.pages import Page, cells_of, run_pages
from creative_clusters.data import describe
from creative_clusters.exercises import SEALED, Expected, seal

FOLDERS: dict[Audience, str] = {
    "student": "student-notebooks",
    "teacher": "teacher-notebooks",
}
NEEDED_BY_ALL = {"places", "sources"}  # the package looks places and sources up in them

# What runs notebooks brings its own, and another one would break Colab's.
BROUGHT = {"ipython"}
IMPORTED = re.compile(r"^(?:from|import) ([A-Za-z_]\w*)", re.MULTILINE)
PIN = re.compile(r"^([\w.-]+)==(\S+)(?: ; (.*))? \\$", re.MULTILINE)
# Parts of a pin's marker that only say for what the pins were compiled.
COMPILED_FOR = re.compile(
    r"( and )?\(sys_platform[^)]*\)|( and )?python_full_version < '3.14'( and )?"
)

READ_ME = """\
# {book}: {what}

Each notebook is one page of the book. Open it in JupyterLab, Notebook or VS Code and
run all cells; nothing is fetched from anywhere.

You need Python 3.11, 3.12 or 3.13, and in this folder, once:

    pip install -r requirements.txt jupyterlab
    jupyter lab

In Google Colab open one notebook, put {archive} into the session's files and
run the first cell.

Leave notebooks, `data` and `creative_clusters` side by side: the notebooks find the
tables and the book's functions there.{answers}

Made on {day} {commit}
{licence}
The licence of each table stands at the end of the notebooks that use it, and in
`data/datapackage.json`.
"""
WHAT = {"student": "notebooks for students", "teacher": "notebooks with solutions"}
ANSWERS = """ `check()` compares your answers with those in
`creative_clusters/answers.sealed`."""


class Copy(NamedTuple):
    """A page of which copies are made, in its parts."""

    page: Page
    parts: list[Part]
    tables: frozenset[str]


class Source(NamedTuple):
    """All that copies are made of."""

    root: Path
    copies: list[Copy]
    day: date
    commit: str

    @property
    def answers(self) -> dict[str, Expected]:
        """The right answers of all exercises that have one."""
        return {k: v for copy in self.copies for k, v in copy.page.answers.items()}


def read_source(root: Path, out: Path) -> Source:
    """Read the pages; their cells are not run again if the build has run them."""
    book = root / "book"
    pages = run_pages(book, cells_of(root, out))
    repository = public_address(git(root, "remote", "get-url", "origin"))
    online = pages_address(repository) if repository else ""
    shelf = Shelf(frozenset(page.name for page in pages), online)
    filler = Filler(pages, book)
    copies = []
    for page in pages:
        found = parts(page, filler, shelf)
        copies.append(Copy(page, found, frozenset(filler.tables)))
    return Source(root, copies, *made_from(root))


def files(source: Source, audience: Audience) -> Iterator[tuple[str, bytes]]:
    """Every file of a set: its path in the set's folder and its content."""
    folder = FOLDERS[audience]
    code: list[str] = []
    for copy in source.copies:
        made = notebook(copy.parts, audience, folder)
        code += [cell.source for cell in made.cells if cell.cell_type == "code"]
        text = nbformat.writes(made) + "\n"
        yield f"{stem(copy.page.name)}.ipynb", text.encode()
    yield from beside(source.root, set().union(*(c.tables for c in source.copies)))
    yield f"creative_clusters/{SEALED.name}", seal(source.answers).encode()
    yield "requirements.txt", requirements(source.root, code).encode()
    made_from = f"from commit {source.commit}." if source.commit else ""
    read_me = READ_ME.format(
        book=f"{TITLE}: {SUBTITLE.lower()}",
        what=WHAT[audience],
        archive=f"{folder}.zip",
        answers=ANSWERS,
        day=source.day.isoformat(),
        commit=made_from or "from an unfinished state.",
        licence=LICENCE,
    )
    yield "README.md", read_me.encode()


def beside(root: Path, tables: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The package, the tables that are used, and what describes them."""
    yield "data/datapackage.json", (root / "data" / "datapackage.json").read_bytes()
    for name in sorted({*tables} | NEEDED_BY_ALL):
        path = f"data/{describe(name)['path']}"
        yield path, (root / path).read_bytes()
    for module in sorted((root / "creative_clusters").glob("*.py")):
        yield f"creative_clusters/{module.name}", module.read_bytes()
    for name in ("LICENSE", "LICENSE-TEXT.md"):
        yield name, (root / name).read_bytes()


def requirements(root: Path, code: Iterable[str]) -> str:
    """The book's own pins of what notebooks and package import, and no others."""
    modules = [
        path.read_text(encoding="utf-8")
        for path in (root / "creative_clusters").glob("*.py")
    ]
    names = {name for text in (*code, *modules) for name in IMPORTED.findall(text)}
    wanted = {
        distributions()[name].lower().replace("_", "-")
        for name in names - {*sys.stdlib_module_names, "creative_clusters"}
    } - BROUGHT
    pins = (root / "requirements.txt").read_text(encoding="utf-8")
    lines = []
    for name, version, marker in PIN.findall(pins):
        if name in wanted:
            kept = COMPILED_FOR.sub("", marker)
            lines.append(f"{name}=={version}" + (f" ; {kept}" if kept else ""))
    if missing := wanted - {line.partition("==")[0] for line in lines}:
        raise ValueError(f"requirements.txt pins no {', '.join(sorted(missing))}.")
    return "\n".join(lines) + "\n"


@cache
def distributions() -> dict[str, str]:
    """The name under which each module is installed."""
    return {module: found[0] for module, found in packages_distributions().items()}


def pack(source: Source, audience: Audience, out: Path) -> Path:
    """Write a set into ``out``, as a folder and as an archive; return the archive.

    The same state of the book gives the same archive, byte for byte.
    """
    folder = FOLDERS[audience]
    archive = out / f"{folder}.zip"
    shutil.rmtree(out / folder, ignore_errors=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in sorted(files(source, audience)):
            path = out / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            packed.writestr(entry(f"{folder}/{name}", source.day), content)
    return archive
