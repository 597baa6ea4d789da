"""All exercises stand in one table, which says what the pages say."""

import io
import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from clusters_book.exercises import LEVELS, MINUTES, SKILLS, read_head
from playwright.sync_api import Browser
from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
PAGE = "teaching/exercises"
ASKED = re.compile(
    r"\{exercise\} (?P<title>.+)\n:label: (?P<label>\S+)\n\n\*(?P<head>[^*]+)\*"
)


@pytest.fixture(scope="module")
def soup(book: Path) -> BeautifulSoup:
    return BeautifulSoup(
        (book / f"{PAGE}.html").read_text(encoding="utf-8"), "html.parser"
    )


@pytest.fixture(scope="module")
def asked() -> dict[str, tuple[str, str]]:
    """Title and head of each exercise as its page's source has them, by address."""
    return {
        f"{page.parent.name}/{page.stem}.html#{found['label']}": (
            found["title"].replace("'", "’"),  # as pages set it
            found["head"],
        )
        for page in (ROOT / "book").rglob("*.md")
        for found in ASKED.finditer(page.read_text(encoding="utf-8"))
    }


def cells(row: BeautifulSoup) -> list[str]:
    return [" ".join(cell.get_text().split()) for cell in row.select("td, th")]


def test_table_holds_every_exercise_as_its_page_has_it(
    book: Path, soup: BeautifulSoup, asked: dict[str, tuple[str, str]]
) -> None:
    rows = soup.select("table.exercise-list tbody tr")
    found = {row.a["href"].removeprefix("../"): cells(row) for row in rows}
    assert len(rows) == len(found)
    assert found.keys() == asked.keys()
    for address, (title, head) in asked.items():
        level, minutes, skills = read_head(head)
        shown, _, *rest = found[address]
        assert shown == title
        assert rest == [level, str(minutes), ", ".join(skills)]
        page, _, label = address.partition("#")
        assert f'id="{label}"' in (book / page).read_text(encoding="utf-8")


def test_totals_are_the_sums_of_the_table(soup: BeautifulSoup) -> None:
    rows = [cells(row) for row in soup.select("table.exercise-list tbody tr")]
    for level, count, minutes, _ in map(
        cells, soup.select("table.exercise-totals tbody tr")
    ):
        kept = [int(row[3]) for row in rows if level in (row[2], "All")]
        assert (int(count), int(minutes)) == (len(kept), sum(kept))


def test_every_skill_is_explained_and_trained(soup: BeautifulSoup) -> None:
    rows = [cells(row) for row in soup.select("table.exercise-skills tbody tr")]
    assert [row[0] for row in rows] == list(SKILLS)
    assert all(int(row[2]) > 0 for row in rows)


def test_record_tells_programs_of_the_exercises(book: Path) -> None:
    record = json.loads((book.parent / "record.json").read_text(encoding="utf-8"))
    for name, known in record.items():
        if name.startswith(("lessons/", "theory/")):
            assert known["exercises"], name


def test_filter_chooses_by_level_and_skill_with_the_keyboard(
    chromium: Browser, book: Path
) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto((book / f"{PAGE}.html").as_uri())
        page.get_by_label("Level").focus()
        page.keyboard.type("easy")
        page.get_by_label("Skill").focus()
        page.keyboard.type("corr")
        shown = page.locator("table.exercise-list tbody tr:visible").all()
        assert shown
        for row in shown:
            text = row.inner_text()
            assert "Easy" in text
            assert "correlation" in text
        every = page.locator("table.exercise-list tbody tr").count()
        status = page.get_by_role("status").inner_text()
        assert status == f"{len(shown)} of {every} exercises"


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("", "begin it with level, time and skills"),
        ("Easy, five minutes.", "begin it with level, time and skills"),
        ("Tricky, five minutes: networks.", "no level 'Tricky'; known are: Easy"),
        ("Easy, five months: networks.", "no time 'five months'"),
        ("Easy, five minutes: networks, knitting.", "no skill 'knitting'"),
    ],
)
def test_exercise_without_level_time_or_known_skill_is_refused(
    head: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read_head(head)


def test_build_names_page_and_line_of_an_exercise_without_skills(
    tmp_path: Path,
) -> None:
    page = "# Title\n\n```{exercise} Count\n:label: count\n\n*Easy.* Count.\n```\n"
    (tmp_path / "index.md").write_text(page, encoding="utf-8")
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'book' / '_ext')!r})\n"
        "extensions = ['myst_parser', 'sphinx_exercise', 'clusters_book.exercises']\n",
        encoding="utf-8",
    )
    warned, out = io.StringIO(), tmp_path / "_build"
    Sphinx(tmp_path, tmp_path, out, out, "html", status=None, warning=warned).build()
    assert "index.md:6: WARNING: exercise 'Count': begin it" in warned.getvalue()


def test_vocabularies_hold_nothing_that_no_exercise_uses(
    asked: dict[str, tuple[str, str]],
) -> None:
    heads = [read_head(head) for _, head in asked.values()]
    assert {head.level for head in heads} == set(LEVELS)
    assert {head.minutes for head in heads} == set(MINUTES.values())
