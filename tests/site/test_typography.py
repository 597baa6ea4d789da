"""What data and code say is set as the prose is, and code as it was typed."""

import re
from pathlib import Path

import pytest
from clusters_book.typography import set_text
from parsed import parsed

P_VALUE = re.compile(r"\bp [=<]")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("New York's arts", "New York’s arts"),
        ('called "on time" twice', "called “on time” twice"),
        ("a fair coin (p = ", "a fair coin (p\u00a0=\u00a0"),
        ("p < 0.001", "p\u00a0<\u00a00.001"),
        ("at the top = 3", "at the top = 3"),
    ],
)
def test_marks_and_spaces_are_set(typed: str, said: str) -> None:
    assert set_text(typed) == said


def test_verdicts_have_typographic_apostrophes(book: Path) -> None:
    assert "Toronto’s listed coworking spaces" in parsed(book / "index.html").get_text()


def test_no_line_ends_within_a_p_value(book: Path) -> None:
    article = parsed(book / "lessons/tensions.html").select_one("article")
    assert article is not None
    prose = [
        text
        for text in article.find_all(string=True)
        if text.find_parent(["code", "pre", "details"]) is None
    ]
    assert any("p\u00a0=\u00a0" in text for text in prose)
    assert [text for text in prose if P_VALUE.search(text)] == []


def test_code_is_left_as_typed(book: Path) -> None:
    page = parsed(book / "start/run.html")
    assert any('load("uk_area_gva")' in code.get_text() for code in page.select("pre"))


def test_numbers_of_a_table_stand_flush_right(book: Path) -> None:
    table = parsed(book / "teaching/exercises.html").select_one(".exercise-totals")
    assert table is not None
    for row in table.select("tr"):
        level, *numbers = row.select("th, td")
        assert "text-right" not in level.get("class", [])
        assert all("text-right" in cell["class"] for cell in numbers)
