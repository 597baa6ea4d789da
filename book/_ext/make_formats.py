"""Make other forms of the built book: ``make_formats.py pdf epub slides``.

Each is written beside the HTML, put into the site's ``downloads/``, and linked there.
"""

import argparse
import sys
import time
from pathlib import Path

from formats import offer
from formats.chapters import read_edition

ROOT = Path(__file__).parents[2]
FORMS = ("pdf", "epub", "slides", "offline", "notebooks")


def make(form: str, out: Path) -> list[Path]:
    """Make one form of the book in the folder ``out``; return its files.

    Each is imported when asked for: what is printed needs the tests' packages.
    """
    if form == "notebooks":
        from copies import sets

        source = sets.read_source(ROOT, out)
        return [sets.pack(source, audience, out) for audience in sets.FOLDERS]
    edition = read_edition(out / "html", ROOT)
    if form in ("pdf", "slides"):
        from formats import pdf, slides
        from formats.browser import launch
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = launch(playwright)
            if form == "pdf":
                return [pdf.make(edition, out / f"{offer.STEM}.pdf", browser)]
            decks = slides.make(edition.html, out / "slides", browser, edition.day)
            return [deck.path for deck in decks]
    if form == "epub":
        from formats import epub

        return [epub.make(edition, out / f"{offer.STEM}.epub")]
    from formats import offline

    archive = out / f"{offer.STEM}-offline.zip"
    return [offline.pack(edition.html, archive, edition.day, edition.commit)]


def main() -> int:
    """Make what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("forms", nargs="+", choices=FORMS)
    parser.add_argument("--out", type=Path, default=ROOT / "_build")
    options = parser.parse_args()
    out = options.out.resolve()
    for form in options.forms:
        start = time.perf_counter()
        try:
            made = make(form, out)
        except (OSError, RuntimeError, ValueError) as error:
            print(error, file=sys.stderr)
            return 1
        for path in made:
            offer.put(out / "html", path)
            print(f"{path.as_uri()}\n{path.stat().st_size / 1e6:.1f} MB")
        print(f"{time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
