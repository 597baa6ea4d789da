"""A page that was run, and what its code handed on."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jupytext
from clusters_book.execution import FED_TO_PAGES, fingerprint
from jupyter_cache import get_cache
from nbclient import NotebookClient
from nbformat import NotebookNode

from creative_clusters.exercises import Expected
from creative_clusters.record import ANSWER, CASE, FIGURE, FINDINGS, GLUE, SWITCH

TABLE = "table:"  # how the name of a table that was loaded is glued


class Page:
    """A page of the book with code."""

    def __init__(self, path: Path, book: Path) -> None:
        """Read the page; ``run`` does the rest."""
        self.path = path
        self.name = path.relative_to(book).with_suffix("").as_posix()
        self.notebook: NotebookNode = jupytext.read(path, fmt="md:myst")
        self.glued: dict[str, str] = {}
        self.figures: dict[str, str] = {}
        self.verdict = ""
        self.findings: dict[str, str] = {}
        self.answers: dict[str, Expected] = {}
        self.tables: set[str] = set()
        self.seen: dict[str, str] = {}

    @property
    def title(self) -> str:
        """The heading of the page."""
        text = "\n".join(cell.source for cell in self.notebook.cells)
        return next(
            line.removeprefix("# ")
            for line in text.splitlines()
            if line.startswith("# ")
        )

    def run(self, cache: Path | None = None) -> None:
        """Keep what the code hands on; it is run, unless the cache has it."""
        for cell in (self.already_run(cache) or self.run_now()).cells:
            for output in cell.get("outputs", ()):
                self.keep(output.get("data", {}), output.get("metadata", {}))

    def already_run(self, cache: Path | None) -> NotebookNode | None:
        """The page as the book's build has run it, on the same data and packages."""
        if cache is None or not cache.is_dir():  # as on Binder: nothing was built
            return None
        try:
            kept = get_cache(cache)
            found = kept.match_cache_notebook(self.notebook)
        except KeyError:
            return None
        ran: NotebookNode = kept.get_cache_bundle(found.pk).nb
        return ran

    def run_now(self) -> NotebookNode:
        """The page, run."""
        resources = {"metadata": {"path": str(self.path.parent)}}
        NotebookClient(self.notebook, timeout=120, resources=resources).execute()
        return self.notebook

    def keep(self, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Keep one output: glued, a caption, findings, evidence or an answer."""
        if GLUE + "text/plain" in data:
            name = metadata["scrapbook"]["name"]
            self.glued[name] = data[GLUE + "text/plain"]
            if name.startswith(TABLE):
                self.tables.add(name.removeprefix(TABLE))
        for kind in {FIGURE, SWITCH} & data.keys():
            self.figures[data[kind]["name"]] = data[kind]["caption"]
        if FINDINGS in data:
            said = data[FINDINGS]
            self.verdict = said["verdict"]
            self.findings = {f["key"]: f["sentence"] for f in said["findings"]}
        if CASE in data:
            self.seen = {row["lesson"]: row["seen"] for row in data[CASE]["evidence"]}
        if ANSWER in data:
            said = data[ANSWER]
            self.answers[said["label"]] = Expected(said["answer"], said["within"])


def cells_of(root: Path, out: Path) -> Path:
    """The cache of what the cells of this state of the book have given."""
    return out / ".jupyter_cache" / fingerprint(root, FED_TO_PAGES)


def run_pages(book: Path, cache: Path) -> list[Page]:
    """Every page with code, run or taken from the cache, in the order of names."""
    found = [Page(path, book) for path in sorted(book.rglob("*.md"))]
    pages = [page for page in found if "kernelspec" in page.notebook.metadata]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # The list raises what a page raised.
        list(pool.map(lambda page: page.run(cache), pages))
    return pages
