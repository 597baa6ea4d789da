"""The data catalogue shows every table, finds it, and gives all of them away."""

import json
import zipfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from creative_clusters.data import data_folder, describe, tables


@pytest.fixture(scope="module")
def catalogue(book: Path) -> BeautifulSoup:
    """The built page."""
    html = (book / "reference" / "data.html").read_text(encoding="utf-8")
    return BeautifulSoup(html, "html.parser")


@pytest.fixture
def page(chromium: Browser, book: Path) -> Page:
    """The page in a browser, from the file system: the search needs no server."""
    page = chromium.new_page()
    page.goto((book / "reference" / "data.html").as_uri())
    yield page
    page.close()


@pytest.mark.parametrize("name", tables())
def test_table_has_a_card_with_its_whole_passport(
    catalogue: BeautifulSoup, name: str
) -> None:
    passport = describe(name)
    card = catalogue.select_one(f"section#table-{name.replace('_', '-')}")
    text = " ".join(card.get_text(" ").split())
    for said in (passport["cannotTell"], passport["oneRow"], *passport["knownGaps"]):
        assert " ".join(said.split()[:4]).strip("`*_") in text.replace("’", "'")
    assert len(card.select("table tbody tr")) >= 1
    links = [link["href"] for link in card.select("a.download")]
    assert links
    assert all(link.endswith(f"{Path(passport['path']).name}") for link in links)


def test_figures_of_a_table_are_linked(catalogue: BeautifulSoup) -> None:
    card = catalogue.select_one("section#table-uk-area-gva")
    assert card.select('a[href$="no-guarantee.html#whose-gain"]')


def test_search_keeps_cards_that_hold_every_word(page: Page) -> None:
    box = page.get_by_role("searchbox", name="Find a table")
    box.press_sequentially("brussels tensions")
    shown = page.locator("section:not([hidden]) > h3:visible").all_inner_texts()
    assert shown
    assert any("mediapark" in title.lower() for title in shown)
    assert len(shown) < len(tables())
    assert (
        f"{len(shown)} of {len(tables())} tables"
        in page.get_by_role("status").all_inner_texts()
    )
    box.fill("no such word anywhere")
    assert page.locator("h3:visible").count() == 0
    box.fill("")
    assert page.locator("h3:visible").count() == len(tables())


def test_archive_holds_every_table_and_its_passport(book: Path) -> None:
    with zipfile.ZipFile(book / "creative-clusters-data.zip") as archive:
        package = json.loads(archive.read("datapackage.json"))
        for resource in package["resources"]:
            original = (data_folder() / resource["path"]).read_bytes()
            assert archive.read(resource["path"]) == original
        assert "networks/blue_note_line_ups.LICENSE" in archive.namelist()
