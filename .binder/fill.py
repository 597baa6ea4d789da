"""Write numbers, facts and sources into the pages, for reading them in JupyterLab.

JupyterLab draws a page's text but cannot look up what the book's build does: there
``{glue:text}`rise:.1f``` would stay as it is. So each page is run once while a Binder
image is made, and what stands in the book is written into the copy in the image.
Anything that cannot be found fails the image.
"""

import re
import sys
from pathlib import Path

import jupytext

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book" / "_ext"))
from clusters_book.quiz_source import fill_plain
from copies.filling import Filler, NotFilled
from copies.notebooks import FOLDED
from copies.pages import Page, cells_of, run_pages

ROOT = Path(__file__).resolve().parents[1]
DRAWN = ("math",)  # roles that JupyterLab draws

FENCE = r"^(`{3,}|:{3,})\{%s\}%s\n\1$"
CONTAINER = re.compile(FENCE % ("container", r".*\n([\s\S]*?)"), re.MULTILINE)
SOLUTION = re.compile(FENCE % ("solution-start", r"[\s\S]*?"), re.MULTILINE)
SOLUTION_END = re.compile(FENCE % ("solution-end", ""), re.MULTILINE)
WRITTEN = re.compile(FENCE % (r"([a-z-]+)", ""), re.MULTILINE)  # what is looked up


def fill(filler: Filler, page: Page) -> str:
    """The page with everything looked up."""
    filler.start(page)

    def written(match: "re.Match[str]") -> str:
        found = filler.directives.get(match[2])
        return found() if found else match[0]

    notebook = page.notebook
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            if FOLDED & set(cell.metadata.get("tags", ())):
                cell.metadata["jupyter"] = {"source_hidden": True}
            continue
        text = CONTAINER.sub(r"\2", fill_plain(cell.source))
        text = SOLUTION.sub("**Solution**", text)
        text = SOLUTION_END.sub("", text)
        cell.source = WRITTEN.sub(written, filler.fill(page, text, DRAWN))
    filled: str = jupytext.writes(notebook, fmt="md:myst")
    return filled


def main(book: Path) -> None:
    """Run every page that has a kernel, then fill it."""
    pages = run_pages(book, cells_of(ROOT, ROOT / "_build"))
    filler = Filler(pages, book)
    try:
        filled = {page.path: fill(filler, page) for page in pages}
    except NotFilled as error:
        sys.exit(str(error))
    for path, text in filled.items():
        path.write_text(text, encoding="utf-8")
    print("Filled:", ", ".join(page.name for page in pages))


if __name__ == "__main__":
    main(ROOT / "book")
