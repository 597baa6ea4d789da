"""Every page keeps its promises to readers: order, length, words, numbers."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
PAGES = sorted(BOOK.rglob("*.md"))
# The headings with which a page of each part begins and ends, and its exercises. What a
# page claims is said before its data, and what it cannot tell beside what it found.
ACROSS = "across-the-cases"  # the page that compares the cases is none of them
ORDER = {
    "lessons": (
        ["At a glance", "What would prove it wrong", "The data and their limits"],
        [
            "What we found",
            "What this cannot tell you",
            "Does it survive other choices?",
            "Exercises",
            "Test yourself",
            "In your own cluster",
            "Questions for class",
            "Sources",
        ],
        3,
    ),
    "theory": (
        [
            "At a glance",
            "Where the idea comes from",
            "What would prove it wrong",
            "The data and their limits",
        ],
        [
            "What we found",
            "What this cannot tell you",
            "Does it survive other choices?",
            "Exercises",
            "In your own cluster",
            "Questions for class",
            "Sources",
        ],
        2,
    ),
    "introduction": (
        ["At a glance"],
        [
            "What we found",
            "What this cannot tell you",
            "In your own cluster",
            "Sources",
        ],
        0,
    ),
    "cases": (
        ["At a glance"],
        [
            "What we found",
            "The six lessons in this case",
            "What this cannot tell you",
            "Sources",
        ],
        0,
    ),
    ACROSS: (
        ["At a glance"],
        ["What we found", "What this cannot tell you", "Sources"],
        0,
    ),
}
COMPUTED = [
    page
    for page in PAGES
    if page.parent.name in ORDER and "{code-cell}" in page.read_text(encoding="utf-8")
]
LESSONS = [page for page in COMPUTED if page.parent.name == "lessons"]
# Pages for teachers have an order of their own, and the same care for code and numbers.
EXECUTED = COMPUTED + [
    page
    for page in PAGES
    if page.parent.name == "teaching"
    and "{code-cell}" in page.read_text(encoding="utf-8")
]
CHECKED = 2  # exercises that check themselves; the third of a lesson is open

WIDEST_LINE = 79  # what fits a page on a small laptop without scrolling
LONGEST_CELL = 14  # what fits a phone; longer ones are plumbing and start folded
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
CODE = {"code-cell", "code-block", "code", "literalinclude", "math"}

# Phrases with a number that prose may hold as they are, each with its reason. One that
# no page uses any more must go from here.
TYPED: dict[str, str] = {
    "401 Richmond Street West": "an address",
}


def part(page: Path) -> str:
    """The part of the book whose contract a page keeps."""
    return ACROSS if page.stem == ACROSS else page.parent.name


class Cell(NamedTuple):
    """A code cell of a page."""

    heading: str
    tags: set[str]
    lines: list[str]


def body(page: Path) -> str:
    """The page without its front matter."""
    return re.sub(
        r"\A---\n.*?\n---\n", "", page.read_text(encoding="utf-8"), flags=re.DOTALL
    )


def split(text: str) -> tuple[list[str], list[Cell]]:
    """The lines of prose, those in boxes too, and the code cells of a page."""
    prose: list[str] = []
    cells: list[Cell] = []
    heading, code, fence = "", None, ""
    for line in text.splitlines():
        mark = re.match(r"(`{3,}|:{3,})(\{([\w:-]+)\})?", line)
        if code is not None:
            if line.strip() == fence:
                if isinstance(code, Cell):
                    cells.append(code)
                code = None
            elif isinstance(code, Cell):
                if not code.lines and line.startswith(":tags:"):
                    code.tags.update(yaml.safe_load(line.partition(":tags:")[2]))
                else:
                    code.lines.append(line)
        elif mark and mark[1][0] == "`" and (not mark[2] or mark[3] in CODE):
            if line.strip("`"):  # else it closes a box whose text is prose
                code = Cell(heading, set(), []) if mark[3] == "code-cell" else False
                fence = mark[1]
        elif not mark and not re.match(r":[\w-]+:", line):
            if found := re.match(r"#+ (.+)", line):
                heading = found[1]
            prose.append(line)
        elif mark and mark[2]:
            prose.append(line[len(mark[0]) :])  # the title of a box
    return prose, cells


def in_words(line: str) -> str:
    """Prose without roles, code, addresses, comments and formulas."""
    for pattern in (
        r"\{[\w:-]+\}`[^`]*`",
        r"`[^`]*`",
        r"<!--.*?-->",
        r"\]\([^)]*\)",
        r"<?https?://\S+>?",
        r"\$[^$]+\$",
        r"^\([\w-]+\)=$",
    ):
        line = re.sub(pattern, "", line)
    return line


def spoken(page: Path) -> list[str]:
    """What a page says in words, line by line."""
    return [in_words(line) for line in split(body(page))[0]]


def name(page: Path) -> str:
    """The page as the table of contents calls it."""
    return page.relative_to(BOOK).with_suffix("").as_posix()


each_lesson = pytest.mark.parametrize("page", LESSONS, ids=name)
each_computed = pytest.mark.parametrize("page", COMPUTED, ids=name)
each_executed = pytest.mark.parametrize("page", EXECUTED, ids=name)
each_page = pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.stem
)


def test_each_part_has_pages() -> None:
    assert {part(page) for page in COMPUTED} == set(ORDER)


@each_computed
def test_page_follows_the_order_of_its_part(page: Path) -> None:
    prose, _ = split(body(page))
    first, *rest = [line for line in prose if line.strip()]
    assert first.startswith("# ")
    assert not rest[0].startswith("#"), "the claim comes before any heading"
    assert sum(line.startswith("# ") for line in prose) == 1
    headings = [line[3:] for line in prose if line.startswith("## ")]
    begins, ends, _ = ORDER[part(page)]
    assert headings[: len(begins)] == begins
    assert headings[-len(ends) :] == ends
    analysis = headings[len(begins) : -len(ends)]
    assert analysis
    assert not set(analysis) & {*begins, *ends}


@each_computed
def test_no_section_is_empty(page: Path) -> None:
    sections = re.split(r"^## .*\n", body(page), flags=re.MULTILINE)
    assert all(section.strip() for section in sections)


@each_executed
def test_page_opens_as_a_notebook_without_asking(page: Path) -> None:
    head = yaml.safe_load(page.read_text(encoding="utf-8").split("---\n")[1])
    assert head["kernelspec"]["name"] == "python3"
    assert head["jupytext"]["text_representation"]["format_name"] == "myst"


@each_executed
def test_code_fits_the_screen(page: Path) -> None:
    _, cells = split(body(page))
    assert cells
    wide = [line for cell in cells for line in cell.lines if len(line) > WIDEST_LINE]
    assert wide == []
    long = [
        (cell.heading, cell.lines[0], len(cell.lines))
        for cell in cells
        if len(cell.lines) > LONGEST_CELL and not cell.tags & FOLDED
    ]
    assert long == []


@each_executed
def test_data_come_through_load_only(page: Path) -> None:
    _, cells = split(body(page))
    other_doors = re.compile(
        r"\bread_\w+\(|\bopen\(|\bPath\(|\.\./|\bdata/|\.csv\b|https?://|"
        r"\b(urllib|requests|httpx|os|pathlib|subprocess)\b|^\s*[!%]"
    )
    faults = [line for cell in cells for line in cell.lines if other_doors.search(line)]
    assert faults == []
    assert any("load(" in line for cell in cells for line in cell.lines)


@each_computed
def test_page_ends_in_findings_and_repeats_its_verdict(page: Path) -> None:
    text = body(page)
    _, cells = split(text)
    calls = [
        cell.heading
        for cell in cells
        for node in ast.walk(ast.parse("\n".join(cell.lines)))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "findings"
    ]
    assert calls == ["What we found"]
    glance = text.partition("## At a glance\n")[2].partition("\n## ")[0]
    assert f"{{verdict}}`{name(page)}`" in glance


@each_computed
def test_each_exercise_has_a_folded_solution(page: Path) -> None:
    text = body(page)
    asked = re.findall(r"\{exercise\}[^\n]*\n(?::[\w-]+:[^\n]*\n)*?:label: (\S+)", text)
    solved = re.findall(r"\{solution(?:-start)?\} (\S+)\n:class: dropdown", text)
    assert solved == asked
    assert len(re.findall(r"\{exercise(?:-start)?\}", text)) == len(asked)


@each_computed
def test_page_asks_its_exercises_and_two_check_themselves(page: Path) -> None:
    text = body(page)
    asked = re.findall(r"\{exercise\}[^\n]*\n(?::[\w-]+:[^\n]*\n)*?:label: (\S+)", text)
    assert len(asked) == ORDER[part(page)][2]
    _, cells = split(text)
    lines = "\n".join(line for cell in cells for line in cell.lines)
    checked = re.findall(r'^check\("([\w-]+)", \w+\)', lines, re.MULTILINE)
    expected = re.findall(r'\bexpect\(\s*"([\w-]+)"', lines)
    assert checked == asked[:CHECKED]
    assert expected == asked[:CHECKED]


@each_computed
def test_right_answers_are_kept_out_of_sight(page: Path) -> None:
    _, cells = split(body(page))
    shown = [
        line
        for cell in cells
        for line in cell.lines
        if "expect(" in line and "remove-cell" not in cell.tags
    ]
    assert shown == []


@each_lesson
def test_lesson_ends_in_practice(page: Path) -> None:
    practice = body(page).partition("\n## In your own cluster\n")[2]
    practice = practice.partition("\n## ")[0]
    assert len(re.findall(r"^\d+\. ", practice, re.MULTILINE)) == 5
    assert "table you need" in practice


WORDS_A_MINUTE = 200
LONGEST_READ = 20  # minutes


@each_computed
def test_page_is_read_in_twenty_minutes(page: Path) -> None:
    # Exercises are for those who stay; a glued number counts as one word.
    prose = "\n".join(split(body(page).partition("\n## Exercises\n")[0])[0])
    prose = re.sub(r"\{[\w:-]+\}`[^`]*`", "word", prose)
    assert len(prose.split()) / WORDS_A_MINUTE < LONGEST_READ


def typed_numbers(line: str) -> list[str]:
    """Percentages, and numbers from 100 on that are neither years nor SIC codes."""
    line = re.sub(r"\bSIC(?: codes?)? [\d-]+(?:(?:,| and| to) \d+(?:-\d+)?)*", "", line)
    found = []
    for match in re.finditer(r"(?<![\w.])\d[\d,.]*(?: ?%| per cent| percent)?", line):
        number = match[0].rstrip(".,")
        value = float(re.match(r"[\d,.]*\d", number)[0].replace(",", ""))
        is_year = re.fullmatch(r"(1[6-9]|20)\d\d", number)
        if not number[-1].isdigit() or (value >= 100 and not is_year):
            found.append(number)
    return found


@each_executed
def test_numbers_in_prose_come_from_code_or_data(page: Path) -> None:
    # Whole paragraphs: a line may break between a number and its "per cent".
    paragraphs = re.split(r"\n\s*\n", "\n".join(spoken(page)))
    faults = []
    for paragraph in paragraphs:
        text = " ".join(paragraph.split())
        for phrase in TYPED:
            text = text.replace(phrase, "")
        faults += typed_numbers(text)
    assert faults == []


def test_excused_numbers_are_still_used() -> None:
    said = " ".join(" ".join(" ".join(spoken(page)).split()) for page in COMPUTED)
    assert [phrase for phrase in TYPED if phrase not in said] == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("On 16 May 2011, from 1998 to 2023, 8 of 40 places.", []),
        ("SIC 58-63 and SIC 720 to 749, 26 of 68.", []),
        ("It rose by 12 per cent, then 3.5 % and 4%.", ["12 per cent", "3.5 %", "4%"]),
        ("Some 15,000 jobs, 680 people.", ["15,000", "680"]),
        ("Worth 6.8 billion, not 104.5.", ["104.5"]),
        (in_words("{glue:text}`share:.1f` of {fact}`a.b_2500`, [x](y-500)."), []),
    ],
)
def test_typed_numbers_are_told_from_years_and_codes(
    line: str, found: list[str]
) -> None:
    assert typed_numbers(line) == found


LATIN = re.compile(
    r"(?i)(?<![\w.])"
    r"(e\.? ?g\.|i\.? ?e\.|etc\b|cf\.|viz\.|et al\b|ibid|vs\b|n\.b\.|ca\.)"
)


@each_page
def test_page_uses_no_latin_abbreviation(page: Path) -> None:
    # In code, too: captions, alternative texts and findings are written there.
    assert LATIN.findall(page.read_text(encoding="utf-8")) == []


@each_page
def test_page_does_not_shout(page: Path) -> None:
    lines = [line for line in spoken(page) if "!" in line.replace("![", "")]
    assert lines == []


@each_page
def test_words_stand_one_space_apart(page: Path) -> None:
    prose = [line for line in split(body(page))[0] if "|" not in line]
    assert [line for line in prose if re.search(r"\S  +\S|\S +$", line)] == []


def test_spelling() -> None:
    codespell = Path(sys.executable).with_name("codespell")
    places = ["book", "README.md", "creative_clusters"]
    done = subprocess.run(
        [codespell, *places], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
