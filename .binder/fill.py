"""Write numbers, facts and sources into the pages, for reading them in JupyterLab.

JupyterLab draws a page's text but cannot look up what the book's build does: there
``{glue:text}`rise:.1f``` would stay as it is. So each page is run once while a Binder
image is made, and what stands in the book is written into the copy in the image.
Anything that cannot be found fails the image.
"""

import os
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jupytext
from jupyter_cache import get_cache
from myst_nb.core.variables import format_plain_text
from nbclient import NotebookClient
from nbformat import NotebookNode
from pybtex.database import parse_file

from creative_clusters.data import DataError, fact, load
from creative_clusters.record import FIGURE, FINDINGS, GLUE, SWITCH

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book" / "_ext"))
from clusters_book.execution import FED_TO_PAGES, fingerprint
from clusters_book.quiz_source import fill_plain

ROLE = re.compile(r"\{([a-z:]+)\}`([^`]+)`")
TITLED = re.compile(r"(.+?)\s*<.+>")
FOLDED = {"hide-input", "remove-input", "remove-cell"}

# Blocks that only Sphinx draws, and what stands in their place.
BLOCKS = (
    (
        re.compile(r"^(`{3,}|:{3,})\{page-sources\}\n\1$", re.M),
        "The numbers in brackets lead to the sources. They are listed, with those of "
        "the tables and with all licences, at the end of this page in the online book.",
    ),
    (re.compile(r"^(:{3,})\{container\}.*\n([\s\S]*?)\n\1$", re.M), r"\2"),
    (re.compile(r"^(`{3,})\{solution-start\}[\s\S]*?\n\1$", re.M), "**Solution**"),
    (re.compile(r"^(`{3,})\{solution-end\}\n\1$", re.M), ""),
)


class Page:
    """A page that was run, and what its code handed on."""

    def __init__(self, path: Path, book: Path) -> None:
        """Read the page; ``run`` does the rest."""
        self.path = path
        self.name = path.relative_to(book).with_suffix("").as_posix()
        self.notebook: NotebookNode = jupytext.read(path, fmt="md:myst")
        self.glued: dict[str, str] = {}
        self.figures: dict[str, str] = {}
        self.verdict = ""
        self.findings: dict[str, str] = {}

    def run(self) -> None:
        """Run the code and keep what it handed on."""
        for cell in (self.already_run() or self.run_now()).cells:
            for output in cell.get("outputs", ()):
                self.keep(output.get("data", {}), output.get("metadata", {}))

    def already_run(self) -> NotebookNode | None:
        """The page as the book's build has run it, on the same data and packages."""
        root = Path(__file__).resolve().parents[1]
        cells = root / "_build" / ".jupyter_cache" / fingerprint(root, FED_TO_PAGES)
        if not cells.is_dir():  # as on Binder, where nothing was built
            return None
        try:
            cache = get_cache(cells)
            found = cache.match_cache_notebook(self.notebook)
        except KeyError:
            return None
        return cache.get_cache_bundle(found.pk).nb

    def run_now(self) -> NotebookNode:
        """The page, run."""
        resources = {"metadata": {"path": str(self.path.parent)}}
        NotebookClient(self.notebook, timeout=120, resources=resources).execute()
        return self.notebook

    def keep(self, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Keep one output: a glued value, a figure's caption, or the findings."""
        if GLUE + "text/plain" in data:
            self.glued[metadata["scrapbook"]["name"]] = data[GLUE + "text/plain"]
        for kind in {FIGURE, SWITCH} & data.keys():
            self.figures[data[kind]["name"]] = data[kind]["caption"]
        if FINDINGS in data:
            said = data[FINDINGS]
            self.verdict = said["verdict"]
            self.findings = {f["key"]: f["sentence"] for f in said["findings"]}


def authors(entry: Any, last: str) -> str:
    """Who wrote it, as citations say it."""
    people = entry.persons.get("author") or entry.persons["editor"]
    names = [" ".join(p.prelast_names + p.last_names).strip("{}") for p in people]
    if len(names) > 2:
        return f"{names[0]} et al."
    return last.join(names)


class Filler:
    """Puts text in the place of roles, page by page."""

    def __init__(self, pages: list[Page], book: Path) -> None:
        """Have everything at hand that roles can ask for."""
        self.pages = {page.name: page for page in pages}
        self.book = book
        self.sources = load("sources").set_index("source_id")
        self.cited = parse_file(book / "references.bib").entries
        self.roles: dict[str, Callable[[Page, str], str]] = {
            "glue:text": self.glue,
            "fact": self.fact,
            "source": self.source,
            "verdict": lambda page, text: self.pages[text].verdict,
            "finding": self.finding,
            "numref": self.numref,
            "cite": self.cite_in_brackets,
            "cite:p": self.cite_in_brackets,
            "cite:t": self.cite_in_text,
            "doc": self.titled,
            "ref": self.titled,
            "term": self.titled,
        }

    def fill(self, page: Page) -> str:
        """The page with everything looked up."""
        self.numbers: dict[str, int] = {}
        notebook = page.notebook
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
                if FOLDED & set(cell.metadata.get("tags", ())):
                    cell.metadata["jupyter"] = {"source_hidden": True}
                continue
            cell.source = fill_plain(cell.source)
            for block, instead in BLOCKS:
                cell.source = block.sub(instead, cell.source)
            cell.source = ROLE.sub(
                lambda m: self.look_up(page, *m.groups()), cell.source
            )
        text: str = jupytext.writes(notebook, fmt="md:myst")
        return text

    def look_up(self, page: Page, role: str, text: str) -> str:
        """What stands in the book for one role; roles that Lab draws stay."""
        if role not in self.roles:
            return f"{{{role}}}`{text}`"
        try:
            found = self.roles[role](page, text)
        except (DataError, KeyError, ValueError) as error:
            sys.exit(f"{page.name}: nothing found for {{{role}}}`{text}`: {error}")
        return found or sys.exit(f"{page.name}: {{{role}}}`{text}` is empty")

    def glue(self, page: Page, text: str) -> str:
        """A number of this page, or of another: ``other.md::key:format``."""
        other, _, address = text.rpartition("::")
        if other:
            path = (page.path.parent / other).resolve().relative_to(self.book)
            page = self.pages[path.with_suffix("").as_posix()]
        key, _, spec = address.partition(":")
        return str(format_plain_text(page.glued[key], spec or "s"))

    def fact(self, page: Page, text: str) -> str:
        """A published value and its source."""
        value, source_id = fact(text)
        return value + self.source(page, source_id)

    def source(self, page: Page, text: str) -> str:
        """A small number that leads to the source itself."""
        number = self.numbers.setdefault(text, len(self.numbers) + 1)
        row = self.sources.loc[text]
        return f" [[{number}]](<{row['url']}>)"

    def finding(self, page: Page, text: str) -> str:
        """A finding of some page."""
        name, _, key = text.partition(":")
        return self.pages[name].findings[key]

    def numref(self, page: Page, text: str) -> str:
        """A figure by its caption: outside the book it has no number."""
        captions = {k: v for p in self.pages.values() for k, v in p.figures.items()}
        return f"figure “{captions[text].split('. ')[0].rstrip('.')}”"

    def cite_in_brackets(self, page: Page, text: str) -> str:
        """(Author, year; author, year)."""
        entries = [self.cited[key.strip()] for key in text.split(",")]
        said = [f"{authors(entry, ' & ')}, {entry.fields['year']}" for entry in entries]
        return f"({'; '.join(said)})"

    def cite_in_text(self, page: Page, text: str) -> str:
        """Author (year)."""
        entry = self.cited[text]
        return f"{authors(entry, ' and ')} ({entry.fields['year']})"

    def titled(self, page: Page, text: str) -> str:
        """The words of a link whose target is another page of the book."""
        match = TITLED.fullmatch(text)
        return match[1] if match else text


def main(book: Path) -> None:
    """Run every page that has a kernel, then fill it."""
    found = [Page(path, book) for path in sorted(book.rglob("*.md"))]
    pages = [page for page in found if "kernelspec" in page.notebook.metadata]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(Page.run, pages))  # the list raises what a page raised
    filler = Filler(pages, book)
    filled = {page.path: filler.fill(page) for page in pages}
    for path, text in filled.items():
        path.write_text(text, encoding="utf-8")
    print("Filled:", ", ".join(page.name for page in pages))


if __name__ == "__main__":
    main(Path(__file__).resolve().parents[1] / "book")
