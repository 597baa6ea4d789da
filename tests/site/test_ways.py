"""A newcomer finds the way: terms linked at first use, routes, and a concordance."""

import re
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from clusters_book.terms import BY_HAND
from parsed import parsed

from creative_clusters.data import load

# Lists of terms, tables and titles, not text that one reads through.
LISTS = {
    "genindex",
    "search",
    "reference/bibliography",
    "reference/changelog",
    "reference/data",
    "reference/glossary",
}
OUTSIDE = "h1, h2, h3, h4, h5, a, code, pre, table, figcaption, dt, sup, details, nav"


def pages(book: Path) -> list[str]:
    names = [
        path.relative_to(book).with_suffix("").as_posix()
        for path in book.rglob("*.html")
        if not {"_static", "slides"} & {*path.parts}  # slides are no running text
    ]
    return sorted(set(names) - LISTS)


def article(book: Path, page: str) -> Tag:
    found = parsed(book / f"{page}.html").select_one("article")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def terms(book: Path) -> list[str]:
    """What the built glossary explains, the longest first."""
    entries = article(book, "reference/glossary").select("dl.glossary > dt")
    names = [entry.get_text(" ", strip=True).rstrip("# ") for entry in entries]
    return sorted(names, key=len, reverse=True)


def pattern_of(term: str) -> re.Pattern[str]:
    """A term in running text, in one or in many."""
    words = r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", term)))
    return re.compile(rf"(?<![\w-]){words}(?:s|es)?(?![\w-])", re.I)


def unlinked(body: Tag, terms: list[str]) -> list[str]:
    """Terms that running text uses before any link to their entry."""
    linked: set[str] = set()
    late = []
    patterns = {term: pattern_of(term) for term in terms}
    outside = OUTSIDE.split(", ")
    some_term = re.compile("|".join(p.pattern for p in patterns.values()), re.I)
    for node in body.descendants:
        if isinstance(node, Tag) and node.name == "a":
            target = str(node.get("href", "")).partition("#term-")[2]
            linked.add(target.casefold())
        elif isinstance(node, NavigableString):
            text = str(node)
            if not some_term.search(text) or node.find_parent(outside):
                continue
            for term, pattern in patterns.items():
                if not pattern.search(text):
                    continue
                slug = re.sub(r"[^\w]+", "-", term).strip("-").casefold()
                if slug not in linked:
                    late.append(term)
                    linked.add(slug)
                text = pattern.sub(" ", text)  # the longer term has it
    return late


def test_terms_are_linked_where_a_page_first_uses_them(
    book: Path, terms: list[str]
) -> None:
    watched = [term for term in terms if term not in BY_HAND]
    assert len(watched) > 40
    found = {page: unlinked(article(book, page), watched) for page in pages(book)}
    assert {page: late for page, late in found.items() if late} == {}


def test_an_unlinked_term_would_be_found() -> None:
    body = BeautifulSoup(
        "<article><h2>Placebo</h2><p>Two placebos, <a href='g#term-cohort'>a cohort"
        "</a> and no cohort.</p></article>",
        "html.parser",
    )
    assert body.article is not None
    assert unlinked(body.article, ["placebo", "cohort"]) == ["placebo"]


def test_words_left_to_authors_are_in_the_glossary(terms: list[str]) -> None:
    assert {*BY_HAND} <= {term.casefold() for term in terms}


def rows(table: Tag) -> list[list[str]]:
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("td")]
        for row in table.select("tbody tr")
    ]


def test_half_an_hour_is_half_an_hour(book: Path) -> None:
    ways = article(book, "start/ways-in")
    first = ways.select("table")[0]
    minutes = [int(row[-1]) for row in rows(first)]
    said = re.search(r"In all: (\d+)\s+minutes", ways.get_text(" "))
    assert said
    assert int(said[1]) <= 30
    # Each stop is rounded by itself.
    assert abs(sum(minutes) - int(said[1])) <= len(minutes)


def test_each_stop_of_a_way_leads_to_a_place_that_is_there(book: Path) -> None:
    ways = article(book, "start/ways-in")
    links = [str(link["href"]) for link in ways.select("table a, ol a")]
    assert len(links) >= 30
    for link in links:
        page, _, section = link.partition("#")
        target = (book / "start" / page).resolve()
        assert target.is_file(), link
        if section:
            assert parsed(target).find(id=section), link


def test_concordance_leads_there_and_back(book: Path) -> None:
    there, back = article(book, "reference/concordance").select("table")
    pairs = load("concordance")
    assert len(there.select("tbody a")) == len(pairs)
    assert len(back.select("tbody tr")) == pairs["page"].nunique()


def test_concordance_shows_what_is_unknown(book: Path) -> None:
    there = article(book, "reference/concordance").select("table")[0]
    chapters = load("printed_chapters")
    text = [row.get_text(" ", strip=True) for row in there.select("tbody tr")]
    assert len(text) == len(chapters)
    for said, chapter in zip(text, chapters.itertuples(), strict=True):
        assert ("Number unknown" in said) == pd.isna(chapter.number)
        assert ("Title unknown" in said) == pd.isna(chapter.title)
        assert ("Authors unknown" in said) == pd.isna(chapter.authors)
        if not pd.isna(chapter.title):
            assert f"{chapter.title} ({chapter.title_certainty})" in said
