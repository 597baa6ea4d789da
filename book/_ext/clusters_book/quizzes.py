"""Questions that readers put to themselves: ``{quiz}``, as ``quiz_source`` reads it.

The page holds question, options and, folded, why each option is right or wrong: that
serves readers without script, on paper and in other formats. With ``static/quiz.js`` a
reader chooses, checks, and is told about that one choice. Nothing is kept or sent.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from clusters_book.quiz_source import Option, Question, QuizError, read_quiz

log = logging.getLogger(__name__)

SCRIPT = "quiz.js"


class quiz(nodes.General, nodes.Element):  # type: ignore[misc]
    """A question with its options, then the answers."""


class quiz_choice(nodes.General, nodes.Element):  # type: ignore[misc]
    """The group of a question and its options."""


class quiz_question(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """What is asked."""


class quiz_option(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """One answer to choose."""


class quiz_answers(nodes.General, nodes.Element):  # type: ignore[misc]
    """Why each option is right or wrong, folded."""


class Quiz(SphinxDirective):
    """``{quiz}``: one question, its options, and a reason for each."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """The question as nodes, or a warning that names page, line and remedy."""
        try:
            question = read_quiz("\n".join(self.content))
        except QuizError as error:
            line = self.lineno + 1 + self.content_offset + error.line
            log.warning("quiz: %s", error, location=(self.env.docname, line))
            return []
        number = self.env.new_serialno("quiz") + 1
        box = quiz(ids=[f"quiz-{number}"], number=number)
        choice = quiz_choice()
        choice += quiz_question("", "", *self.words(question.text), number=number)
        for option in question.options:
            words = self.words(option.text, option.line)
            choice += quiz_option("", "", *words, number=number, letter=option.letter)
        box += [choice, self.answers(question, number)]
        return [box]

    def words(self, text: str, line: int = 0) -> list[nodes.Node]:
        """One paragraph of Markdown as what may stand in a line."""
        [paragraph] = self.parse_text_to_nodes(text, offset=self.content_offset + line)
        return list(paragraph.children)

    def answers(self, question: Question, number: int) -> nodes.Element:
        """The reasons, each with the letter of its option."""
        answers = quiz_answers(number=number)
        for option in question.options:
            why = self.parse_text_to_nodes(
                f"**{verdict(option)}** {option.why}",
                offset=self.content_offset + option.line,
            )
            kinds = ["quiz-why", *(["quiz-right"] if option.right else [])]
            answers += nodes.container("", *why, classes=kinds)
        return answers


def verdict(option: Option) -> str:
    """How a reason begins."""
    return f"{option.letter} is {'right' if option.right else 'wrong'}."


def visit_quiz(self: HTML5Translator, node: quiz) -> None:
    """Open the box of a question."""
    self.body.append(self.starttag(node, "div", CLASS="quiz"))


def visit_choice(self: HTML5Translator, node: quiz_choice) -> None:
    """Open the group."""
    self.body.append("<fieldset>\n")


def visit_question(self: HTML5Translator, node: quiz_question) -> None:
    """Open what names the group."""
    self.body.append(
        '<legend class="quiz-question"><span class="quiz-number">'
        f"Question {node['number']}.</span> "
    )


def visit_option(self: HTML5Translator, node: quiz_option) -> None:
    """Open an option: a radio button and its label."""
    number, letter = node["number"], node["letter"]
    self.body.append(
        f'<label class="quiz-option"><input type="radio" name="quiz-{number}" '
        f'value="{letter}"><span><span class="quiz-letter">{letter}.</span> '
    )


def visit_answers(self: HTML5Translator, node: quiz_answers) -> None:
    """Open the fold."""
    said = f"Answer to question {node['number']}, and why"
    self.body.append(
        f'<details class="quiz-answers"><summary>{said}</summary>\n',
    )


def closing(markup: str) -> Any:
    """A visitor that closes what another opened."""

    def depart(self: HTML5Translator, node: nodes.Node) -> None:
        self.body.append(markup)

    return depart


def add_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load the script on pages that ask something, and on no other."""
    if doctree is not None and next(iter(doctree.findall(quiz)), None) is not None:
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app: Sphinx) -> None:
    """Register the directive, its nodes and the hook."""
    app.add_directive("quiz", Quiz)
    for node, visit, close in (
        (quiz, visit_quiz, "</div>\n"),
        (quiz_choice, visit_choice, "</fieldset>\n"),
        (quiz_question, visit_question, "</legend>\n"),
        (quiz_option, visit_option, "</span></label>\n"),
        (quiz_answers, visit_answers, "</details>\n"),
    ):
        app.add_node(node, html=(visit, closing(close)))
    app.connect("html-page-context", add_script)
