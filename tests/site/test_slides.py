"""Slides: one deck a lesson, true to its page, readable, and the same on paper."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup, Tag
from clusters_book.decks import DeckError, Lesson, page, read_deck
from formats import offer, slides
from playwright.sync_api import Browser, Page
from pypdf import PdfReader
from served import served
from visits import WATCH

from creative_clusters.record import LESSONS

ROOT = Path(__file__).parents[2]
DECKS = ROOT / "book" / "teaching" / "decks"
SIZE: Any = {"width": 1280, "height": 720}
SMALLEST = 24  # pixels of 720, for the last row
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FILES = dict.fromkeys(
    ("reveal.css", "book.css", "deck.css", "reveal.js", "deck.js"), ""
)
# What is cut off, too near the edge, or set too small, on every slide of a deck.
FAULTS = """smallest => {
  const faults = [];
  for (const face of document.querySelectorAll(".deck .face")) {
    const shown = face.parentElement.style.cssText, name = face.parentElement.id;
    face.parentElement.hidden = false;
    face.parentElement.style.display = "block";
    const edge = face.getBoundingClientRect();
    if (face.scrollHeight > 720 || face.scrollWidth > 1280)
      faults.push([name, "slide"]);
    const number = face.querySelector(".number").getBoundingClientRect();
    for (const part of face.querySelectorAll("img, .said *")) {
      const box = part.getBoundingClientRect();
      const right = box.right - edge.left, bottom = box.bottom - edge.top;
      if (right > 1272 || bottom > 712)
        faults.push([name, part.outerHTML.slice(0, 60)]);
      const below = box.bottom > number.top && box.right > number.left;
      if (below && !part.childElementCount && part.tagName !== "IMG")
        faults.push([name, "meets the number", part.textContent.slice(0, 60)]);
    }
    for (const part of face.querySelectorAll("*"))
      if (parseFloat(getComputedStyle(part).fontSize) < smallest && part.textContent)
        faults.push([name, "small", part.textContent.slice(0, 60)]);
    face.parentElement.style.cssText = shown;
  }
  return faults;
}"""
GOOD = "---\nminutes: 3\n---\n\n# One\n\n{}\n\n### Notes: 3 minutes\n\nSay it.\n"


@pytest.fixture(scope="module")
def decks(book: Path) -> dict[str, BeautifulSoup]:
    """The built decks, parsed, by the name of their lesson."""
    return {
        path.stem: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted((book / "slides").glob("*.html"))
    }


@pytest.fixture(scope="module")
def opened(chromium: Browser, book: Path) -> Iterator[Page]:
    """A browser window as large as a slide, with the site behind it."""
    with served(book) as address, chromium.new_context(viewport=SIZE) as context:
        context.add_init_script(WATCH)
        window = context.new_page()
        window.goto(f"{address}slides/place.html")
        yield window


def show(window: Page, name: str) -> None:
    """Open a deck and wait until it can be turned."""
    window.goto(f"{window.url.partition('slides/')[0]}slides/{name}.html")
    window.locator(".deck.ready").wait_for()


def made_of(deck: BeautifulSoup) -> list[tuple[str, str, str]]:
    """The findings of a deck: state, sentence and interval."""
    parts = (".state", ".sentence", ".interval")
    return [
        tuple(found.select_one(part).get_text() for part in parts)
        for found in deck.select(".finding")
    ]


def test_each_lesson_has_a_deck_and_its_page_leads_there(
    book: Path, decks: dict[str, BeautifulSoup]
) -> None:
    assert sorted(decks) == sorted(LESSONS)
    for name, deck in decks.items():
        for place in (f"lessons/{name}", "teaching/slides"):
            text = (book / f"{place}.html").read_text(encoding="utf-8")
            assert f'href="../slides/{name}.html"' in text, place
        assert deck.select_one(f'a[href="../lessons/{name}.html"]'), name


def test_decks_show_figures_and_findings_as_their_page_has_them(
    book: Path, decks: dict[str, BeautifulSoup]
) -> None:
    record = json.loads((book.parent / "record.json").read_text(encoding="utf-8"))
    for name, deck in decks.items():
        known = record[f"lessons/{name}"]
        pictures = deck.select(".face img")
        assert 2 <= len(pictures) <= 4, name
        for picture in pictures:
            file = book / "slides" / str(picture["src"])
            assert file.is_file()
            assert picture["alt"] == known["figures"][file.stem]["alt"]
            credit = picture.find_parent("section").select_one(".credit")
            assert credit.get_text().startswith("Source: ")
        on_page = [
            (f["state"].capitalize(), f["sentence"] + ".", f["interval"])
            for f in known["findings"].values()
        ]
        said = [tuple(s.replace("’", "'") for s in one) for one in made_of(deck)]
        assert len(said) >= 4, name
        assert set(said) <= set(on_page), name
        # A deck that left out all doubt would not be the lesson.
        assert {state for state, _, _ in said} > {"Supported"}, name


def test_minutes_add_up_and_stand_in_the_notes(
    decks: dict[str, BeautifulSoup],
) -> None:
    for name, deck in decks.items():
        told = read_deck(name, (DECKS / f"{name}.md").read_text(encoding="utf-8"))
        assert 10 <= len(told.slides) <= 13, name
        assert 18 <= told.minutes <= 22, name
        times = [t.get_text() for t in deck.select(".notes .timing")]
        assert len(times) == len(told.slides)
        spans = [re.findall(r"[\d.]+", said)[2:] for said in times]
        assert [first for first, _ in spans] == ["0", *(last for _, last in spans[:-1])]
        assert spans[-1][1] == str(told.minutes)
        assert all(len(note.get_text()) > 80 for note in deck.select(".notes"))


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        (GOOD.replace("minutes: 3", "minutes: 4"), "add up to 3 minutes"),
        (GOOD.replace("### Notes: 3 minutes", ""), "needs one line such as"),
        (GOOD.replace("---\nminutes: 3\n---\n", ""), "begin with its length"),
        (GOOD.format("{figure}`no-such`"), "has no figure 'no-such'"),
        (GOOD.format("{finding}`no-such`"), "has no finding 'no-such'"),
        (GOOD.format("{glue:text}`no_such:.0f`"), "glues no 'no_such'"),
        (GOOD.format("{fact}`no_such.row`"), "no_such"),
        (GOOD.format("{ref}`there`"), "decks know only"),
    ],
)
def test_fault_of_a_deck_is_named_with_its_remedy(wrong: str, remedy: str) -> None:
    lesson = Lesson("lessons/place", "Place matters", "", {}, {}, {})
    with pytest.raises(DeckError, match=re.escape(remedy)):
        page(read_deck("place", wrong), lesson, FILES)


def test_changed_number_changes_the_slide() -> None:
    deck = read_deck("place", GOOD.format("{glue:text}`spaces:.0f` spaces"))
    lesson = Lesson("lessons/place", "Place matters", "", {}, {}, {"spaces": "33.2"})
    assert "33 spaces" in page(deck, lesson, FILES)
    assert "34 spaces" in page(deck, replace(lesson, glued={"spaces": "34"}), FILES)


def test_no_slide_is_cut_off_or_small(opened: Page) -> None:
    for name in LESSONS:
        show(opened, name)
        assert opened.evaluate(FAULTS, SMALLEST) == [], name


def test_keys_turn_the_slides_and_nothing_is_refused_or_asked_elsewhere(
    opened: Page,
) -> None:
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    show(opened, "place")

    def shown() -> str:
        return str(opened.locator("section.present .number").inner_text())

    last = opened.locator(".deck .face").count()
    seen = [shown()]
    for key in ("ArrowRight", "Space", "ArrowLeft", "End", "Home"):
        opened.keyboard.press(key)
        seen.append(shown())
    numbers = [int(said.partition(" /")[0]) for said in seen]
    assert numbers == [1, 2, 3, 2, last, 1]
    assert opened.evaluate("refused") == []
    site = opened.url.partition("slides/")[0]
    assert not [url for url in asked if not url.startswith((site, "data:"))]


def test_speakers_window_shows_the_notes_and_moves_with_the_slides(
    opened: Page,
) -> None:
    show(opened, "place")
    opened.keyboard.press("ArrowRight")
    with opened.expect_popup() as popup:
        opened.keyboard.press("s")
    notes = popup.value
    notes.locator(".deck.ready").wait_for()
    spoken = notes.locator(".speaker-notes .timing")
    assert spoken.inner_text().startswith("Slide 2 of")
    assert re.fullmatch(r"\d+:\d\d", notes.locator(".clock").inner_text())
    opened.keyboard.press("ArrowRight")
    notes.locator(".speaker-notes .timing", has_text="Slide 3 of").wait_for()
    notes.keyboard.press("ArrowLeft")
    opened.locator("#slide-2.present").wait_for()
    assert notes.evaluate("refused") == []
    notes.close()


def test_deck_is_accessible(opened: Page) -> None:
    show(opened, "place")
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    for place in ("", "#/3"):  # the opening, and a figure
        opened.evaluate("place => { location.hash = place }", place)
        number = 4 if place else 1
        opened.locator(f"#slide-{number}.present").wait_for()
        found = Axe().run(opened, options=options).response["violations"]
        faults = [(f["id"], n["html"][:120]) for f in found for n in f["nodes"]]
        assert not faults, place


def test_deck_reads_without_scripts(chromium: Browser, book: Path) -> None:
    with chromium.new_context(java_script_enabled=False, viewport=SIZE) as context:
        window = context.new_page()
        window.goto((book / "slides" / "place.html").as_uri())
        assert window.locator(".deck h2").last.is_visible()
        assert not window.locator(".deck .notes").first.is_visible()


@pytest.fixture(scope="module")
def printed(
    tmp_path_factory: pytest.TempPathFactory, book: Path, chromium: Browser
) -> list[slides.Printed]:
    """One deck on paper, without and with notes."""
    folder = tmp_path_factory.mktemp("slides")
    deck = book / "slides" / "place.html"
    return slides.print_deck(deck, folder, chromium, date(2026, 11, 30))


def test_printed_deck_has_a_page_a_slide_and_none_blank(
    printed: list[slides.Printed], decks: dict[str, BeautifulSoup]
) -> None:
    deck, handout = printed
    sheets = pypdfium2.PdfDocument(deck.path)
    assert len(sheets) == deck.slides == len(decks["place"].select(".face"))
    titles = [str(title.get_text()) for title in decks["place"].select(".face h2")]
    for sheet, title in zip(sheets, titles, strict=True):
        assert sheet.get_size() == (960, 540)  # points: 1280 by 720 pixels
        text = " ".join(sheet.get_textpage().get_text_bounded().split())
        assert title in text
    paper = pypdfium2.PdfDocument(handout.path)
    assert len(paper) == (handout.slides + 1) // 2
    texts = [sheet.get_textpage().get_text_bounded() for sheet in paper]
    timed = [len(re.findall(r", minute \d", text)) for text in texts]
    assert min(timed) >= 1
    assert sum(timed) == handout.slides
    meta = PdfReader(deck.path)
    assert meta.metadata.title == "Place matters: slides"
    assert meta.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_printed_decks_are_offered_until_a_deck_changes(
    book: Path, tmp_path: Path, printed: list[slides.Printed]
) -> None:
    for name in (offer.SLIDES_PAGE, "slides/place"):
        target = tmp_path / f"{name}.html"
        target.parent.mkdir()
        target.write_bytes((book / f"{name}.html").read_bytes())

    def offered() -> list[Tag]:
        text = (tmp_path / f"{offer.SLIDES_PAGE}.html").read_text(encoding="utf-8")
        return BeautifulSoup(text, "html.parser").select(".formats.slides a")

    for one in printed:
        offer.put(tmp_path, one.path)
    links = [str(link["href"]) for link in offered()]
    assert links == [f"../downloads/{one.path.name}" for one in printed]
    offer.withdraw_slides(tmp_path)
    assert offered() == []
    assert not list((tmp_path / "downloads").iterdir())


def test_reveal_comes_with_its_licence(book: Path) -> None:
    folder = book / "_static" / "reveal"
    licence = (folder / "reveal-licence.txt").read_text(encoding="utf-8")
    assert "Hakim El Hattab" in licence
    assert {path.suffix for path in folder.iterdir()} == {".css", ".js", ".txt"}


def test_print_from_the_browser_has_a_page_a_slide(
    opened: Page, tmp_path: Path
) -> None:
    show(opened, "place")
    opened.keyboard.press("End")
    opened.pdf(path=tmp_path / "deck.pdf", prefer_css_page_size=True)
    sheets = pypdfium2.PdfDocument(tmp_path / "deck.pdf")
    assert len(sheets) == opened.locator(".deck .face").count()
    assert all(sheet.get_textpage().count_chars() > 30 for sheet in sheets)
