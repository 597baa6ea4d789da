"""The look of the book: its cover says something true, its type and sheet are light."""

import gzip
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from clusters_book import cover, fonts
from fontTools.ttLib import TTFont
from parsed import parsed

from creative_clusters.data import load

KIB = 1024
FEWEST_ALT_LETTERS = 60
STATES = {"supported", "not distinguishable from chance", "too little data"}


@pytest.fixture(scope="module")
def landing(book: Path) -> BeautifulSoup:
    """The landing page."""
    return BeautifulSoup((book / "index.html").read_text("utf-8"), "html.parser")


@pytest.fixture(scope="module")
def sheet() -> str:
    """The book's own style sheet."""
    root = Path(__file__).parents[2]
    return (root / "book" / "_static" / "book.css").read_text(encoding="utf-8")


def test_cover_says_what_the_table_says(landing: BeautifulSoup) -> None:
    gva = load("uk_area_gva").set_index(["area", "year"])
    media = gva["publishing_film_tv_broadcasting"].astype(float)
    salford = media["Salford", 2019] / media["Salford", 2010]
    said = landing.select_one(".cover-caption").get_text()
    assert f"stood at {salford:.0f} times that of 2010 in Salford" in said
    by_year = media.unstack("year")[[2010, 2019]].dropna()
    large = by_year[by_year[2010] >= cover.LEAST]
    times = large[2019] / large[2010]
    assert f"Salford and {len(times) - 1} other areas" in said
    assert "more than any other" in said
    assert times.idxmax() == "Salford"
    assert f"at {times.median():.1f} times in the area in the middle" in said


def test_cover_has_words_caption_source_and_little_weight(
    landing: BeautifulSoup,
) -> None:
    [drawing] = landing.select("svg.cover-drawing")
    assert drawing["role"] == "img"
    assert len(drawing["aria-label"]) >= FEWEST_ALT_LETTERS
    assert landing.select_one(".cover-caption a")["href"].startswith("lessons/")
    assert landing.select_one(".cover-source").get_text().startswith("Source:")
    assert not drawing.select("[style], style, script")
    assert len(gzip.compress(str(drawing).encode())) < 20 * KIB


def test_cover_of_other_data_says_so() -> None:
    rows = [
        (area, year, value * (1 + (year - cover.BASE) * growth))
        for area, value, growth in (("Salford", 50, 0.01), ("A", 90, 0.1), ("B", 90, 0))
        for year in range(cover.BASE - 2, cover.LAST + 1)
    ]
    table = pd.DataFrame(rows, columns=["area", "year", cover.COLUMN])
    found = cover.growth(table)
    assert found.rank == 2
    assert "number 2 from above" in cover.caption(found)
    table.loc[table["area"] == "A", cover.COLUMN] **= 6
    with pytest.raises(ValueError, match="set LOW and HIGH"):
        cover.drawn(cover.growth(table))


def test_cards_show_how_many_findings_are_in_which_state(
    landing: BeautifulSoup, book: Path
) -> None:
    cards = landing.select(".lesson-cards .sd-card:has(.states)")
    assert len(cards) == 6
    for card in cards:
        lesson = parsed(book / card.select_one("a.sd-stretched-link")["href"])
        findings = lesson.select("ul.findings > li .state")
        words = [one.get_text().rstrip(".").lower() for one in findings]
        said = [one.get_text().split(" ", 1) for one in card.select(".state")]
        counted = {state: int(number) for number, state in said}
        assert set(counted) <= STATES
        assert counted == {state: words.count(state) for state in counted}
        assert sum(counted.values()) == len(words)


def test_font_is_small_renamed_and_holds_the_letters_of_our_titles(book: Path) -> None:
    written = (book / "_static" / fonts.FONT).read_bytes()
    assert len(written) < 30 * KIB
    assert (book / "_static" / fonts.LICENCE).is_file()
    font = TTFont(io.BytesIO(written))
    names = {i: font["name"].getDebugName(i) or "" for i in fonts.FAMILY_NAMES}
    assert not any("Source" in name for name in names.values())
    letters = set(map(chr, font.getBestCmap()))
    for page in book.rglob("*.html"):
        if "_static" not in page.parts:
            text = page.read_text("utf-8")
            titles = re.findall(r"<h[12]>(.*?)<a class=\"headerlink", text)
            used = BeautifulSoup(" ".join(titles), "html.parser").get_text()
            assert set(used) - {"\n"} <= letters, page.name


def test_style_sheet_is_small_and_asks_nobody(sheet: str) -> None:
    assert len(gzip.compress(sheet.encode())) < 8.5 * KIB
    assert re.findall(r"url\(([^)]*)\)", sheet) == [f'"{fonts.FONT}"']


def luminance(colour: str) -> float:
    """Relative luminance of a colour as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_of_text_stand_out_from_every_ground(sheet: str, mode: str) -> None:
    block = sheet.split(f'html[data-theme="{mode}"] {{', 1)[1].split("}", 1)[0]
    tokens = dict(re.findall(r"--book-([\w-]+): (#\w{6});", block))
    text = ["ink", "soft", "accent", "calm", "supported", "chance", "little"]
    for ground in ("ground", "paper", "accent-soft"):
        for name in text:
            pair = sorted([luminance(tokens[name]), luminance(tokens[ground])])
            contrast = (pair[1] + 0.05) / (pair[0] + 0.05)
            assert contrast >= 4.5, (mode, name, ground, contrast)
