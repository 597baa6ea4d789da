"""Figures quoted from ``data/``, and the sources of a page.

``{fact}`mediacity_figures.site_jobs``` writes the published value, formatted, with a
small number that links to its source. The list of sources at the end of the page is
made of what the page really used: tables loaded by its code, rows quoted in its text.
"""

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from creative_clusters.data import describe, fact, load

log = logging.getLogger(__name__)

OTHER_LICENCES = {  # than those of Creative Commons, whose codes are their names
    "OGL-3.0": "Open Government Licence 3.0",
    "OGL-UK-3.0": "Open Government Licence 3.0",
    "OGL-CA-2.0": "Open Government Licence – Canada 2.0",
    "OGL-Toronto": "Open Government Licence – Toronto",
    "public-domain": "public domain",
}


def note_table(env: BuildEnvironment, name: str) -> None:
    """Remember that the page uses a table."""
    env.metadata[env.docname].setdefault("tables", set()).add(name)


class source_mark(nodes.Inline, nodes.TextElement):  # type: ignore[misc]
    """Where a source is cited: becomes a small number when the page is whole."""


class source_list(nodes.General, nodes.Element):  # type: ignore[misc]
    """Where the page lists its sources."""


def mark(source_id: str) -> source_mark:
    """Cite one source."""
    return source_mark(source_id=source_id)


class Fact(SphinxRole):
    """``{fact}`table.row``` or ``{fact}`table.row:format```: a value and its source."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Look the row up; an unknown one is a warning, which stops the build."""
        try:
            text, source_id = fact(self.text)
        except ValueError as error:  # a DataError, or a format that is none
            message = "no fact %r: %s"
            log.warning(message, self.text, error, location=self.get_location())
            return [nodes.Text("")], []
        note_table(self.env, self.text.partition(".")[0])
        return [nodes.Text(text), mark(source_id)], []


class Source(SphinxRole):
    """``{source}`source_id```: the small number alone."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave a mark to be numbered."""
        return [mark(self.text)], []


class PageSources(SphinxDirective):
    """``{page-sources}``: what this page rests on, with licences and links."""

    def run(self) -> list[nodes.Node]:
        """Note the tables that the page's code loaded; the list itself comes later."""
        renderer = self.state.document.attributes.get("nb_renderer")
        glued = renderer.renderer.nb_client.glue_data if renderer else {}
        for key in glued:
            if key.startswith("table:"):
                note_table(self.env, key.removeprefix("table:"))
        return [source_list()]


class NumberSources(SphinxTransform):
    """Number the sources in the order of first use and write the list."""

    default_priority = 850

    def apply(self, **kwargs: Any) -> None:
        """Fill marks and list, or warn."""
        marks = list(self.document.findall(source_mark))
        places = list(self.document.findall(source_list))
        if not marks and not places:
            return
        if len(places) != 1:
            message = "a page that cites sources needs one {page-sources}, found %s"
            log.warning(message, len(places), location=self.env.docname)
            return
        known = load("sources").set_index("source_id")
        numbers: dict[str, int] = {}
        for node in marks:
            source_id = node["source_id"]
            if source_id not in known.index:
                log.warning("no source %r in data/", source_id, location=node)
                node.parent.remove(node)
                continue
            number = numbers.setdefault(source_id, len(numbers) + 1)
            label = f"Source {number}: {known.loc[source_id, 'publisher']}"
            link = nodes.reference("", f"[{number}]", internal=True)
            link["refid"] = f"source-{number}"
            link["reftitle"] = label
            node.replace_self(nodes.superscript("", "", link, classes=["source-mark"]))
        self.env.metadata[self.env.docname]["cited"] = list(numbers)
        used = sorted(self.env.metadata[self.env.docname].get("tables", ()))
        places[0].replace_self(list(sources_nodes(used, known, numbers)))


def sources_nodes(
    used: list[str], known: pd.DataFrame, numbers: dict[str, int]
) -> Iterator[nodes.Node]:
    """The two lists: tables, then the numbered sources of single figures."""
    listed = nodes.bullet_list(classes=["page-tables"])
    for name in used:
        passport = describe(name)
        licence = passport["licenses"][0]
        text = nodes.paragraph()
        link = addnodes.pending_xref(
            "", nodes.inline("", passport["title"]), reftarget=f"table-{name}"
        )
        link.attributes |= {"refdomain": "std", "reftype": "ref", "refexplicit": True}
        text += [link, nodes.Text(f". {passport['attribution']} Licence: ")]
        text += nodes.reference("", called(licence["name"]), refuri=licence["path"])
        text += nodes.Text(".")
        listed += nodes.list_item("", text)
    yield listed
    if not numbers:
        return
    cited = nodes.enumerated_list(classes=["page-sources"], enumtype="arabic")
    cited["prefix"], cited["suffix"] = "", "."
    for source_id, number in numbers.items():
        item = nodes.list_item("", source_line(dict(known.loc[source_id])))
        item["ids"].append(f"source-{number}")
        cited += item
    yield cited


def source_line(row: dict[str, Any]) -> nodes.paragraph:
    """Publisher, year, title, link, licence and what to know about a source."""
    before, after = licence_line(row)
    text = nodes.paragraph("", before)
    text += nodes.reference("", row["title"], refuri=row["url"])
    text += nodes.Text(after)
    return text


def licence_line(row: dict[str, Any]) -> tuple[str, str]:
    """What stands before and after the title of a source."""
    year = row["year"] if pd.notna(row["year"]) else "undated"
    known = {"facts only": "Single facts taken", "unknown": "No licence stated"}
    said = [known.get(row["licence"], f"Licence: {called(row['licence'])}")]
    if pd.notna(row["licence_note"]):
        said.append(row["licence_note"][0].upper() + row["licence_note"][1:])
    return f"{row['publisher']} ({year}). ", ". " + ". ".join(said) + "."


def called(licence: str) -> str:
    """The name of a licence as people write it, for its short code; kept on a line."""
    if licence.startswith("CC"):  # CC-BY-SA-4.0 is CC BY-SA 4.0
        return re.sub("(?<=^CC)-|-(?=[0-9])", "\N{NO-BREAK SPACE}", licence)
    return OTHER_LICENCES.get(licence, licence)


def setup(app: Sphinx) -> None:
    """Register nodes, roles, directive and hooks."""
    app.add_node(source_mark)
    app.add_node(source_list)
    app.add_role("fact", Fact())
    app.add_role("source", Source())
    app.add_directive("page-sources", PageSources)
    app.add_transform(NumberSources)
