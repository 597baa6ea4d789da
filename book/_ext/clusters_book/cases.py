"""What each case says of the six lessons: on its page, in a matrix, and by name.

A case page hands on one record (``creative_clusters.record.case``). It becomes a table
on the page; ``{case-matrix}`` puts all cases side by side; and ``{name-index}`` lists
where the book mentions the places, organisations and programmes of ``index_names``.
"""

import re
from functools import cache
from typing import Any

from docutils import nodes
from docutils.nodes import Element
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from clusters_book.evidence import note_table
from clusters_book.repeats import note_repeat
from clusters_book.terms import is_running_text
from creative_clusters.data import describe, load
from creative_clusters.record import LESSONS

SCRIPT = "filter.js"
FILTERED = {"case-matrix", "exercise-list"}  # tables by the class that the script knows
NAMES = "index_names"
NOT_INDEXED = {
    "reference/bibliography",
    "reference/changelog",
    "reference/concordance",
    "reference/data",
    "reference/names",
}
NOT_TEXT = {"exercises", "test-yourself", "sources"}  # sections
SIGNS = {"for": "+", "against": "−", "for and against": "±", "none found": "·"}


def slug(text: str) -> str:
    """A word that may stand in a class."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def table(caption: str, head: list[str], classes: list[str]) -> tuple[Element, Element]:
    """An empty table with a caption and a head; returns it and its body."""
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1, stub=not column) for column in range(len(head))]
    row = nodes.row()
    row += [nodes.entry("", nodes.paragraph("", text)) for text in head]
    body = nodes.tbody()
    group += [nodes.thead("", row), body]
    whole = nodes.table("", nodes.title("", caption), group, classes=classes)
    return whole, body


def case_nodes(renderer: NbElementRenderer, data: MimeData) -> list[Element]:
    """The table of a case, kept for the matrix."""
    env: BuildEnvironment = renderer.renderer.sphinx_env
    said: dict[str, Any] = data.content
    env.metadata[env.docname]["case"] = said
    head = ["Lesson", "Evidence", "What was seen"]
    whole, body = table("The six lessons in this case", head, ["six-lessons"])
    for seen in said["evidence"]:
        row = nodes.row(classes=[f"seen-{slug(seen['seen'])}"])
        row["ids"].append(f"lesson-{seen['lesson']}")
        lesson = {"refdomain": "std", "reftype": "doc", "refexplicit": True}
        lesson["reftarget"] = f"/lessons/{seen['lesson']}"
        link = addnodes.pending_xref(
            "", nodes.inline("", LESSONS[seen["lesson"]]), refdoc=env.docname, **lesson
        )
        cells: list[Element] = [nodes.paragraph("", "", link)]
        cells.append(nodes.paragraph("", seen["seen"].capitalize()))
        seen_there = where_nodes(env, seen["where"])
        cells.append(nodes.paragraph("", seen["sentence"], *seen_there))
        row += [nodes.entry("", cell) for cell in cells]
        body += row
    return [whole]


def where_nodes(env: BuildEnvironment, where: str) -> list[nodes.Node]:
    """A link to a figure of the page, or to a table of the book and its row."""
    if not where:
        return []
    name, _, row = where.partition(".")
    if row:
        describe(name)  # an unknown table stops the build here
        target, text, how = f"table-{name}", "the data", "ref"
    else:
        target, text, how = name, name, "numref"
    known = {"refdomain": "std", "reftype": how, "refexplicit": bool(row)}
    link = addnodes.pending_xref(
        "", nodes.inline("", text), refdoc=env.docname, reftarget=target, **known
    )
    return [nodes.Text(" See "), link, nodes.Text(".")]


class case_matrix(nodes.General, nodes.Element):  # type: ignore[misc]
    """Where all cases are to stand side by side."""


class CaseMatrix(SphinxDirective):
    """``{case-matrix}``: one row a case, one column a lesson."""

    def run(self) -> list[nodes.Node]:
        """Leave a node to be filled in when all pages are read."""
        note_repeat(self.env, "case-matrix")
        return [case_matrix()]


class FillMatrix(SphinxPostTransform):
    """Write the matrix from what the case pages said."""

    default_priority = 5

    def run(self, **kwargs: object) -> None:
        """Replace each mark by the table."""
        for node in list(self.document.findall(case_matrix)):
            node.replace_self(self.matrix())

    def matrix(self) -> Element:
        """The table; each cell says its evidence and leads to it."""
        whole, body = table(
            "Cases by lessons", ["Case", *LESSONS.values()], ["case-matrix"]
        )
        whole["ids"].append("case-matrix")
        for page in sorted(self.env.metadata):
            said = self.env.metadata[page].get("case")
            if said is None:
                continue
            kinds = [f"kind-{slug(said['kind'])}"]
            places = [f"place-{slug(place)}" for place in said["places"]]
            actors = [f"actor-{slug(actor)}" for actor in said["actors"]]
            row = nodes.row(classes=[*places, *kinds, *actors])
            title = self.env.titles[page].astext()
            row += nodes.entry("", nodes.paragraph("", "", self.link(page, "", title)))
            for seen in said["evidence"]:
                cell = self.link(page, f"lesson-{seen['lesson']}", SIGNS[seen["seen"]])
                # The sign for the eye, the word for those who hear or copy the table.
                word = nodes.inline("", f" {seen['seen']}", classes=["visually-hidden"])
                cell.append(word)
                row += nodes.entry("", nodes.paragraph("", "", cell))
            body += row
        return whole

    def link(self, page: str, anchor: str, text: str) -> nodes.reference:
        """A link from this page to a row of another."""
        builder = self.app.builder
        uri = builder.get_relative_uri(self.env.docname, page)
        uri += f"#{anchor}" if anchor else ""
        return linked(text, uri)


@cache
def names() -> dict[str, tuple[list[str], "re.Pattern[str]"]]:
    """Each name of the index with the words by which the book calls it.

    The longest come first: York is not mentioned where New York is.
    """
    rows = load(NAMES)
    called = {str(row.name): str(row.called).split("; ") for row in rows.itertuples()}
    longest_first = sorted(called, key=lambda name: -max(map(len, called[name])))
    found = {}
    for name in longest_first:
        words = "|".join(map(re.escape, called[name]))
        found[name] = called[name], re.compile(rf"(?<!\w)(?:{words})(?!\w)")
    return found


def note_names(app: Sphinx, doctree: nodes.document) -> None:
    """Note in which sections of a page each name is mentioned."""
    page = app.env.docname
    if page in NOT_INDEXED:
        return
    found: dict[str, dict[str, str]] = {}
    for text in doctree.findall(nodes.Text):
        if not is_running_text(text):
            continue
        place = text.parent
        while place is not None and not (
            isinstance(place, nodes.section) and isinstance(place[0], nodes.title)
        ):
            place = place.parent  # an exercise is a section without a title
        while place is not None and isinstance(place.parent.parent, nodes.section):
            place = place.parent  # "Timing" stands below each week of a course
        if place is None or NOT_TEXT & set(place["ids"]):
            continue
        title = place.next_node(nodes.title)
        left = str(text)
        for name, (words, pattern) in names().items():
            if not any(word in left for word in words):  # quicker than the pattern
                continue
            left, times = pattern.subn(" ", left)
            if times:
                heading = title.astext() if title is not None else ""
                found.setdefault(name, {}).setdefault(place["ids"][0], heading)
    app.env.metadata[page]["names"] = found


class name_index(nodes.General, nodes.Element):  # type: ignore[misc]
    """Where the index of names is to stand."""


class NameIndex(SphinxDirective):
    """``{name-index} place``: the names of one kind and where they are mentioned."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Leave a node to be filled in when all pages are read."""
        note_repeat(self.env, "name-index")
        note_table(self.env, NAMES)
        return [name_index(kind=self.arguments[0])]


class FillIndex(SphinxPostTransform):
    """Write the index from what was noted on each page."""

    default_priority = 5

    def run(self, **kwargs: object) -> None:
        """Replace each mark by its list."""
        for node in list(self.document.findall(name_index)):
            rows = load(NAMES)
            kept = rows[rows["kind"] == node["kind"]]
            listed = nodes.definition_list(classes=["name-index"])
            for name in sorted(kept["name"], key=str.casefold):
                links = self.mentions(name)
                if links:
                    item = nodes.definition_list_item("", nodes.term("", name))
                    item += nodes.definition("", nodes.paragraph("", "", *links))
                    listed += item
            node.replace_self(listed)

    def mentions(self, name: str) -> list[nodes.Node]:
        """Links to the pages that mention a name, and in brackets to their sections."""
        links: list[nodes.Node] = []
        for page in sorted(self.env.metadata):
            sections = self.env.metadata[page].get("names", {}).get(name, {})
            if not sections:
                continue
            uri = self.app.builder.get_relative_uri(self.env.docname, page)
            title = self.env.titles[page].astext()
            below = [link for link in sections.items() if link[1] != title]
            top = [section for section, heading in sections.items() if heading == title]
            links += [nodes.Text(". ")] if links else []
            link = linked(title, f"{uri}#{top[0]}" if top else uri)
            links.append(nodes.strong("", "", link))
            for number, (section, heading) in enumerate(below):
                links.append(nodes.Text(", " if number else ": "))
                links.append(linked(heading, f"{uri}#{section}"))
        return links


def linked(text: str, uri: str) -> nodes.reference:
    """A link inside the book."""
    return nodes.reference("", text, refuri=uri, internal=True)


def add_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load the filter on pages that have a table to filter, and on no other."""
    tables = doctree.findall(nodes.table) if doctree is not None else []
    if any(FILTERED & set(table["classes"]) for table in tables):
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app: Sphinx) -> None:
    """Register directives, transforms and hooks."""
    app.add_directive("case-matrix", CaseMatrix)
    app.add_directive("name-index", NameIndex)
    app.add_post_transform(FillMatrix)
    app.add_post_transform(FillIndex)
    app.connect("doctree-read", note_names)
    app.connect("html-page-context", add_script)
