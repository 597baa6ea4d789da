"""The cases side by side say what the case pages say, and can be filtered."""

import json
import posixpath
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from creative_clusters.data import load
from creative_clusters.record import LESSONS

PAGE = "cases/across-the-cases"


@pytest.fixture(scope="module")
def cases(book: Path) -> dict[str, dict]:
    """What each case page handed on."""
    record = json.loads((book.parent / "record.json").read_text(encoding="utf-8"))
    return {page: known["case"] for page, known in record.items() if "case" in known}


@cache
def soup(book: Path, page: str) -> BeautifulSoup:
    html = (book / f"{page}.html").read_text(encoding="utf-8")
    return BeautifulSoup(html, "html.parser")


def test_each_case_page_says_what_it_tells_of_the_lessons(
    book: Path, cases: dict[str, dict]
) -> None:
    pages = {page for page in (book / "cases").glob("*.html") if page.stem != PAGE[6:]}
    assert {book / f"{page}.html" for page in cases} == pages


def test_matrix_repeats_each_case_and_leads_to_its_rows(
    book: Path, cases: dict[str, dict]
) -> None:
    rows = soup(book, PAGE).select("table.case-matrix tbody tr")
    assert len(rows) == len(cases)
    for row, (page, said) in zip(rows, sorted(cases.items()), strict=True):
        title, *cells = row.select("a")
        assert title["href"] == f"{page.removeprefix('cases/')}.html"
        target = soup(book, page)
        assert len(cells) == len(LESSONS)
        for cell, seen in zip(cells, said["evidence"], strict=True):
            assert cell.get_text().endswith(seen["seen"])
            shown = target.find(id=cell["href"].partition("#")[2])
            assert seen["seen"].capitalize() in shown.get_text()
            assert bool(shown.select("td a")) == bool(seen["where"])


@pytest.fixture
def matrix(chromium: Browser, book: Path) -> Page:
    with chromium.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto((book / f"{PAGE}.html").as_uri())
        yield page


def test_filter_shows_the_cases_of_a_place_by_keyboard(
    matrix: Page, cases: dict[str, dict]
) -> None:
    there = [page for page, said in cases.items() if "Canada" in said["places"]]
    select = matrix.get_by_label("Place")
    select.focus()
    matrix.keyboard.type("canada")
    rows = matrix.locator("table.case-matrix tbody tr")
    assert sum(row.is_visible() for row in rows.all()) == len(there) > 0
    status = matrix.get_by_role("status").inner_text()
    assert status == f"{len(there)} of {len(cases)} cases"
    select.select_option("")
    assert all(row.is_visible() for row in rows.all())


def test_without_script_all_cases_stand_there(chromium: Browser, book: Path) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((book / f"{PAGE}.html").as_uri())
        assert page.locator("table.case-matrix tbody tr").first.is_visible()
        assert page.locator(".table-filter").count() == 0


def test_index_leads_to_sections_that_name_the_name(book: Path) -> None:
    index = soup(book, "reference/names")
    calls = load("index_names").set_index("name")["called"]
    terms = index.select("dl.name-index > dt")
    assert {term.get_text() for term in terms} == set(calls.index)
    for term in terms:
        links = term.find_next_sibling("dd").select("a")
        assert links
        link, _, section = links[0]["href"].partition("#")
        page = posixpath.normpath(f"reference/{link}").removesuffix(".html")
        whole = soup(book, page)
        text = (whole.find(id=section) if section else whole.main).get_text()
        assert any(call in text for call in calls[term.get_text()].split("; "))


def test_page_counts_the_cases_that_there_are(
    book: Path, cases: dict[str, dict]
) -> None:
    """The page reasons about so many cases; a new case page must change it."""
    text = " ".join(soup(book, PAGE).get_text().split())
    assert f"that the {len(cases)} cases had been drawn by lot" in text
