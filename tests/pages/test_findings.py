"""The findings are promises: a page that finds something else must say so here, too.

What each page promises stands in ``promises/``, one file a page: its verdict, and the
sentence, interval and state of each finding.
"""

import json
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

FOLDER = Path(__file__).parent / "promises"
PROMISES = {
    path.relative_to(FOLDER).with_suffix("").as_posix(): yaml.safe_load(
        path.read_text(encoding="utf-8")
    )
    for path in sorted(FOLDER.rglob("*.yaml"))
}
LESSONS = [page for page in PROMISES if page.startswith("lessons/")]

each_page = pytest.mark.parametrize("page", PROMISES)
each_lesson = pytest.mark.parametrize("page", LESSONS)


@pytest.fixture(scope="session")
def pages(book: Path) -> dict:
    """What each page of the fresh build produced."""
    return json.loads((book.parent / "record.json").read_text(encoding="utf-8"))


def test_each_page_that_finds_something_promises_it(pages):
    assert {page for page, known in pages.items() if "findings" in known} == set(
        PROMISES
    )


def test_there_are_six_lessons():
    assert len(LESSONS) == 6


@each_page
def test_findings_are_as_promised(pages, page):
    kept = ("sentence", "interval", "state")
    found = {
        key: {part: finding[part] for part in kept}
        for key, finding in pages[page]["findings"].items()
    }
    assert found == PROMISES[page]["findings"]
    assert pages[page]["verdict"] == PROMISES[page]["verdict"]


@each_lesson
def test_verdicts_stand_on_the_landing_page(page, book):
    landing = (book / "index.html").read_text(encoding="utf-8")
    article = BeautifulSoup(landing, "html.parser").select_one("article")
    said = " ".join(article.get_text().replace("’", "'").split())
    assert PROMISES[page]["verdict"] in said


@each_lesson
def test_lesson_rests_on_several_tables_and_shows_five_figures(pages, page):
    assert len(pages[page]["tables"]) >= 2
    assert len(pages[page]["figures"]) >= 5
    assert len(pages[page]["findings"]) >= 5


@each_page
def test_solutions_of_exercises_are_right(page, book):
    built = (book / f"{page}.html").read_text(encoding="utf-8")
    printed = BeautifulSoup(built, "html.parser").select(".output pre")
    lines = [line for text in printed for line in text.get_text().splitlines()]
    checked = 2 if page.startswith(("lessons/", "theory/")) else 0
    assert lines.count("Right.") == checked
    assert not [line for line in lines if line.startswith("Not yet.")]
