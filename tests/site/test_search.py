"""The search finds each lesson and case by its subject, and loads nothing before."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

PHONE = {"width": 390, "height": 844}
FIRST = 3

# What a reader may type, and a page that must be among the first three.
SUBJECTS = {
    "one size fits all": "lessons/no-one-size-fits-all",
    "tensions": "lessons/tensions",
    "governance": "lessons/governance",
    "place": "lessons/place",
    "entrepreneurs": "lessons/entrepreneurship",
    "survival of firms": "lessons/entrepreneurship",
    "no guarantee": "lessons/no-guarantee",
    "synthetic control": "lessons/no-guarantee",
    "coworking Toronto": "cases/toronto",
    "MediaCityUK": "cases/mediacityuk",
    "Salford": "cases/mediacityuk",
    "Brussels mediapark": "cases/mediapark-brussels",
    "Warsaw district": "cases/warsaw",
    "Leipzig": "cases/germany",
    "UK clusters programme": "cases/uk-clusters-programme",
    "film tax incentives": "cases/hollywood-and-the-incentive-states",
    "Silicon Valley": "cases/silicon-valley",
    "Montreal games": "cases/montreal-vancouver-canada",
    "Porto Digital": "cases/brazil",
    "Medellin": "cases/south-american-districts",
    "South America": "cases/south-american-districts",
    "all cases": "cases/across-the-cases",
    "location quotient": "introduction/measuring-a-cluster",
    "what is a creative cluster": "introduction/what-is-a-creative-cluster",
    "brokers": "lessons/governance",
    "mediators": "theory/creative-mediators",
    "alliance": "theory/collaborative-alliance",
    "global networks": "theory/global-production-networks",
    "glossary": "reference/glossary",
    "data catalogue": "reference/data",
    "how to cite": "start/about",
}


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """All addresses that the page has asked for."""
    return []


@pytest.fixture(scope="module")
def page(chromium: Browser, book: Path, asked: list[str]) -> Iterator[Page]:
    """A phone that reads the book from a folder, as from the offline archive."""
    with chromium.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda m: m.type == "error" and asked.append(m.text))
        page.on("pageerror", lambda error: asked.append(f"error: {error}"))
        yield page


def look_up(page: Page, book: Path, words: str) -> list[str]:
    """The pages found, in their order, without their endings."""
    page.goto(f"{(book / 'search.html').as_uri()}?q={words.replace(' ', '+')}")
    page.wait_for_function(
        "() => !/^(Looking|$)/.test(document.getElementById('search-said').textContent)"
    )
    root = book.as_uri() + "/"
    links = page.locator("#search-found .search-page").all()
    found = [str(link.evaluate("link => link.href")) for link in links]
    return [link.removeprefix(root).removesuffix(".html") for link in found]


@pytest.mark.parametrize("words", SUBJECTS)
def test_subject_is_found_among_the_first(page: Page, book: Path, words: str) -> None:
    assert SUBJECTS[words] in look_up(page, book, words)[:FIRST]


def test_every_lesson_and_case_has_a_subject(book: Path) -> None:
    pages = [
        path.relative_to(book).with_suffix("").as_posix()
        for folder in ("lessons", "cases")
        for path in (book / folder).glob("*.html")
    ]
    assert pages
    assert {*pages} <= {*SUBJECTS.values()}


def test_index_is_loaded_on_use_alone(page: Page, book: Path, asked: list[str]) -> None:
    asked.clear()
    page.goto((book / "lessons" / "tensions.html").as_uri(), wait_until="networkidle")
    page.goto((book / "search.html").as_uri(), wait_until="networkidle")
    assert [url for url in asked if "searchindex" in url] == []
    look_up(page, book, "tensions")
    assert len([url for url in asked if "searchindex" in url]) == 1
    pages = [url for url in asked if url.split("?")[0].endswith(".html")]
    assert len(pages) == 3, "a page is fetched for its summary"
    assert not [said for said in asked if not said.startswith(("file:", "data:"))]


def test_box_on_a_page_leads_to_the_search(page: Page, book: Path) -> None:
    page.goto((book / "lessons" / "place.html").as_uri())
    page.keyboard.press("Control+k")
    page.locator("#pst-search-dialog input").fill("salford")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-found a")
    assert page.locator("#search-words").input_value() == "salford"


def test_results_are_said_and_can_be_read(page: Page, book: Path) -> None:
    found = look_up(page, book, "location quotient")
    said = page.locator("#search-said[role=status]")
    assert said.text_content().startswith(f"{len(found)} pages for")
    assert page.locator("h1").count() == 1
    assert page.locator("#search-found > li > p").first.text_content()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    faults = Axe().run(page, context="article").response["violations"]
    assert faults == []


def test_links_to_sections_lead_there(page: Page, book: Path) -> None:
    look_up(page, book, "location quotient")
    links = page.locator(".search-sections a").all()
    assert links
    for link in links:
        address = str(link.evaluate("link => link.href"))
        path, _, anchor = address.removeprefix(book.as_uri() + "/").partition("#")
        assert f'id="{anchor}"' in (book / path).read_text(encoding="utf-8")


def test_nothing_found_is_said(page: Page, book: Path) -> None:
    assert look_up(page, book, "xyzzyqwerty") == []
    assert "No page has" in page.locator("#search-said").text_content()
    assert page.locator("#search-results").is_hidden()


def test_words_that_no_page_has_all_of_find_some(page: Page, book: Path) -> None:
    assert "cases/mediacityuk" in look_up(page, book, "Salford xyzzyqwerty")[:FIRST]
    assert "some of them" in page.locator("#search-said").text_content()


def test_stop_words_and_markup_do_no_harm(page: Page, book: Path) -> None:
    for words in ("there", "<b>", "%26", "c%2B%2B"):
        look_up(page, book, words)
        assert page.locator("#search-found b, #search-said b").count() == 0
