"""The exercises of a lesson as an assignment that Otter-Grader marks.

An assignment is not the lesson, but what its exercises rest on: those statements of the
page that bind the names which prompts, starters and solutions use. Otter makes two
things of it: a notebook for students, and an archive with which their submissions are
marked. A public test says which kind of answer is wanted; a hidden one, of which
students have no copy, compares it with the right one. Exercises that have no one answer
are marked by hand.
"""

import ast
import re
import shutil
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import nbformat
import yaml
from formats.chapters import LICENCE
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from otter.assign import main as assign

from copies.notebooks import CODE, Exercise, Part, whole
from copies.sets import Copy, Source, beside, requirements
from copies.statements import Statement, free, imported, rests_on, statements

PART = "lessons/"
MARKS = {"Easy": 2, "Medium": 4, "Open-ended": 4}  # by the first word of the prompt
LEVEL = re.compile(r"\*([A-Z][\w-]*)")
ANSWER = re.compile(r"\banswer\b")
GOOD = re.compile(r"\bA good answer [^.]*\.")
RUBRIC = (
    "**Marked by hand, out of {marks}.** One mark each for a claim that could have "
    "failed, a number with its source, how sure it is, and what it cannot show."
)
MASTER = "master"
CONFIG = {
    "init_cell": True,
    "export_cell": False,
    "check_all_cell": False,
    "requirements": "requirements.txt",
    "tests": {"ok_format": False},
    "generate": {"seed": 42, "show_hidden": True},
}
ABOUT = """\
# {title}: assignment

From *{title}*, a page of the book. The cells that stand here already are those of the
page on which the exercises rest; run them first. Put each answer in place of the three
dots, and run the test below it: it says whether your answer is of the kind that is
wanted, not whether it is right. Hand in this notebook.

{licence}"""

Cells = Iterator[nbformat.NotebookNode]


def variable(asked: Exercise) -> str:
    """The name of an answer, one for each exercise."""
    return f"answer_{asked.label.replace('-', '_')}"


def level(asked: Exercise) -> str:
    """The level that a prompt begins with."""
    found = LEVEL.match(asked.prompt)
    if not found or found[1] not in MARKS:
        raise ValueError(
            f"Exercise {asked.label}: begin its text with its level, one of "
            f"{', '.join(MARKS)}, so that it can be given marks."
        )
    return found[1]


def prompt(asked: Exercise) -> str:
    """What is asked, in the words of the page, but for what the answer is called."""
    text = re.sub(r"`check\([^`]*\)`", "the test below", asked.prompt)
    return ANSWER.sub(variable(asked), text) if asked.right else text


def solving(asked: Exercise, found: list[Part], kind: str) -> list[str]:
    """The code, or the text, of an exercise's solution."""
    return [p.text for p in found if p.solves == asked.label and p.kind == kind]


def solution(asked: Exercise, found: list[Part]) -> str:
    """The code of a solution, without the checks of the page."""
    code = "\n\n".join(solving(asked, found, "code"))
    kept = [s.text for s in statements(code) if s.called != "check"]
    return ANSWER.sub(variable(asked), "\n".join(kept)).strip("\n")


def given(found: list[Part]) -> dict[int, list[str]]:
    """The code to be given before each exercise, by its place on the page."""
    above: list[tuple[int, Statement]] = []
    kept: set[int] = set()
    used: set[str] = set()
    places = []
    for place, part in enumerate(found):
        if part.kind == "code" and not part.solves:
            above += [(place, statement) for statement in statements(part.text)]
        elif part.exercise and part.exercise.right:
            places.append(place)
            needed = wanted(part.exercise, found)
            used |= needed
            rests = rests_on(needed, [statement for _, statement in above])
            kept |= {id(statement) for statement in rests}
    used |= set().union(*(s.uses for _, s in above if id(s) in kept))
    shown: dict[int, list[str]] = {}
    start = -1
    for end in places:
        cells: dict[int, list[str]] = {}
        for place, statement in above:
            if start < place < end and id(statement) in kept:
                cells.setdefault(place, []).append(cut(statement, used))
        code = ["\n".join(filter(None, cell)).strip("\n") for cell in cells.values()]
        shown[end] = [text for text in code if text]
        start = end
    return shown


def cut(statement: Statement, used: set[str]) -> str:
    """A statement as it is given: an import without names that nothing uses."""
    if isinstance(statement.tree, ast.Import | ast.ImportFrom):
        return imported(statement, used - {"check"})
    return statement.text


def wanted(asked: Exercise, found: list[Part]) -> set[str]:
    """The names that an exercise speaks of or is solved with, and does not make."""
    spoken = filter(is_code, CODE.findall(asked.prompt))
    solution = "\n".join(solving(asked, found, "code"))
    names: set[str] = set()
    for code in (*spoken, asked.starter, solution):
        names |= free(s for s in statements(code) if s.called != "check")
        names |= {name for s in statements(code) for name in s.binds if name.isupper()}
    return names


def is_code(text: str) -> bool:
    """Whether what stands in code type is code, and not a piece of it."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def tests(asked: Exercise) -> Cells:
    """A public test of the answer's kind, and a hidden one of the answer itself."""
    assert asked.right
    name = variable(asked)
    answer, within = asked.right
    kind = 0.0 if isinstance(answer, float) else type(answer)()
    yield new_raw_cell("# BEGIN TESTS")
    kindly = f"wrong_kind({name}, {kind!r})"
    yield judged(0, f"test_kind({name})", kindly, hidden=False)
    marks = MARKS[level(asked)]
    compared = f"fault({name}, {answer!r}, {within!r})"
    yield judged(marks, f"test_answer({name})", compared, hidden=True)
    yield new_raw_cell("# END TESTS")


def judged(points: int, head: str, said: str, *, hidden: bool) -> nbformat.NotebookNode:
    """A test that fails with what one of the book's judges has to say."""
    config = yaml.safe_dump({"hidden": hidden, "points": points}).strip()
    judge = said.partition("(")[0]
    cell: nbformat.NotebookNode = new_code_cell(
        f'""" # BEGIN TEST CONFIG\n{config}\n""" # END TEST CONFIG\n'
        f"def {head}:\n"
        f"    from creative_clusters.exercises import {judge}\n\n"
        f"    said = {said}\n"
        "    assert not said, said"
    )
    return cell


def question(asked: Exercise, found: list[Part]) -> Cells:
    """One exercise between Otter's marks."""
    config = {"name": asked.label, "points": MARKS[level(asked)]}
    if not asked.right:
        config["manual"] = True
    yield new_raw_cell(f"# BEGIN QUESTION\n{yaml.safe_dump(config)}")
    text = f"## {asked.title}\n\n{prompt(asked)}"
    if not asked.right:
        text += "\n\n" + RUBRIC.format(marks=config["points"])
    yield new_markdown_cell(text)
    yield new_raw_cell("# BEGIN SOLUTION")
    if asked.right:
        yield new_code_cell(answer_cell(asked, found))
    else:
        yield new_markdown_cell(model_answer(asked, found))
    yield new_raw_cell("# END SOLUTION")
    if asked.right:
        yield from tests(asked)
    yield new_raw_cell("# END QUESTION")


def answer_cell(asked: Exercise, found: list[Part]) -> str:
    """The solution, for teachers, and what students find in its place."""
    name = variable(asked)
    starter = ANSWER.sub(name, asked.starter)
    if not re.search(rf"^{name} = ", starter, re.MULTILINE):
        starter = f"{starter}\n{name} = ...".lstrip()
    return (
        f"# BEGIN SOLUTION NO PROMPT\n{solution(asked, found)}\n# END SOLUTION\n"
        f'""" # BEGIN PROMPT\n{starter}\n""" # END PROMPT'
    )


def model_answer(asked: Exercise, found: list[Part]) -> str:
    """For the marker: what the page says of a good answer, then the page's own."""
    text = " ".join(" ".join(solving(asked, found, "text")).split())
    good = GOOD.findall(text)
    if not good:
        raise ValueError(
            f"Exercise {asked.label}: end its solution with what *A good answer* does, "
            "so that markers have a rubric."
        )
    own = [
        f"```python\n{part.text}\n```" if part.kind == "code" else part.text
        for part in found
        if part.solves == asked.label
    ]
    return "\n\n".join([f"**Rubric.** {' '.join(good)}", *own])


def master(copy: Copy) -> nbformat.NotebookNode:
    """What Otter makes students' copy and autograder of."""
    cells = [
        new_raw_cell(f"# ASSIGNMENT CONFIG\n{config_of(copy)}"),
        new_markdown_cell(ABOUT.format(title=copy.page.title, licence=LICENCE)),
    ]
    code = given(copy.parts)
    for place, part in enumerate(copy.parts):
        if part.exercise:
            cells += [new_code_cell(text) for text in code.get(place, ())]
            cells += question(part.exercise, copy.parts)
    return whole(cells)


def config_of(copy: Copy) -> str:
    """Otter's settings of an assignment, in the form in which it reads them."""
    files = ["data", "creative_clusters"]
    told: str = yaml.safe_dump({"name": short(copy), **CONFIG, "files": files})
    return told


def short(copy: Copy) -> str:
    """The name of an assignment: that of its lesson."""
    return copy.page.name.removeprefix(PART)


def make(source: Source, copy: Copy, out: Path) -> Path:
    """Make one assignment in ``out``; return its folder.

    In it are ``student/``, to hand out; ``autograder/``, to keep; and an archive of the
    first.
    """
    folder = out / short(copy)
    shutil.rmtree(folder, ignore_errors=True)
    notebook = master(copy)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    files = dict(beside(source.root, copy.tables))
    files["requirements.txt"] = requirements(source.root, code).encode()
    files[f"{short(copy)}.ipynb"] = nbformat.writes(notebook).encode()
    for name, content in files.items():
        path = folder / MASTER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with chdir(folder / MASTER):
        assign(f"{short(copy)}.ipynb", str(folder), no_pdfs=True, no_run_tests=True)
    shutil.rmtree(folder / MASTER)
    shutil.make_archive(
        str(folder / f"{short(copy)}-student"), "zip", folder, "student"
    )
    return folder


def make_all(source: Source, out: Path) -> list[Path]:
    """Make an assignment of every lesson."""
    lessons = [copy for copy in source.copies if copy.page.name.startswith(PART)]
    return [make(source, copy, out) for copy in lessons]
