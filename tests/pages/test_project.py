"""The project, its marked memos and the methods course keep to their own rules."""

import ast
import importlib
import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

TEACHING = Path(__file__).parents[2] / "book" / "teaching"
PROJECT = (TEACHING / "project.md").read_text(encoding="utf-8")
COURSE = (TEACHING / "methods-course.md").read_text(encoding="utf-8")
HUNDRED = 100
MEMO_WORDS = 450  # as the project asks: without the table and the box


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its rank or above."""
    rank = heading.split()[0]
    below = text.partition(f"\n{heading}\n")[2]
    assert below, heading
    return re.split(rf"^#{{1,{len(rank)}}} ", below, flags=re.MULTILINE)[0]


def table(text: str) -> list[list[str]]:
    """The cells of the first table of a text that is not quoted, without its head."""
    lines = re.search(r"(?:^\|.*\n?)+", text, flags=re.MULTILINE)
    assert lines
    rows = lines[0].strip().splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


class Criterion(NamedTuple):
    """What is marked, the marks it can get, and those of each level, best first."""

    name: str
    most: int
    levels: list[tuple[int, int]]


def rubric(text: str, heading: str) -> list[Criterion]:
    """The criteria of a rubric."""
    found = re.findall(
        r"^(.+), (\d+) marks\n((?:: .+\n)+)", section(text, heading), re.MULTILINE
    )
    return [
        Criterion(
            name,
            int(most),
            [
                (int(low), int(high))
                for low, high in re.findall(r"^: (\d+)–(\d+): ", levels, re.MULTILINE)
            ],
        )
        for name, most, levels in found
    ]


OF_PROJECT = rubric(PROJECT, "## Rubric")
OF_COURSE = rubric(COURSE, "## Rubric for the course")


@pytest.mark.parametrize("criteria", [OF_PROJECT, OF_COURSE], ids=["project", "course"])
def test_rubric_gives_each_mark_a_level_and_a_hundred_in_all(
    criteria: list[Criterion],
) -> None:
    assert sum(each.most for each in criteria) == HUNDRED
    for each in criteria:
        assert len(each.levels) == 4, each.name
        assert each.levels[0][1] == each.most, each.name
        assert each.levels[-1][0] == 0, each.name
        for better, worse in pairwise(each.levels):
            assert worse[1] + 1 == better[0], each.name


def marks(memo: str) -> tuple[dict[str, int], int]:
    """What a memo was given for each criterion, and in all."""
    text = section(PROJECT, f"### {memo}").partition("**The marks**")[2]
    said = re.search(r"In all: (\d+) of a hundred", text)
    assert said
    return {row[0]: int(row[1]) for row in table(text)}, int(said[1])


@pytest.mark.parametrize("memo", ["Memo A", "Memo B"])
def test_memo_is_marked_by_the_rubric(memo: str) -> None:
    given, in_all = marks(memo)
    assert list(given) == [each.name for each in OF_PROJECT]
    assert all(0 <= given[each.name] <= each.most for each in OF_PROJECT)
    assert sum(given.values()) == in_all


def test_memos_stand_at_different_levels() -> None:
    better, worse = marks("Memo A")[0], marks("Memo B")[0]

    def level(each: Criterion, given: int) -> int:
        return next(n for n, (low, _) in enumerate(each.levels) if low <= given)

    apart = [
        level(each, worse[each.name]) - level(each, better[each.name])
        for each in OF_PROJECT
    ]
    assert min(apart) > 0


@pytest.mark.parametrize("memo", ["Memo A", "Memo B"])
def test_memo_fits_its_page_and_has_its_box(memo: str) -> None:
    text = section(PROJECT, f"### {memo}")
    quoted = re.findall(r"^> ?(.*)$", text, flags=re.MULTILINE)
    paragraphs = "\n".join(quoted).split("\n\n")
    box = [part for part in paragraphs if part.startswith("**What this cannot show.**")]
    assert len(box) == 1
    kept = [part for part in paragraphs if part not in box and part[:1] != "|"]
    plain = re.sub(r"\{[\w:-]+\}`[^`]*`", "number", " ".join(kept))
    assert len(plain.split()) <= MEMO_WORDS


def test_each_diagnostic_names_functions_that_exist() -> None:
    text = section(PROJECT, "## Six diagnostics, and what serves each")
    told = re.findall(r"Functions of `(\w+)`: (.+)", text)
    assert len(told) == 6
    for module, functions in told:
        found = importlib.import_module(f"creative_clusters.{module}")
        names = re.findall(r"`(\w+)`", functions)
        assert len(names) >= 3, module
        assert [name for name in names if not hasattr(found, name)] == []


def code_of(page: Path) -> set[str]:
    """Every name that the code of a page binds or uses."""
    cells = re.findall(
        r"^`{3,}\{code-cell\}[^\n]*\n(?::\w+:[^\n]*\n)*(.*?)^`{3,}$",
        page.read_text(encoding="utf-8"),
        flags=re.MULTILINE | re.DOTALL,
    )
    nodes = [node for cell in cells for node in ast.walk(ast.parse(cell))]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {
        node.name for node in nodes if isinstance(node, ast.alias | ast.FunctionDef)
    }


def test_what_students_are_to_type_rests_on_names_of_the_page() -> None:
    told = re.findall(r"^\*\*At the laptops\.\*\* (.*?)\n\n", COURSE, re.M | re.S)
    assert len(told) == 10
    for text in told:
        linked = re.findall(r"\]\(([^)#]+\.md)", text)
        known = set().union(*(code_of(TEACHING / link) for link in linked))
        known |= {"print", "tie"}  # built in, and the name that a loop gives
        if not linked:  # the week in which each pair takes a page of its own
            known |= set().union(*(code_of(p) for p in TEACHING.parent.rglob("*.md")))
        plain = re.sub(r"\{[\w:-]+\}`[^`]*`", "", text)  # roles are no code
        for span in re.findall(r"`([^`]+)`", plain):
            names = {
                node.id
                for node in ast.walk(ast.parse(span))
                if isinstance(node, ast.Name)
            }
            assert names <= known, (span, names - known)
