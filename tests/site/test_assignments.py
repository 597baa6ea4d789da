"""Assignments: small enough to run at once, and marked as a teacher would mark them."""

import copy as copying
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from copies import assignments, sets
from copies.notebooks import Exercise
from otter.run import main as grade

from creative_clusters.exercises import Expected
from creative_clusters.record import LESSONS

ROOT = Path(__file__).parents[2]
LINES = 150  # of all cells that students find: an assignment is not the lesson


class Assignment:
    """An assignment, made; and submissions of it."""

    def __init__(self, source: sets.Source, copy: sets.Copy, out: Path) -> None:
        self.copy = copy
        self.folder = assignments.make(source, copy, out)
        self.name = assignments.short(copy)
        (self.autograder,) = (self.folder / "autograder").glob("*.zip")
        self.handed_out = nbformat.read(
            self.folder / "student" / f"{self.name}.ipynb", as_version=4
        )
        asked = [part.exercise for part in copy.parts if part.exercise]
        self.checked = [exercise for exercise in asked if exercise.right]
        self.open = [exercise for exercise in asked if not exercise.right]

    def marks(self, answers: dict[str, str], folder: Path) -> dict[str, float]:
        """The marks for a submission with this code in the cells for answers."""
        notebook = copying.deepcopy(self.handed_out)
        for label, code in answers.items():
            cells = [cell.source for cell in notebook.cells]
            test = cells.index(f'grader.check("{label}")')
            notebook.cells[test - 1].source = code
        path = folder / f"{self.name}.ipynb"
        nbformat.write(notebook, path)
        found = grade(
            str(path), autograder=str(self.autograder), output_dir=None, no_logo=True
        )
        return {
            exercise.label: found.get_score(exercise.label) for exercise in self.checked
        }

    def solved(self) -> dict[str, str]:
        """The code of the page's own solutions."""
        found = self.copy.parts
        return {e.label: assignments.solution(e, found) for e in self.checked}

    def full(self) -> dict[str, int]:
        return {e.label: assignments.MARKS[assignments.level(e)] for e in self.checked}


@pytest.fixture(scope="module")
def made(book: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Assignment]:
    source = sets.read_source(ROOT, book.parent)
    out = tmp_path_factory.mktemp("assignments")
    return {
        assignments.short(copy): Assignment(source, copy, out)
        for copy in source.copies
        if copy.page.name.startswith(assignments.PART)
    }


def test_every_lesson_has_an_assignment(made: dict[str, Assignment]) -> None:
    assert set(made) == set(LESSONS)


@pytest.mark.parametrize("lesson", LESSONS)
def test_right_wrong_and_empty_submissions_get_the_marks_one_expects(
    made: dict[str, Assignment], lesson: str, tmp_path: Path
) -> None:
    given = made[lesson]
    full, right = given.full(), given.solved()
    assert len(full) >= 2
    assert given.marks(right, tmp_path) == full
    first = given.checked[0]
    name = assignments.variable(first)
    wrong = {**right, first.label: f"{right[first.label]}\n{name} = 100 * {name}"}
    assert given.marks(wrong, tmp_path) == {**full, first.label: 0}
    assert given.marks({}, tmp_path) == dict.fromkeys(full, 0)


@pytest.mark.parametrize("lesson", LESSONS)
def test_students_get_no_answer_and_no_hidden_test(
    made: dict[str, Assignment], lesson: str
) -> None:
    given = made[lesson]
    student = given.folder / "student"
    names = {path.name for path in student.rglob("*")}
    assert {"data", "creative_clusters", f"{lesson}.ipynb"} <= names
    assert "answers.sealed" not in names
    text = (student / f"{lesson}.ipynb").read_text(encoding="utf-8")
    assert "test_kind" in text
    assert "test_answer" not in text
    assert "Rubric" not in text
    for exercise in given.checked:
        answer, _ = exercise.right
        assert len(repr(answer)) < 8 or repr(answer) not in text
        cell = assignments.answer_cell(exercise, given.copy.parts)
        solved, _, starter = cell.partition("# END SOLUTION")
        for line in solved.splitlines():
            assert len(line) < 25 or line in starter or line not in text, line
    code = [c.source for c in given.handed_out.cells if c.cell_type == "code"]
    assert sum(len(cell.splitlines()) for cell in code) < LINES


@pytest.mark.parametrize("lesson", LESSONS)
def test_open_questions_are_marked_by_hand_with_a_rubric(
    made: dict[str, Assignment], lesson: str
) -> None:
    given = made[lesson]
    assert len(given.open) == 1
    asked = "\n".join(cell.source for cell in given.handed_out.cells)
    assert "Marked by hand, out of 4" in asked
    marker = (given.folder / "autograder" / f"{lesson}.ipynb").read_text("utf-8")
    assert "**Rubric.** A good answer " in marker
    assert not re.search(r"\bcheck\(\\\"", asked)


EXERCISE = Exercise("sum", "A sum", "*Easy, a minute.* Add.", "", Expected(3.0))


def test_exercise_without_level_or_rubric_stops_the_making(made: Any) -> None:
    with pytest.raises(ValueError, match="begin its text with its level"):
        assignments.level(replace(EXERCISE, prompt="Add."))
    with pytest.raises(ValueError, match="A good answer"):
        assignments.model_answer(replace(EXERCISE, right=None), [])


def test_prompt_calls_the_answer_by_its_own_name() -> None:
    asked = 'Put it in `answer` and run\n`check("sum",\nanswer)`.'
    said = assignments.prompt(replace(EXERCISE, prompt=asked))
    assert said == "Put it in `answer_sum` and run\nthe test below."
