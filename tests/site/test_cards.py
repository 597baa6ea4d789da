"""What chats show of a page: a picture of its first figure, small enough to load."""

import json
from pathlib import Path

import pytest
from clusters_book.cards import card, drawn, file_name, fitted, fonts, is_current
from parsed import parsed
from PIL import Image

SITE = "https://someone.github.io/fork/"
MOST_BYTES = 60 * 1024
FIGURE = (
    '<?xml version="1.0"?>\n<!DOCTYPE svg>\n<svg xmlns="http://www.w3.org/2000/svg" '
    'width="100pt" height="50pt" viewBox="0 0 100 50">'
    '<rect width="100" height="50" fill="#ff0000"/></svg>'
)


@pytest.fixture(scope="module")
def record(book: Path) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """What each page handed on."""
    return json.loads((book.parent / "record.json").read_text(encoding="utf-8"))


def test_every_page_has_a_small_card_of_the_asked_size(
    forked_book: Path, record: dict[str, object]
) -> None:
    for page in record:
        file = forked_book / file_name(page)
        assert file.stat().st_size <= MOST_BYTES, page
        with Image.open(file) as picture:
            assert picture.size == (1200, 630)
            assert picture.mode == "P"


def test_page_names_its_card_and_says_what_it_shows(
    forked_book: Path, record: dict[str, dict[str, dict[str, dict[str, str]]]]
) -> None:
    for page in ("lessons/tensions", "reference/glossary"):
        soup = parsed(forked_book / f"{page}.html")
        told = {
            meta.get("property", meta.get("name")): meta["content"]
            for meta in soup.select("meta[property], meta[name]")
        }
        assert told["og:image"] == SITE + file_name(page)
        assert told["twitter:card"] == "summary_large_image"
        figures = record[page].get("figures", {})
        alts = [figure["alt"] for figure in figures.values()]
        assert told["og:image:alt"] in (alts or ["The title of the page: Glossary"])


def test_card_shows_figure_and_knows_what_it_was_made_from(tmp_path: Path) -> None:
    svg, file = card("Title", "Book, an edition", FIGURE), tmp_path / "card.png"
    assert not is_current(file, svg)
    file.write_bytes(drawn(svg))
    assert is_current(file, svg)
    assert not is_current(file, card("Other", "Book, an edition", FIGURE))
    with Image.open(file) as picture:
        red = picture.convert("RGB").getpixel((820, 315))
    assert red[0] > 240
    assert red[1] < 20


def test_long_titles_get_smaller_and_stay_inside() -> None:
    size, lines = fitted("Responsibilities " * 8, 84, 400, 300, fonts()[0])
    assert size < 84
    assert len(lines) * size * 1.15 <= 300
