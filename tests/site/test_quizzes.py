"""Every lesson asks five questions, and says why each answer is right or wrong."""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from clusters_book.quiz_source import QuizError, fill_plain, plain, read_quiz
from formats.chapters import set_quizzes
from playwright.sync_api import Browser, Page, expect
from sphinx.application import Sphinx
from visits import DESKTOP, PAGES

from creative_clusters.record import LESSONS

PAGE = "lessons/tensions"
ASKED = 5
KEPT = "[document.cookie, JSON.stringify([localStorage, sessionStorage])]"
GOOD = """\
Which {glue:text}`one` is
right?

- [ ] This one.

  It is *wrong*.
- [x] That one,
  in two lines.

  It is right,

  for two reasons.
"""
FAULTS = {
    "none right": (GOOD.replace("[x]", "[ ]"), 3, "no option is right"),
    "two right": (GOOD.replace("[ ]", "[x]"), 6, "2 options are right"),
    "no reason": (GOOD.replace("\n  It is *wrong*.\n", ""), 3, "no explanation"),
    "no mark": (GOOD.replace("[x] ", ""), 6, r"begins with \"- \[ \] \""),
    "one option": (GOOD[: GOOD.index("- [x]")], 3, "no choice"),
    "no options": ("Right?\n", 0, "a list of options"),
    "reason not indented": (GOOD.replace("  It is *", "It is *"), 5, "indent each"),
    "no question": (GOOD[GOOD.index("- ") :], 0, "a question of one paragraph"),
}


@pytest.fixture(scope="module")
def lessons(book: Path) -> dict[str, BeautifulSoup]:
    """The built lessons, cut down to where they ask: whole ones take long to read."""
    start, end = '<section id="test-yourself">', '<section id="in-your-own-cluster">'
    pages = {
        name: (book / "lessons" / f"{name}.html").read_text(encoding="utf-8")
        for name in LESSONS
    }
    return {
        name: BeautifulSoup(
            start + page.partition(start)[2].partition(end)[0], "html.parser"
        )
        for name, page in pages.items()
    }


def test_each_lesson_asks_five_questions_with_one_right_answer(
    lessons: dict[str, BeautifulSoup],
) -> None:
    for name, soup in lessons.items():
        quizzes = soup.select("section#test-yourself .quiz")
        assert len(quizzes) == ASKED, name
        for quiz in quizzes:
            letters = [i["value"] for i in quiz.select("fieldset input[type=radio]")]
            assert len(letters) >= 3
            assert quiz.fieldset.legend.get_text(strip=True).endswith("?")
            reasons = quiz.select("details .quiz-why")
            said = [reason.strong.get_text() for reason in reasons]
            right = [one for one in said if one.endswith(" is right.")]
            assert len(right) == len(quiz.select(".quiz-right")) == 1
            assert [one[0] for one in said] == letters, "a reason for each, in order"
            assert all(len(reason.get_text()) > 40 for reason in reasons)
            text = quiz.get_text()
            assert "{" not in text
            assert "nan" not in text.split()


def test_right_answers_do_not_always_stand_in_the_same_place(
    lessons: dict[str, BeautifulSoup],
) -> None:
    for soup in lessons.values():
        right = [r.strong.get_text()[0] for r in soup.select(".quiz .quiz-right")]
        assert len(set(right)) > 2


def test_numbers_in_questions_are_those_of_the_page(
    lessons: dict[str, BeautifulSoup],
) -> None:
    for soup in lessons.values():
        assert len(soup.select(".quiz .pasted-text")) > ASKED


def test_script_is_loaded_where_something_is_asked_and_nowhere_else(
    book: Path,
) -> None:
    for name in PAGES:
        html = (book / f"{name}.html").read_text(encoding="utf-8")
        assert ("quiz.js" in html) == ('class="quiz"' in html), name


@pytest.fixture
def opened(chromium: Browser, book: Path) -> Iterator[Callable[..., Page]]:
    """Open the lesson, and complain about whatever the browser complained about."""
    contexts: list[Any] = []
    errors: list[str] = []
    requests: list[str] = []

    def open_page(**options: Any) -> Page:
        contexts.append(chromium.new_context(viewport=DESKTOP, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda m: m.type == "error" and errors.append(m.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((book / f"{PAGE}.html").as_uri())
        page.on(
            "request",
            lambda r: r.url.startswith("file:") or requests.append(r.url),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
    assert requests == [], "nothing is sent"


def test_question_is_answered_by_keyboard_and_the_reason_announced(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    kept = page.evaluate(KEPT)
    quiz = page.locator(".quiz").first
    quiz.scroll_into_view_if_needed()
    said = quiz.get_by_role("status")
    answers = quiz.locator("details")
    expect(answers).to_be_hidden()
    group = quiz.get_by_role("group")
    expect(group).to_have_accessible_name(quiz.locator("legend").inner_text())
    first, second = (quiz.get_by_role("radio").nth(n) for n in (0, 1))
    button = quiz.get_by_role("button", name="Check")

    button.focus()
    page.keyboard.press("Enter")
    expect(said).to_have_text("Choose an answer first.")

    page.keyboard.press("Shift+Tab")  # into the group, from its end
    page.keyboard.press("Space")
    expect(quiz.locator("input:checked")).to_have_count(1)
    expect(said).to_be_empty()
    page.keyboard.press("ArrowDown")  # from the last to the first
    expect(first).to_be_checked()
    page.keyboard.press("Enter")
    expect(said).to_have_text(answers.locator(".quiz-why").first.text_content() or "")
    expect(said).to_contain_text("A is wrong.")
    expect(quiz.locator(".is-wrong")).to_have_count(1)

    page.keyboard.press("ArrowDown")
    expect(second).to_be_checked()
    expect(said).to_be_empty()  # what was said belongs to the answer before
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Space")
    expect(said).to_contain_text("B is right.")
    page.keyboard.press("Tab")
    expect(quiz.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(answers.locator(".quiz-why").last).to_be_visible()
    expect(page.locator(".quiz").nth(1).get_by_role("status")).to_be_empty()
    assert page.evaluate(KEPT) == kept


def test_without_script_all_reasons_are_in_a_fold(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    quiz = page.locator(".quiz").first
    assert quiz.get_by_role("button").count() == 0
    quiz.locator("summary").click()
    assert all(reason.is_visible() for reason in quiz.locator(".quiz-why").all())


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_on_paper_all_reasons_stand_below_their_question(
    opened: Callable[..., Page], script: bool
) -> None:
    page = opened(java_script_enabled=script)
    quiz = page.locator(".quiz").first
    reasons = quiz.locator(".quiz-answers .quiz-why")
    expect(reasons.first).to_be_hidden()
    page.emulate_media(media="print")
    if script:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(reason.is_visible() for reason in reasons.all())
    expect(quiz.get_by_role("button")).to_have_count(0)
    expect(quiz.get_by_role("radio")).to_have_count(0)
    page.emulate_media(media="screen")
    if script:
        page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(reasons.first).to_be_hidden()


def test_answered_questions_are_accessible_in_light_and_dark(
    opened: Callable[..., Page],
) -> None:
    page = opened(reduced_motion="reduce")
    # The rest of the page is looked at elsewhere, and long.
    page.evaluate(
        "document.querySelectorAll('section > section:not(#test-yourself), img')"
        ".forEach(e => e.remove())"
    )
    for number, quiz in enumerate(page.locator(".quiz").all()):
        quiz.get_by_role("radio").nth(number % 3).check()
        quiz.get_by_role("button").click()
        quiz.locator("summary").click()
    options = {"resultTypes": ["violations"], "preload": False}
    found = []
    for theme in ("light", "dark"):
        page.evaluate("t => document.documentElement.dataset.theme = t", theme)
        here = {"include": [["#test-yourself"]]}
        found += Axe().run(page, context=here, options=options).response["violations"]
    assert found == []


def test_chapters_hold_questions_first_and_answers_after_the_last(
    lessons: dict[str, BeautifulSoup],
) -> None:
    section = lessons["tensions"].select_one("section#test-yourself")
    chapter = BeautifulSoup(str(section), "html.parser")
    set_quizzes(chapter)
    assert not chapter.select("fieldset, legend, label")
    text = " ".join(chapter.get_text().split())
    order = [text.index(f"Question {n}.") for n in range(1, ASKED + 1)]
    order += [text.index(f"Answer to question {n}") for n in range(1, ASKED + 1)]
    assert order == sorted(order)


def test_source_is_read_as_a_teacher_writes_it() -> None:
    question = read_quiz(GOOD)
    assert question.text == "Which {glue:text}`one` is right?"
    assert [option.letter for option in question.options] == ["A", "B"]
    assert question.right.text == "That one, in two lines."
    assert question.right.why == "It is right,\n\nfor two reasons."


@pytest.mark.parametrize(("source", "line", "message"), FAULTS.values(), ids=FAULTS)
def test_malformed_question_is_told_by_line_and_remedy(
    source: str, line: int, message: str
) -> None:
    with pytest.raises(QuizError, match=message) as caught:
        read_quiz(source)
    assert caught.value.line == line


def test_build_names_page_and_line_of_a_malformed_question(tmp_path: Path) -> None:
    ext = str(Path(sys.modules["clusters_book"].__file__).parents[1])
    page = f"# Title\n\nWords.\n\n:::{{quiz}}\n{FAULTS['two right'][0]}:::\n"
    (tmp_path / "index.md").write_text(page, encoding="utf-8")
    (tmp_path / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {ext!r})\n"
        "extensions = ['myst_parser', 'clusters_book.quizzes']\n"
        "myst_enable_extensions = ['colon_fence']\n",
        encoding="utf-8",
    )
    warned = io.StringIO()
    out = tmp_path / "_build"
    Sphinx(tmp_path, tmp_path, out, out, "html", status=None, warning=warned).build()
    line = page.splitlines().index("- [x] That one,") + 1
    assert f"index.md:{line}: WARNING: quiz: 2 options are right" in warned.getvalue()


def test_notebooks_get_plain_markdown_with_or_without_answers() -> None:
    page = f"Words.\n\n:::{{quiz}}\n{GOOD}:::\n\n:::{{quiz}}\n{GOOD}:::\n\nMore.\n"
    taught, asked = fill_plain(page), fill_plain(page, answers=False)
    assert "{quiz}" not in taught + asked
    assert "**Question 2.** Which {glue:text}`one` is right?" in asked
    assert "**B, right.**" in taught
    for told in ("right.**", "wrong", "reasons", "[x]"):
        assert told not in asked
    assert plain(read_quiz(GOOD), 1) in taught
