"""A teacher who has read nothing but the plan can give the session."""

import re
from pathlib import Path

import pytest
from pages.test_contracts import body, in_words, typed_numbers

TEACHING = Path(__file__).parents[2] / "book" / "teaching"
PARTS = ["Aims", "Reading", "Timing", "Board", "Questions", "Homework"]
SESSION = 90  # minutes
FEWEST_QUESTIONS = 4
LEVELS = ["Not yet", "Sound", "Strong"]
# What nobody can see a student do.
HIDDEN = re.compile(r"\b(understand|know|learn|appreciate|be aware|reflect)\b", re.I)


def sections(text: str, level: int) -> dict[str, str]:
    """The parts of a text under headings of one level, by heading."""
    _, *found = re.split(rf"^{'#' * level} (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(found[::2], found[1::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """The cells of the first table in a text, its heading first."""
    table = re.search(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    assert table, "no table"
    lines = [line.strip("|\n").split("|") for line in table[0].splitlines()]
    return [[cell.strip() for cell in line] for line in lines if "---" not in line[0]]


def minutes(session: dict[str, str]) -> int:
    """What the steps of a session take together."""
    heading, *steps = rows(session["Timing"])
    assert heading[0] == "Minutes"
    return sum(int(step[0]) for step in steps)


def questions(session: dict[str, str]) -> list[str]:
    """Each question with what is said of it."""
    return session["Questions"].strip().split("\n\n")


GUEST = body(TEACHING / "guest-lecture.md")
SEMINAR = body(TEACHING / "seminar.md")
SESSIONS = {"Guest lecture": sections(GUEST, 2)} | {
    heading: sections(text, 3)
    for heading, text in sections(SEMINAR, 2).items()
    if heading.startswith("Week")
}
each_session = pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)


def test_one_lecture_and_six_weeks_are_planned() -> None:
    assert len(SESSIONS) == 1 + 6


@each_session
def test_session_has_all_its_parts(session: dict[str, str]) -> None:
    assert [part for part in session if part in PARTS] == PARTS
    assert all(session[part].strip() for part in PARTS)


@each_session
def test_steps_of_a_session_fill_it(session: dict[str, str]) -> None:
    assert minutes(session) == SESSION


def test_a_session_that_runs_over_would_be_found() -> None:
    table = "| Minutes | What |\n|---|---|\n| 80 | Talk |\n| 15 | Questions |\n"
    assert minutes({"Timing": table}) != SESSION


@each_session
def test_aims_are_things_one_can_see_a_student_do(session: dict[str, str]) -> None:
    assert "student can" in session["Aims"]
    assert HIDDEN.findall(session["Aims"]) == []


@each_session
def test_reading_leads_to_sections_of_pages(session: dict[str, str]) -> None:
    assert len(re.findall(r"\]\(\.\./[\w/-]+\.md#[\w-]+\)", session["Reading"])) >= 3


@each_session
def test_session_shows_a_figure_of_the_book(session: dict[str, str]) -> None:
    assert "{repeat-figure} lessons/" in session["Timing"]


@each_session
def test_board_is_drawn(session: dict[str, str]) -> None:
    assert len(rows(session["Board"])) > 2


@each_session
def test_questions_come_with_answers_and_misreadings(session: dict[str, str]) -> None:
    asked = questions(session)
    assert len(asked) >= FEWEST_QUESTIONS
    for question in asked:
        _, *said = re.split(r"^: ", question, flags=re.MULTILINE)
        starts = [answer.partition(":")[0] for answer in said]
        assert starts == ["*Expect", "*A usual misreading"], question


@pytest.mark.parametrize("plan", [GUEST, SEMINAR], ids=["lecture", "seminar"])
def test_course_is_marked_by_what_the_work_shows(plan: str) -> None:
    heading, *marked = rows(sections(plan, 2)["Rubric"])
    assert heading == ["What the work shows", *LEVELS]
    assert len(marked) >= 4
    assert all(len(set(row)) == 1 + len(LEVELS) for row in marked)


@pytest.mark.parametrize("name", ["teach", "guest-lecture", "seminar"])
def test_numbers_of_plans_come_from_the_pages(name: str) -> None:
    text = in_words(" ".join(body(TEACHING / f"{name}.md").split()))
    assert typed_numbers(text) == []
