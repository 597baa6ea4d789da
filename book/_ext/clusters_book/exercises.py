"""All exercises of the book in one table, read from the pages that ask them.

Each exercise begins with a line of its level, its time and its skills, in italics:
``*Easy, five minutes: changing a choice, correlation.*`` The words are those of the
vocabularies below; anything else fails the build and says where.
"""

import re
from typing import Any, NamedTuple

from docutils import nodes
from docutils.nodes import Element
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_exercise.nodes import (
    exercise_enumerable_node,
    exercise_node,
    exercise_subtitle,
)

from clusters_book.cases import linked, slug, table
from clusters_book.repeats import note_repeat

log = logging.getLogger(__name__)

LEVELS = ("Easy", "Medium", "Open-ended")
MINUTES = {
    "five minutes": 5,
    "fifteen minutes": 15,
    "twenty minutes": 20,
    "two hours": 120,
}
SKILLS = {
    "changing a choice": "set one period, definition or limit anew and compare",
    "collecting data": "make a table of one's own place, with its sources",
    "comparing with chance": "say what shuffled or drawn data would show",
    "concentration": "say how few make up how much",
    "correlation": "compare two orders, and know what else could align them",
    "counterfactuals": "say what would have happened otherwise, and how surely",
    "grouping and counting": "cut a table into groups and count or average in them",
    "intervals": "say how sure a number is, and what it cannot tell apart",
    "maps and distance": "measure what is near what, and near for whom",
    "missing data": "find who is not in the table, and what that does",
    "networks": "take out a member or a tie and see what still hangs together",
    "rankings": "see how far a place in a list may move",
    "rates and shares": "choose what to divide by",
    "reading a chart": "say what a chart would have told someone on the day",
}
HEAD = re.compile(r"(?P<level>[^,:]+), (?P<time>[^,:]+): (?P<skills>[^:]+)\.")
SHOWN = "*Easy, five minutes: changing a choice, correlation.*"


class Head(NamedTuple):
    """What an exercise asks of a reader."""

    level: str
    minutes: int
    skills: list[str]


def read_head(text: str) -> Head:
    """Read the first words of an exercise.

    Raises
    ------
    ValueError
        If level, time or skills are missing or not among those that the book knows.
    """
    found = HEAD.fullmatch(" ".join(text.split()))
    if found is None:
        raise ValueError(
            f"begin it with level, time and skills in italics, as in {SHOWN} "
            f"(it begins with {text[:60]!r})"
        )
    skills = found["skills"].split(", ")
    for name, said, known in (
        ("level", [found["level"]], LEVELS),
        ("time", [found["time"]], MINUTES),
        ("skill", skills, SKILLS),
    ):
        if strange := [one for one in said if one not in known]:
            raise ValueError(
                f"no {name} {strange[0]!r}; known are: {', '.join(known)} "
                "(see clusters_book/exercises.py)"
            )
    return Head(found["level"], MINUTES[found["time"]], skills)


def note_exercises(app: Sphinx, doctree: nodes.document) -> None:
    """Note what the exercises of a page ask, or warn of one that does not say so."""
    found = []
    for node in doctree.findall(Element):
        if not isinstance(node, exercise_node | exercise_enumerable_node):
            continue
        paragraph = node.next_node(nodes.paragraph)
        first = paragraph.children[0] if paragraph is not None else None
        said = first.astext() if isinstance(first, nodes.emphasis) else ""
        title = node.next_node(exercise_subtitle)
        name = title.astext() if title is not None else ""
        try:
            head = read_head(said)
        except ValueError as error:
            log.warning("exercise %r: %s", name, error, location=paragraph or node)
            continue
        found.append({"label": node["label"], "title": name} | head._asdict())
    if found:
        app.env.metadata[app.env.docname]["exercises"] = found


def all_exercises(app: Sphinx) -> list[dict[str, Any]]:
    """The exercises of all pages, in the order of the book."""
    known = app.env.metadata
    return [
        {"page": page} | one
        for page in app.config.external_site_map
        for one in known[page].get("exercises", ())
    ]


class exercises_collected(nodes.General, nodes.Element):  # type: ignore[misc]
    """Where something about all exercises is to stand."""


class Exercises(SphinxDirective):
    """``{exercises} list``, ``totals`` or ``skills``: what all pages ask, together."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Leave a node to be filled in when all pages are read."""
        what = self.arguments[0]
        if what not in FILLED:
            known = ", ".join(FILLED)
            raise self.error(f"exercises: no {what!r}; known are: {known}")
        note_repeat(self.env, "exercises")
        return [exercises_collected(what=what)]


class FillExercises(SphinxPostTransform):
    """Write what was noted on each page."""

    default_priority = 5

    def run(self, **kwargs: object) -> None:
        """Replace each mark by its table or list."""
        for node in list(self.document.findall(exercises_collected)):
            node.replace_self(FILLED[node["what"]](self.app, self.env))


def add_row(body: Element, cells: list[list[nodes.Node]], classes: list[str]) -> None:
    """Add a row of one paragraph a cell."""
    row = nodes.row(classes=classes)
    row += [nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells]
    body += row


def listed(app: Sphinx, env: BuildEnvironment) -> Element:
    """One row an exercise, with what the filter chooses by in its classes."""
    head = ["Exercise", "Page", "Level", "Minutes", "Skills"]
    whole, body = table("All exercises", head, ["exercise-list"])
    whole["ids"].append("exercise-list")
    for one in all_exercises(app):
        page = one["page"]
        uri = app.builder.get_relative_uri(env.docname, page)
        said = [one["level"], str(one["minutes"]), ", ".join(one["skills"])]
        cells: list[list[nodes.Node]] = [
            [linked(one["title"], f"{uri}#{one['label']}")],
            [linked(env.titles[page].astext(), uri)],
            *([nodes.Text(text)] for text in said),
        ]
        kinds = [f"skill-{slug(skill)}" for skill in one["skills"]]
        part = page.partition("/")[0]
        add_row(body, cells, [f"level-{slug(one['level'])}", f"part-{part}", *kinds])
    return whole


def totals(app: Sphinx, env: BuildEnvironment) -> Element:
    """How many exercises and minutes there are, by level."""
    whole, body = table(
        "Minutes by level",
        ["Level", "Exercises", "Minutes in all", "Minutes each"],
        ["exercise-totals"],
    )
    whole["ids"].append("exercise-totals")
    asked = all_exercises(app)
    for level in (*LEVELS, "All"):
        minutes = [one["minutes"] for one in asked if level in (one["level"], "All")]
        if not minutes:
            continue
        ends = sorted({min(minutes), max(minutes)})
        said = [level, len(minutes), sum(minutes), " to ".join(map(str, ends))]
        add_row(body, [[nodes.Text(str(text))] for text in said], [])
    return whole


def skills(app: Sphinx, env: BuildEnvironment) -> Element:
    """What each skill means, and how many exercises train it."""
    count = {skill: 0 for skill in SKILLS}
    for one in all_exercises(app):
        for skill in one["skills"]:
            count[skill] += 1
    whole, body = table(
        "The skills", ["Skill", "What one learns", "Exercises"], ["exercise-skills"]
    )
    whole["ids"].append("exercise-skills")
    for skill, meaning in SKILLS.items():
        said = [skill, meaning, str(count[skill])]
        add_row(body, [[nodes.Text(text)] for text in said], [])
    return whole


FILLED = {"list": listed, "totals": totals, "skills": skills}


def setup(app: Sphinx) -> None:
    """Register directive, transform and hook."""
    app.add_node(exercises_collected)
    app.add_directive("exercises", Exercises)
    app.add_post_transform(FillExercises)
    app.connect("doctree-read", note_exercises)
