"""Links to the other forms of the book, on the pages that speak of them.

A page marks the place with ``<div class="formats"></div>``, which stays empty until
there are files to link. They lie in ``downloads/`` of the site. When the book is built
anew they are older than its pages: :func:`withdraw` takes them out again.
"""

import html as markup
import re
import shutil
from functools import partial
from pathlib import Path

FOLDER = "downloads"
STEM = "creative-cluster-development"
FORMS = {
    f"{STEM}.pdf": ("PDF", "for paper and for a reader’s desk, A4"),
    f"{STEM}.epub": ("ePub", "for e-readers and phones"),
    f"{STEM}-offline.zip": (
        "Offline copy",
        "the site in one archive; unpack it and double click “Open the book”",
    ),
    "student-notebooks.zip": (
        "Notebooks for students",
        "every page with code, its tables beside it, the solutions left out",
    ),
    "teacher-notebooks.zip": ("Notebooks for teachers", "the same, with solutions"),
}
PAGES = {  # and whose name what they offer ends with
    "index": "",
    "start/read": "",
    "teaching/notebooks": "notebooks.zip",
}
MARK = '<div class="formats"></div>'
PLACE = re.compile(r'<div class="formats">.*?</div>', re.DOTALL)

# Printed slides have a page of their own; each file begins with this.
SLIDES, SLIDES_PAGE = "slides-", "teaching/slides"
SLIDES_FORMS = {".pdf": "PDF", "-notes.pdf": "PDF with notes"}
SLIDES_MARK = '<div class="formats slides"></div>'
SLIDES_PLACE = re.compile(r'<div class="formats slides">.*?</div>', re.DOTALL)


def empty(page: str) -> str:
    """The page without links to other forms."""
    return SLIDES_PLACE.sub(SLIDES_MARK, PLACE.sub(MARK, page))


def links(folder: Path, up: str, ending: str = "") -> str:
    """A list of the files that are there, with what they are for and their size."""
    items = []
    for name, (form, use) in FORMS.items():
        path = folder / name
        if name.endswith(ending) and path.is_file():
            size = f"{path.stat().st_size / 1e6:.0f} MB"
            link = f'<a href="{up}{FOLDER}/{name}" download="">{form}</a>'
            items.append(f"<li><p>{link}, {markup.escape(use)} ({size})</p></li>")
    return f'<ul class="simple">{"".join(items)}</ul>' if items else ""


def slide_links(folder: Path, up: str) -> str:
    """A list of the printed slides that are there, one line a deck."""
    items = []
    for deck in sorted((folder.parent / "slides").glob("*.html")):
        title = re.search("<title>(.*?)</title>", deck.read_text(encoding="utf-8"))
        printed = [
            f'<a href="{up}{FOLDER}/{path.name}" download="">{form}</a> '
            f"({path.stat().st_size / 1e6:.1f} MB)"
            for ending, form in SLIDES_FORMS.items()
            if (path := folder / f"{SLIDES}{deck.stem}{ending}").is_file()
        ]
        if title and printed:
            items.append(f"<li><p>{title[1]}, {', '.join(printed)}</p></li>")
    return f'<ul class="simple">{"".join(items)}</ul>' if items else ""


def offer(html: Path) -> None:
    """Write the links into the pages of the built site."""
    places = [(name, MARK, partial(links, ending=end)) for name, end in PAGES.items()]
    places.append((SLIDES_PAGE, SLIDES_MARK, partial(slide_links)))
    for name, mark, listed in places:
        path = html / f"{name}.html"
        if not path.is_file():  # a book of fewer pages
            continue
        page = path.read_text(encoding="utf-8")
        shown = listed(html / FOLDER, "../" * name.count("/"))
        offered = empty(page).replace(mark, mark.replace("><", f">{shown}<"))
        if offered != page:
            path.write_text(offered, encoding="utf-8")


def put(html: Path, made: Path) -> None:
    """Put a file into the site and link it."""
    (html / FOLDER).mkdir(exist_ok=True)
    shutil.copyfile(made, html / FOLDER / made.name)
    offer(html)


def withdraw_slides(html: Path) -> None:
    """Take printed slides out that are older than the decks."""
    for old in (html / FOLDER).glob(f"{SLIDES}*.pdf"):
        old.unlink()
    offer(html)


def withdraw(html: Path) -> None:
    """Take files of an older state out of the site, and the links to them."""
    shutil.rmtree(html / FOLDER, ignore_errors=True)
    offer(html)
