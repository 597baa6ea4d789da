"""Copies for students and teachers: whole, clean, and run by people without the book.

They are taken out of their archives and run in an environment that holds the book's
pins and nothing else, with a new home, the checkout out of reach and no network.
"""

import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from clean import clean_environment
from copies import sets
from copies.blocks import blocks, definitions_as_list
from copies.filling import ROLE, Filler, NotFilled
from copies.notebooks import DIRECTIVE, Shelf, notebook, parts, stem
from copies.pages import Page
from copies.statements import imported, rests_on, statements

from creative_clusters.exercises import unseal

ROOT = Path(__file__).parents[2]
RUNNER = ROOT / "tests" / "run_notebooks.py"
SOLUTION = re.compile(
    r"^````\{solution-start\} ([\w-]+)\n[\s\S]*?^````$([\s\S]*?)^````\{solution-end\}",
    re.MULTILINE,
)
ANSWERS = re.compile(r"^```\{code-cell\}[^`]*?^expect\([\s\S]*?^```$", re.MULTILINE)
TELLING = 15  # letters below which a line or a sentence could stand anywhere


@pytest.fixture(scope="module")
def source(book: Path) -> sets.Source:
    return sets.read_source(ROOT, book.parent)


class Sets:
    """Both sets, packed and taken out of their archives."""

    def __init__(self, source: sets.Source, folder: Path) -> None:
        self.archives = {a: sets.pack(source, a, folder / "made") for a in sets.FOLDERS}
        for archive in self.archives.values():
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(folder / "a student")
        self.student, self.teacher = (
            folder / "a student" / name for name in sets.FOLDERS.values()
        )


@pytest.fixture(scope="module")
def unpacked(source: sets.Source, tmp_path_factory: pytest.TempPathFactory) -> Sets:
    folder = tmp_path_factory.mktemp("copies")
    (folder / "made").mkdir()
    return Sets(source, folder)


@pytest.fixture(scope="module")
def environment(
    clean_venv: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    return clean_environment(tmp_path_factory.mktemp("home"), clean_venv)


@pytest.fixture(scope="module")
def ran(
    unpacked: Sets, clean_venv: Path, environment: dict[str, str], tmp_path_factory: Any
) -> dict[str, Any]:
    """What every notebook of both sets said."""
    done = subprocess.run(
        [clean_venv / "bin" / "python", RUNNER, unpacked.student, unpacked.teacher],
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def texts(folder: Path, kind: str) -> Iterator[tuple[str, str]]:
    """The cells of all notebooks of a folder that are code, or are text."""
    for path in sorted(folder.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == kind:
                yield path.stem, cell.source


def test_every_page_with_code_is_in_both_sets(unpacked: Sets) -> None:
    pages = {
        stem(path.relative_to(ROOT / "book").with_suffix("").as_posix())
        for path in (ROOT / "book").rglob("*.md")
        if "{code-cell}" in path.read_text(encoding="utf-8")
    }
    for folder in (unpacked.student, unpacked.teacher):
        assert {path.stem for path in folder.glob("*.ipynb")} == pages


def test_every_notebook_runs_by_itself(unpacked: Sets, ran: dict[str, Any]) -> None:
    assert set(ran) == {path.stem for path in unpacked.student.glob("*.ipynb")}
    for name, said in ran.items():
        assert "error" not in said, f"{name}\n{said['error']}"
        for which in ("first", "second"):
            assert not said[which]["error"], f"{name}, {which}\n{said[which]['error']}"
        package = unpacked.student / "creative_clusters" / "__init__.py"
        assert Path(said["package"]).samefile(package)


def test_checks_judge_answers_without_the_cells_that_compute_them(
    source: sets.Source, ran: dict[str, Any]
) -> None:
    for copy in source.copies:
        asked = len(copy.page.answers)
        said = ran[stem(copy.page.name)]
        student, teacher = (
            [line for text in said[which]["said"] for line in text.splitlines()]
            for which in ("first", "second")
        )
        waiting = [line for line in student if line.startswith("Not yet. ")]
        assert len(waiting) == asked, copy.page.name
        assert "Right." not in student
        # The teachers' copy has the students' cells, and then the solutions.
        assert teacher.count("Right.") == asked, copy.page.name
        assert [line for line in teacher if line.startswith("Not yet. ")] == waiting


def sentences(text: str) -> Iterator[str]:
    """What one would recognise of a text: its code by line, its prose by sentence."""
    prose = re.sub(r"^```[\s\S]*?^```$", "", text, flags=re.MULTILINE)
    for sentence in re.split(r"(?<=[.!?:;,])\s+|\{[a-z:]+\}`[^`]*`", prose):
        yield " ".join(sentence.split())
    for code in re.findall(r"^```.*\n([\s\S]*?)^```$", text, re.MULTILINE):
        yield from (line.strip() for line in code.splitlines())


def test_students_find_nothing_of_a_solution(unpacked: Sets) -> None:
    held = " ".join(
        " ".join(path.read_text(encoding="utf-8").split())
        for path in unpacked.student.rglob("*")
        if path.suffix in {".md", ".py", ".sealed", ".txt"}
    )
    for kind in ("code", "markdown"):
        cells = (text for _, text in texts(unpacked.student, kind))
        held += " ".join(" ".join(text.split()) for text in cells)
    looked_for = 0
    pages = [
        (path.name, path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "book").rglob("*.md"))
    ]
    shown = [ANSWERS.sub("", SOLUTION.sub("", page)) for _, page in pages]
    rest = " ".join(" ".join(shown).split())
    for name, page in pages:
        solutions = [found[2] for found in SOLUTION.finditer(page)]
        assert len(solutions) == page.count("{solution-start}")
        secret = solutions + ANSWERS.findall(page)
        for sentence in {s for text in secret for s in sentences(text)}:
            if len(sentence) < TELLING or sentence in rest:
                continue
            looked_for += 1
            assert sentence not in held, f"{name}: {sentence!r}"
    assert looked_for > 300


def test_sealed_answers_are_those_of_the_book_and_cannot_be_read(
    source: sets.Source, unpacked: Sets
) -> None:
    for folder in (unpacked.student, unpacked.teacher):
        sealed = (folder / "creative_clusters" / "answers.sealed").read_text("ascii")
        assert unseal(sealed) == source.answers
        for label, (answer, _) in source.answers.items():
            assert label not in sealed
            assert str(answer) not in sealed or len(str(answer)) < 4
    code = " ".join(text for _, text in texts(unpacked.student, "code"))
    assert not re.search(r"\bexpect\(|import .*\bexpect\b", code)
    for answer, _ in source.answers.values():
        assert len(repr(answer)) < 8 or repr(answer) not in code


def test_nothing_shows_that_only_the_book_can_draw(unpacked: Sets) -> None:
    for folder in (unpacked.student, unpacked.teacher):
        for name, text in texts(folder, "markdown"):
            for left in (ROLE.search(text), DIRECTIVE.search(text)):
                assert left is None, f"{name}: {left}"
            assert not re.search(r"^:[ \t]", text, re.MULTILINE), f"{name}: {text}"
        for path in folder.glob("*.ipynb"):
            made = nbformat.read(path, as_version=4)
            nbformat.validate(made)
            assert not any(cell.get("outputs") for cell in made.cells)


def test_text_says_the_numbers_of_the_book(unpacked: Sets, book: Path) -> None:
    for name in ("lessons/governance", "theory/creative-mediators", "cases/toronto"):
        html = (book / f"{name}.html").read_text(encoding="utf-8")
        built = BeautifulSoup(html, "html.parser").select("main article .pasted-text")
        made = nbformat.read(unpacked.teacher / f"{stem(name)}.ipynb", as_version=4)
        said, place = "\n".join(cell.source for cell in made.cells), 0
        assert len(built) > 10
        for number in built:
            place = said.find(number.get_text(), place) + 1
            assert place, f"{name}: {number.parent.get_text()!r}"


def test_links_lead_to_notebooks_of_the_set(unpacked: Sets) -> None:
    inside = 0
    for name, text in texts(unpacked.student, "markdown"):
        for target in re.findall(r"\]\((?!https?:|mailto:|<)([^)]*)\)", text):
            assert (unpacked.student / target).is_file(), f"{name}: {target}"
            inside += 1
    assert inside > 20


def test_only_tables_that_notebooks_use_come_along(
    source: sets.Source, unpacked: Sets
) -> None:
    there = {path.stem for path in (unpacked.student / "data").rglob("*.csv")}
    used = set().union(*(copy.tables for copy in source.copies))
    assert there == used | sets.NEEDED_BY_ALL
    assert there < {path.stem for path in (ROOT / "data").rglob("*.csv")}


def test_requirements_are_the_books_pins_of_what_is_imported(unpacked: Sets) -> None:
    asked = (unpacked.student / "requirements.txt").read_text(encoding="utf-8")
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for line in asked.splitlines():
        assert re.search(rf"^{re.escape(line.split()[0])} ", pins, re.MULTILINE), line
    names = set(re.findall(r"^[\w-]+", asked, re.MULTILINE))
    assert {"pandas", "numpy", "scipy", "statsmodels", "esda", "libpysal"} <= names
    assert not names & {"ipython", "jupyter-book", "myst-nb", "sphinx"}


def test_same_state_gives_the_same_archive(
    source: sets.Source, unpacked: Sets, tmp_path: Path
) -> None:
    again = sets.pack(source, "student", tmp_path)
    assert again.read_bytes() == unpacked.archives["student"].read_bytes()


def test_first_cell_sets_colab_up(
    unpacked: Sets, environment: dict[str, str], clean_venv: Path, tmp_path: Path
) -> None:
    """With a stand-in for Colab's module, and pip that may not ask anybody."""
    shutil.copy(unpacked.archives["student"], tmp_path)
    path = unpacked.student / "cases-warsaw.ipynb"
    first = nbformat.read(path, as_version=4).cells[1].source
    code = (
        "import sys, types\n"
        "sys.modules['google.colab'] = types.ModuleType('google.colab')\n"
        "sys.path[:] = [p for p in sys.path if p]\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        f"shell.run_cell({first!r}).raise_error()\n"
        "shell.run_cell('from creative_clusters.data import load').raise_error()\n"
        "assert len(shell.ev('load(\"warsaw_poland_facts\")'))\n"
        "print(sys.modules['creative_clusters'].__file__)\n"
    )
    done = subprocess.run(
        [clean_venv / "bin" / "python", "-c", code],
        cwd=tmp_path,
        env=environment | {"PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ERROR" not in done.stdout + done.stderr
    package = tmp_path / "student-notebooks" / "creative_clusters"
    assert Path(done.stdout.split()[-1]).parent == package


@pytest.fixture
def page(tmp_path: Path) -> Any:
    """Make a page of a book of one page."""
    shutil.copy(ROOT / "book" / "references.bib", tmp_path)

    def written(text: str) -> tuple[Page, Filler]:
        path = tmp_path / "cases" / "new.md"
        path.parent.mkdir(exist_ok=True)
        head = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n"
        path.write_text(f"{head}\n# New\n\n{text}", encoding="utf-8")
        made = Page(path, tmp_path)
        return made, Filler([made], tmp_path)

    return written


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("```{table-of-wonders}\n```", "no notebook can show {table-of-wonders}"),
        ("Word {wonder}`x`.", "no notebook can show {wonder}`x`"),
        ("- item\n\n  ```{note}\n  x\n  ```", "{note}' would show in a notebook"),
        ("Word {glue:text}`nowhere`.", "nothing found for {glue:text}`nowhere`"),
    ],
)
def test_what_no_notebook_can_show_stops_the_making(
    page: Any, text: str, said: str
) -> None:
    with pytest.raises(NotFilled, match=r"cases/new: .*" + re.escape(said)):
        parts(*page(text), Shelf(frozenset()))


def test_exercise_gets_a_cell_to_answer_in_and_solution_only_for_teachers(
    page: Any,
) -> None:
    made, filler = page(
        "Intro.\n\n```{code-cell}\nfrom creative_clusters.exercises import check, "
        "expect\nfrom creative_clusters.record import glue\n```\n\n"
        "```{code-cell}\n:tags: [remove-cell]\nhidden = 6 * 7\nexpect('sum', hidden)\n"
        "```\n\n````{exercise} A sum\n:label: sum\n\nAdd `a`.\n\n"
        "```python\na = 1\n```\n````\n\n````{solution-start} sum\n:class: dropdown\n"
        "````\n\n```{code-cell}\nanswer = 42\ncheck('sum', answer)\n```\n\nBecause.\n\n"
        "````{solution-end}\n````\n\nAfter.\n"
    )
    made.answers = {"sum": (42.0, 0.0)}
    found = parts(made, filler, Shelf(frozenset()))
    student, teacher = (
        "\n".join(cell.source for cell in notebook(found, audience, "set").cells)
        for audience in ("student", "teacher")
    )
    for text in (student, teacher):
        assert "### Exercise: A sum\n\nAdd `a`.\na = 1\nanswer = None" in text
        assert 'check("sum", answer)' in text
        assert "import check\n" in text
        assert "glue" not in text
        assert "hidden" not in text
        assert "After." in text
    assert "42" not in student
    assert "Because." not in student
    assert "#### Solution\nanswer = 42\ncheck('sum', answer)\nBecause." in teacher


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("../lessons/place.md", "lessons-place.ipynb"),
        ("../lessons/place.md#limits", "lessons-place.ipynb"),
        ("../reference/glossary.md#gap", "https://x.io/reference/glossary.html#gap"),
        ("#here", ""),
    ],
)
def test_link_leads_to_a_copy_or_to_the_book(link: str, target: str) -> None:
    shelf = Shelf(frozenset({"lessons/place"}), "https://x.io/")
    assert shelf.target("cases/new", link) == target
    assert Shelf(frozenset()).target("cases/new", link) == ""


def test_blocks_and_definitions() -> None:
    text = (
        "A\n\n::::{container} b\n```{c} d\n:e: f\n\ng\n```\n::::\n\n```python\nh\n```"
    )
    first, second, third = blocks(text)
    assert (first.name, first.body) == ("", "A")
    assert (second.name, second.argument) == ("container", "b")
    assert next(blocks(second.body)).options == {"e": "f"}
    assert (third.name, third.body) == ("", "```python\nh\n```")
    assert definitions_as_list("One\n: two\n\nThree\n: four") == (
        "- **One.** two\n- **Three.** four"
    )


def test_slice_holds_what_a_name_rests_on_and_nothing_else() -> None:
    code = (
        "import a\nfrom b import c, d\nx = a.one()\ny = 1\ny = 2\n"
        "def f():\n    return [k for k in z if k in w]\n"
        "w = {}\nw['k'] = y\nz = x\nx = 3\nunused = 4\nlist.sort(unused)\n"
        "result = f().query('k > @z')\n"
    )
    kept = [s.text for s in rests_on({"result"}, list(statements(code)))]
    told = "\n".join(kept)
    for needed in ("import a", "x = a.one()", "y = 2", "w['k'] = y", "z = x"):
        assert needed in told
    for other in ("y = 1", "x = 3", "unused", "from b"):
        assert other not in told
    (both,) = statements("from b import c, d")
    assert imported(both, {"d"}) == "from b import d"
    assert imported(both, {"e"}) == ""
