"""What a quiz question's source says: plain Markdown that a teacher can write by hand.

    :::{quiz}
    What does this interval allow us to say?

    - [ ] An answer that is wrong.

      Why it is wrong.
    - [x] The answer that is right.

      Why it is right.
    :::

Nothing here needs Sphinx, so that notebooks made from the pages can use it, too.
"""

import re
from dataclasses import dataclass

from markdown_it import MarkdownIt

LETTERS = "ABCDEFGH"
MARKED = re.compile(r"\[([ xX])\]\s+(?=\S)")
BLOCK = re.compile(
    r"^(?P<fence>:{3,}|`{3,})\{quiz\}[ \t]*\n(?P<body>.*?)^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
MARKDOWN = MarkdownIt("commonmark")
REMEDY = "mark it by [x] in place of [ ]"


class QuizError(ValueError):
    """A question that cannot be asked, the line of its source, and the remedy."""

    def __init__(self, line: int, message: str) -> None:
        """Keep the line, counted from nought within the question's source."""
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Option:
    """One answer to choose, whether it is right, and why; ``line`` is its first."""

    letter: str
    text: str
    right: bool
    why: str
    line: int


@dataclass(frozen=True)
class Question:
    """A question in MyST Markdown, and its options."""

    text: str
    options: tuple[Option, ...]

    @property
    def right(self) -> Option:
        """The only right answer."""
        return next(option for option in self.options if option.right)


def read_quiz(source: str) -> Question:
    """Read what stands inside one ``{quiz}``.

    Raises
    ------
    QuizError
        If there is no question, or fewer than two options, or not exactly one right, or
        an option without mark, text or explanation.
    """
    lines = source.splitlines()
    blocks = [
        (token.type, token.map)
        for token in MARKDOWN.parse(source)
        if token.map and token.level == 0 and not token.type.endswith("_close")
    ]
    kinds = [kind for kind, _ in blocks]
    if kinds != ["paragraph_open", "bullet_list_open"]:
        raise QuizError(
            blocks[2][1][0] if len(blocks) > 2 and blocks[2][1] else 0,
            "a quiz is a question of one paragraph, then a list of options "
            'that begin with "- [ ]" or, the right one, "- [x]"; indent each '
            "explanation by two spaces, so that it belongs to its option",
        )
    asked = " ".join(line.strip() for line in cut(lines, blocks[0][1]))
    options = read_options(lines, blocks[1][1] or [0, 0])
    if len(options) < 2:
        raise QuizError(options[0].line, "one option is no choice; give two or more")
    right = [option for option in options if option.right]
    if not right:
        raise QuizError(options[0].line, f"no option is right; {REMEDY}")
    if len(right) > 1:
        raise QuizError(
            right[1].line,
            f"{len(right)} options are right, and a reader can choose one only; "
            "leave one [x] and make the others [ ]",
        )
    return Question(asked, tuple(options))


def cut(lines: list[str], place: list[int] | None) -> list[str]:
    """The lines of one block."""
    first, after = place or (0, 0)
    return lines[first:after]


def read_options(lines: list[str], place: list[int]) -> list[Option]:
    """The options of the list that stands in these lines."""
    found = []
    first = place[0]
    inside = "\n".join(cut(lines, place))
    starts = [
        token.map[0]
        for token in MARKDOWN.parse(inside)
        if token.type == "list_item_open" and token.level == 1 and token.map
    ]
    ends = [*starts[1:], place[1] - first]
    if len(starts) > len(LETTERS):
        at = first + starts[len(LETTERS)]
        raise QuizError(at, f"more than {len(LETTERS)} options; drop some")
    for letter, start, end in zip(LETTERS, starts, ends, strict=False):
        item = [line.strip() for line in lines[first + start : first + end]]
        found.append(read_option(letter, item, first + start))
    return found


def read_option(letter: str, item: list[str], line: int) -> Option:
    """One option from its lines: a paragraph to choose, and what explains it."""
    paragraphs = re.split(r"\n\s*\n", "\n".join(item).strip())
    chosen = re.sub(r"^[-*+]\s+", "", paragraphs[0])
    mark = MARKED.match(chosen)
    if mark is None:
        raise QuizError(
            line, 'an option begins with "- [ ] " or "- [x] " and goes on with its text'
        )
    why = "\n\n".join(" ".join(said.split("\n")) for said in paragraphs[1:]).strip()
    if not why:
        raise QuizError(
            line,
            f"option {letter} has no explanation; say under it, after an empty line "
            "and indented by two spaces, why it is right or wrong",
        )
    text = " ".join(chosen[mark.end() :].split("\n"))
    return Option(letter, text, mark[1] in "xX", why, line)


def plain(question: Question, number: int, answers: bool = True) -> str:
    """The question as plain Markdown, for notebooks; with or without its answers."""
    parts = [f"**Question {number}.** {question.text}"]
    parts += [f"- **{option.letter}.** {option.text}" for option in question.options]
    if answers:
        said = [
            f"- **{option.letter}, {'right' if option.right else 'wrong'}.** "
            + option.why.replace("\n\n", "\n\n  ")
            for option in question.options
        ]
        parts += ["<details><summary>Answer and reasons</summary>", *said, "</details>"]
    return "\n\n".join(parts)


def fill_plain(page: str, answers: bool = True) -> str:
    """A page's Markdown with each of its quizzes written out plainly."""
    number = 0

    def written(match: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return plain(read_quiz(match["body"]), number, answers)

    return BLOCK.sub(written, page)
