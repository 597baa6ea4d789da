"""Decks as PDF: a slide a page, and two slides a page with what the speaker says.

The pages are those of the site with their scripts held back: without them the slides
stand one below the other, and the style sheet says how they go on paper.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from playwright.sync_api import Browser, Page
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    BooleanObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from formats.offer import SLIDES, SLIDES_FORMS

FOLDER = "slides"
SLIDES_ONLY, WITH_NOTES = SLIDES_FORMS
HANDOUT = "document.documentElement.classList.add('handout')"
READY = (
    "Promise.all([document.fonts.ready, ...[...document.images].map(i => i.decode())])"
)


@dataclass(frozen=True)
class Printed:
    """A printed deck: its file, and how many slides it must show."""

    path: Path
    slides: int


def make(html: Path, out: Path, browser: Browser, day: date) -> list[Printed]:
    """Print all decks of the built site ``html`` into the folder ``out``."""
    decks = sorted((html / FOLDER).glob("*.html"))
    if not decks:
        raise FileNotFoundError(f"No decks in {html / FOLDER}: run `make book` first.")
    out.mkdir(parents=True, exist_ok=True)
    return [one for deck in decks for one in print_deck(deck, out, browser, day)]


def print_deck(deck: Path, out: Path, browser: Browser, day: date) -> list[Printed]:
    """Print one deck without and with its notes."""
    page = browser.new_page()
    page.route("**/*.js*", lambda route: route.abort())
    page.goto(deck.as_uri())
    page.evaluate(READY)
    slides = page.locator(".deck .face").count()
    made = []
    for ending, before in ((SLIDES_ONLY, ""), (WITH_NOTES, HANDOUT)):
        if before:
            page.evaluate(before)
        path = out / f"{SLIDES}{deck.stem}{ending}"
        print_to(page, path, day)
        made.append(Printed(path, slides))
    page.close()
    return made


def print_to(page: Page, path: Path, day: date) -> None:
    """Print what the browser shows, with title, language and date."""
    page.pdf(path=path, prefer_css_page_size=True, tagged=True, outline=True)
    writer = PdfWriter(clone_from=PdfReader(path))
    when = datetime.combine(day, time(), UTC).strftime("D:%Y%m%d%H%M%S+00'00'")
    writer.metadata = {
        "/Title": page.title(),
        "/Author": "The contributors to the executable edition",
        "/CreationDate": when,
        "/ModDate": when,
    }
    root = writer.root_object
    root[NameObject("/Lang")] = TextStringObject("en-GB")
    root[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )
    writer.write(path)
