"""A room full of students: what was measured, and what machine a class needs.

``{room-trials}`` draws the trials of ``benchmarks/room.csv`` as a table, and
``{room-size}`` reckons from them the memory and the cores for classes of a given size.
``{pull-link}`` writes the link that brings the student copies into any JupyterHub.
"""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from clusters_book.repository import git, public_address
from clusters_book.status import table

ROOT = Path(__file__).parents[3]
TRIALS = ROOT / "benchmarks" / "room.csv"
COPIES = "student-notebooks"  # the branch on which `.ci/offer-notebooks` puts them
CALM = 0.5  # processes waiting for each core before a trial, up to which it was alone
RESERVE = 1.25  # of memory and cores: students open a second notebook, too
SYSTEM_MIB = 2048  # what the machine itself takes
FIRST_OUTPUT = 60  # seconds that a class waits gladly, once, for its first figure
ARRIVAL = 120  # seconds in which a class arrives
WHOLE_LESSON = 300  # seconds for all cells, when everyone runs them at once


@dataclass(frozen=True)
class Trial:
    """One trial of the load test: a row of ``benchmarks/room.csv``.

    Seconds are of the clock, but those ending in ``core_s``, which are of the processor
    and one student. ``load_before`` is how many processes wanted a core beforehand.
    """

    students: int
    arrival_s: int
    lesson: str
    wait_median_s: float
    wait_p95_s: float
    lesson_median_s: float
    lesson_p95_s: float
    server_core_s: float
    first_output_core_s: float
    whole_core_s: float
    memory_a_student_mib: float
    total_mib: float
    failures: int
    cores: int
    load_before: float
    date: date

    @property
    def key(self) -> tuple[str, int, int]:
        """What makes a trial the same as another that was run later."""
        return self.lesson, self.students, self.arrival_s

    @property
    def alone(self) -> bool:
        """Whether the machine had nothing else to do."""
        return self.load_before <= CALM * self.cores


def read_trials(path: Path) -> list[Trial]:
    """The trials of a file, by lesson, then the smallest class first."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return sorted((parse(row, path) for row in rows), key=lambda trial: trial.key)


def parse(row: dict[str, str], path: Path) -> Trial:
    """A row, each value as the type of its column; a fault is named."""
    values = {}
    for field in fields(Trial):
        kind = date.fromisoformat if field.type is date else field.type
        try:
            values[field.name] = kind(row[field.name])  # type: ignore[operator]
        except (KeyError, ValueError) as error:
            raise ValueError(
                f"{path.name}: {field.name} of {row}: {error}. `make room` writes it."
            ) from None
    return Trial(**values)  # type: ignore[arg-type]


def write_trials(path: Path, trials: Iterable[Trial]) -> None:
    """Write trials; one that was run again replaces the older."""
    latest = {trial.key: trial for trial in trials}
    with path.open("w", encoding="utf-8", newline="") as file:
        names = [field.name for field in fields(Trial)]
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        for _, trial in sorted(latest.items()):
            writer.writerow(vars(trial))


@dataclass(frozen=True)
class Size:
    """The machine that a class needs for one lesson."""

    memory_gib: int
    cores_at_once: int
    cores_arriving: int
    cores_lesson: int


def measured(trials: Iterable[Trial]) -> dict[str, Trial]:
    """The trial to reckon from, a lesson: the largest class that came at once."""
    found: dict[str, Trial] = {}
    for trial in sorted(trials, key=lambda trial: trial.students):
        if trial.arrival_s == 0 and trial.failures < trial.students:
            found[trial.lesson] = trial
    return found


def size(trial: Trial, students: int) -> Size:
    """Reckon a machine: work of all students by the seconds in which to do it."""
    hub = max(trial.total_mib - trial.memory_a_student_mib * trial.students, 0)
    memory = hub + SYSTEM_MIB + RESERVE * trial.memory_a_student_mib * students
    lesson = trial.whole_core_s - trial.server_core_s

    def cores(work: float, seconds: float) -> int:
        return max(1, math.ceil(RESERVE * students * work / seconds))

    return Size(
        memory_gib=math.ceil(memory / 1024),
        cores_at_once=cores(trial.first_output_core_s, FIRST_OUTPUT),
        cores_arriving=cores(trial.first_output_core_s, ARRIVAL),
        cores_lesson=cores(lesson, WHOLE_LESSON),
    )


def arrival(trial: Trial) -> str:
    """How the class came in."""
    return f"over {trial.arrival_s} s" if trial.arrival_s else "at once"


def named(lesson: str) -> str:
    """A lesson by its title, leading to its page."""
    text = (ROOT / "book" / f"{lesson}.md").read_text(encoding="utf-8")
    heading = next(line for line in text.splitlines() if line.startswith("# "))
    return f'<a href="../{lesson}.html">{escape(heading[2:])}</a>'


def day(trial: Trial) -> str:
    """When a trial was made, on one line, with a star if others used the machine."""
    said = trial.date.isoformat().replace("-", "\u2011")
    return said if trial.alone else f"{said}\u00a0*"


class Measured(SphinxDirective):
    """What both tables share: they follow the file of trials."""

    def trials(self) -> list[Trial]:
        """The trials, noted as what the page rests on."""
        self.env.note_dependency(str(TRIALS))
        return read_trials(TRIALS)

    def drawn(self, caption: str, head: list[str], rows: list[list[str]]) -> nodes.raw:
        """The table."""
        return nodes.raw("", table(caption, head, rows), format="html")


class RoomTrials(Measured):
    """``{room-trials}``: the trials as a table."""

    def run(self) -> list[nodes.Node]:
        """One row a trial."""
        trials = self.trials()
        head = [
            "Lesson",
            "Students",
            "First output (s)",
            "Whole lesson (s)",
            "Memory a student (MiB)",
            "In all (GiB)",
            "Failures",
            "Cores, day",
        ]
        rows = [
            [
                named(trial.lesson),
                f"{trial.students}, {arrival(trial)}",
                f"{trial.wait_median_s:.0f}; {trial.wait_p95_s:.0f}",
                f"{trial.lesson_median_s:.0f}; {trial.lesson_p95_s:.0f}",
                f"{trial.memory_a_student_mib:.0f}",
                f"{trial.total_mib / 1024:.1f}",
                f"{trial.failures}",
                f"{trial.cores}, {day(trial)}",
            ]
            for trial in trials
        ]
        found = [self.drawn("A room on one machine, measured", head, rows)]
        if not all(trial.alone for trial in trials):
            said = "* Others were at work on the machine, so times are too long."
            found.append(nodes.paragraph(said, said))
        return [*found]


class RoomSize(Measured):
    """``{room-size} 30 300``: the machine for classes of these sizes."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """One row a lesson and a class."""
        classes = [int(word) for word in self.arguments[0].split()]
        head = [
            "Lesson",
            "Students",
            "Memory (GiB)",
            f"Cores: all at once, first output in {FIRST_OUTPUT} s",
            f"Cores: arriving over {ARRIVAL} s",
            f"Cores: started before, whole lesson in {WHOLE_LESSON} s",
        ]
        rows = []
        for lesson, trial in sorted(measured(self.trials()).items()):
            for students in classes:
                need = size(trial, students)
                numbers = (
                    students,
                    need.memory_gib,
                    need.cores_at_once,
                    need.cores_arriving,
                    need.cores_lesson,
                )
                name = named(lesson)
                rows.append([name, *(f"{number}" for number in numbers)])
        return [self.drawn("The machine that a class needs, reckoned", head, rows)]


def pull_link(repository: str, lesson: str, hub: str = "https://YOUR-HUB") -> str:
    """nbgitpuller's link: fetch or update the student copies, then open one."""
    folder = repository.rsplit("/", 1)[-1]
    asked = {
        "repo": repository,
        "branch": COPIES,
        "urlpath": f"lab/tree/{folder}/{lesson.replace('/', '-')}.ipynb",
    }
    return f"{hub}/hub/user-redirect/git-pull?{urlencode(asked)}"


class PullLink(SphinxDirective):
    """``{pull-link} lessons/no-guarantee``: the link, as text to copy."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """A block of text: the hub's address is the teacher's to fill in."""
        public = public_address(git(ROOT, "remote", "get-url", "origin"))
        repository = public or "https://github.com/YOUR-NAME/YOUR-COPY"
        link = pull_link(repository, self.arguments[0])
        return [nodes.literal_block(link, link, language="text")]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("room-trials", RoomTrials)
    app.add_directive("room-size", RoomSize)
    app.add_directive("pull-link", PullLink)
