"""A page as a notebook: for students, or with solutions for teachers.

Both are made of the same parts; the students' copy is the teachers' without those that
belong to solutions. Right answers are computed in cells that neither has: there the
sealed answers beside the package take their place.
"""

import ast
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import nbformat
from clusters_book.quiz_source import plain, read_quiz
from formats.chapters import LICENCE, SUBTITLE, TITLE
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from copies.blocks import Block, blocks, definitions_as_list, fences
from copies.filling import ROLE, Filler, NotFilled
from copies.pages import Page
from copies.statements import (
    Statement,
    called,
    imported,
    inside_functions,
    statements,
    with_inner,
)
from creative_clusters.exercises import Expected

FOLDED = {"hide-input", "remove-input", "remove-cell"}
HANDS_ON = {"glue", "expect"}  # called for the book's text, which is filled in here
LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|mailto:|<)([^)\s]*)\)")
DIRECTIVE = re.compile(r"^\s*(?:`{3,}|:{3,}|~{3,})\{.*$", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
NAME = re.compile(r"[A-Za-z_]\w*")

Kind = Literal["text", "code", "exercise", "answer"]  # the last to a quiz
Audience = Literal["student", "teacher"]


@dataclass(frozen=True)
class Exercise:
    """What an exercise asks."""

    label: str
    title: str
    prompt: str
    starter: str  # code that it gives
    right: Expected | None  # none where there is no one answer


@dataclass(frozen=True)
class Part:
    """A piece of a page: text, a code cell or an exercise."""

    kind: Kind
    text: str
    solves: str = ""  # the label of the exercise whose solution this is part of
    tags: frozenset[str] = frozenset()
    exercise: Exercise | None = None


@dataclass(frozen=True)
class Shelf:
    """Where the pages of a set lie, for links between them."""

    names: frozenset[str]  # of pages that are notebooks of the set
    online: str = ""  # address of the book, if it is public

    def target(self, page: str, link: str) -> str:
        """Where a link of a page leads from its copy; nothing if nowhere."""
        path, _, anchor = link.partition("#")
        if not path:
            return ""
        name = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
        name = name.removesuffix(".md")
        if name in self.names:
            return f"{stem(name)}.ipynb"
        if not self.online:
            return ""
        return f"{self.online}{name}.html" + (f"#{anchor}" if anchor else "")


def stem(page: str) -> str:
    """The name of a page's notebook: all lie in one folder, beside package and data."""
    return page.replace("/", "-")


def parts(page: Page, filler: Filler, shelf: Shelf) -> list[Part]:
    """The page in pieces, its text filled in."""
    filler.start(page)
    found = list(raw_parts(page, filler, shelf))
    return cleaned(found)


def raw_parts(page: Page, filler: Filler, shelf: Shelf) -> Iterator[Part]:
    """The pieces as they stand on the page."""
    solves, asked = "", 0
    for cell in page.notebook.cells:
        if cell.cell_type == "code":
            tags = frozenset(cell.metadata.get("tags", ()))
            yield Part("code", cell.source, solves, tags)
            continue
        for block in blocks(cell.source):
            if block.name == "solution-start":
                solves = block.argument
            elif block.name == "solution-end":
                solves = ""
            elif block.name == "quiz":
                asked += 1
                yield from quiz(page, filler, shelf, block, asked)
            elif block.name == "exercise":
                yield exercise(page, filler, shelf, block)
            else:
                text = shown(page, filler, shelf, block)
                yield Part("text", text, solves)


def shown(page: Page, filler: Filler, shelf: Shelf, block: Block) -> str:
    """A block as a notebook shows it."""
    if block.name in filler.directives:
        return filler.directives[block.name]()
    if block.name not in ("", "container"):
        raise NotFilled(
            f"{page.name}: no notebook can show {{{block.name}}}. Teach "
            "copies/notebooks.py the directive, or write the page without it."
        )
    return definitions_as_list(filled(page, filler, shelf, block.body))


def filled(page: Page, filler: Filler, shelf: Shelf, text: str) -> str:
    """Plain Markdown with roles looked up and links led to where the copy lies."""

    def led(match: "re.Match[str]") -> str:
        target = shelf.target(page.name, match[2])
        return f"[{match[1]}]({target})" if target else match[1]

    text = LINK.sub(led, filler.fill(page, text))
    if left := DIRECTIVE.search(text) or ROLE.search(text):
        raise NotFilled(f"{page.name}: {left[0].strip()!r} would show in a notebook.")
    return text


def quiz(
    page: Page, filler: Filler, shelf: Shelf, block: Block, number: int
) -> Iterator[Part]:
    """A question, then its answer and reasons, which students' copies lack."""
    question = read_quiz(block.body)
    asked, both = (plain(question, number, answers) for answers in (False, True))
    yield Part("text", filled(page, filler, shelf, asked))
    answer = filled(page, filler, shelf, both.removeprefix(asked).strip())
    yield Part("answer", answer, solves=f"question-{number}")


def exercise(page: Page, filler: Filler, shelf: Shelf, block: Block) -> Part:
    """An exercise; the code that it gives goes into the cell for the answer."""
    prompt, given = fences(block.body)
    label = block.options["label"]
    asked = Exercise(
        label,
        block.argument,
        filled(page, filler, shelf, prompt),
        "".join(given).strip("\n"),
        page.answers.get(label),
    )
    return Part("exercise", f"### Exercise: {asked.title}", exercise=asked)


def cleaned(found: list[Part]) -> list[Part]:
    """Parts without code that serves the built book alone.

    From its end to its start, since it is known only further down which names of a
    cell that no reader sees are needed.
    """
    code = [s for part in found if part.kind == "code" for s in statements(part.text)]
    inside = inside_functions(code)
    used: set[str] = set()
    kept: list[Part] = []
    for part in reversed(found):
        if part.exercise:
            asked = [*CODE.findall(part.exercise.prompt), part.exercise.starter]
            used |= {name for code in asked for name in NAME.findall(code)}
        if part.kind != "code":
            kept.append(part)
            continue
        text = clean_code(part, used, inside)
        if text:
            kept.append(replace(part, text=text))
    return kept[::-1]


def clean_code(part: Part, used: set[str], inside: dict[str, frozenset[str]]) -> str:
    """A cell's code without what serves the book alone; notes the names it uses."""
    cell = statements(part.text)
    unseen = "remove-cell" in part.tags
    if unseen and any(statement.called == "expect" for statement in cell):
        return ""
    kept = []
    for statement in reversed(cell):
        text = statement.text
        if isinstance(statement.tree, ast.Import | ast.ImportFrom):
            text = imported(statement, statement.binds - (HANDS_ON - used))
        elif hands_on(statement, used) or (unseen and not needed(statement, used)):
            continue
        if text:
            kept.append(text)
            used -= statement.rebinds
            used |= with_inner(statement.uses, inside)
    return "\n".join(kept[::-1]).strip("\n")


def hands_on(statement: Statement, used: set[str]) -> bool:
    """Whether a statement does nothing but hand something to the text of the book.

    So does a loop that calls such a function and makes nothing that is used later.
    """
    if statement.called in HANDS_ON:
        return True
    loop = statement.tree
    makes = (statement.binds & used) | statement.changes
    if not isinstance(loop, ast.For) or makes:
        return False
    calls = {called(inner) for inner in loop.body if not isinstance(inner, ast.Assign)}
    return bool(calls) and calls <= HANDS_ON


def needed(statement: Statement, used: set[str]) -> bool:
    """Whether a statement of an unseen cell shows something or makes what is used."""
    shows = bool(statement.called) and statement.called not in HANDS_ON
    return shows or bool((statement.binds | statement.changes) & used)


SET_UP = """\
# Google Colab only: put {archive} into the session's files first (the
# folder at the left). Elsewhere this cell does nothing. In Colab it takes
# a minute or two, each time you start anew.
import sys

if "google.colab" in sys.modules:
    import os
    import zipfile

    if not os.path.isdir("creative_clusters"):
        zipfile.ZipFile("{archive}").extractall()
        os.chdir("{folder}")
    sys.path.insert(0, os.getcwd())
    %pip install --quiet --requirement requirements.txt"""

ABOUT = {
    "student": "A copy for students of one page of *{book}*.",
    "teacher": "A copy for teachers, with solutions, of one page of *{book}*.",
}


def notebook(
    found: list[Part], audience: Audience, folder: str
) -> nbformat.NotebookNode:
    """The notebook of a page, made of its parts."""
    about = ABOUT[audience].format(book=f"{TITLE}: {SUBTITLE.lower()}")
    title, _, rest = found[0].text.partition("\n")
    cells = [
        new_markdown_cell(f"{title}\n\n{about} {LICENCE}"),
        new_code_cell(SET_UP.format(archive=f"{folder}.zip", folder=folder)),
        new_markdown_cell(rest.strip("\n")),
    ]
    solving = ""
    for part in found[1:]:
        if part.solves and audience == "student":
            continue
        if part.solves != solving and part.solves and part.kind != "answer":
            cells.append(new_markdown_cell("#### Solution"))
        solving = part.solves
        if part.kind in ("text", "answer"):
            cells.append(new_markdown_cell(part.text))
        elif part.exercise:
            cells.append(new_markdown_cell(f"{part.text}\n\n{part.exercise.prompt}"))
            cells.append(new_code_cell(answer_cell(part.exercise)))
        else:
            cells.append(new_code_cell(part.text, metadata=look(part.tags)))
    return whole(cells)


def whole(cells: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    """A notebook of these cells, the same at every making."""
    for number, cell in enumerate(cells, 1):
        cell["id"] = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    made: nbformat.NotebookNode = new_notebook(cells=cells, metadata=about)
    nbformat.validate(made)
    return made


def look(tags: frozenset[str]) -> dict[str, object]:
    """Cells that are folded in the book are folded in JupyterLab and in Colab."""
    if FOLDED & tags:
        return {"jupyter": {"source_hidden": True}, "cellView": "form"}
    return {}


def answer_cell(asked: Exercise) -> str:
    """Where the reader writes; one that is left as it is says so, and is no error."""
    if asked.right is None:
        return "# Your own code, if you like."
    lines = [asked.starter] if asked.starter else []
    if not re.search(r"^answer = ", asked.starter, re.MULTILINE):
        lines.append("answer = None  # your answer, or the code that computes it")
    return "\n".join([*lines, f'check("{asked.label}", answer)'])
