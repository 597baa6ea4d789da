"""Lasting addresses inside pages: figures, findings, tables, and how they are noted.

A figure has its name, a finding ``finding-`` and its key, a table ``table-`` and its
name or caption. Each shows a mark that leads to itself, so that a reader can copy the
address. ``book/addresses.yml`` notes every address that was ever published.
"""

import html
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

KINDS = ("figures", "findings", "tables", "sections")
CAPTION = re.compile(r"<caption>(.*?)</caption>", re.DOTALL)
TO_TABLE = "Link to this table"
# Tables that belong to something with an address, or whose caption says nothing.
TWIN, PREVIEW, UNNAMED = "Data behind ", "First ", "Table: "
MOST_WORDS = 8
NUMBERED = re.compile(r"id\d+")  # what docutils gives to a heading that is there twice
NOTE = """\
# Every address that was published: pages, and the figures, findings, tables and
# sections on them. People have noted them, so none is ever taken out. A page that moves
# goes into redirects.txt; a section that gets a new heading keeps its old name as a
# label above it.
# `make addresses` adds new ones.
"""


class mark(nodes.Inline, nodes.Element):  # type: ignore[misc]
    """A link that leads to the place where it stands."""


def visit_mark(self: Any, node: mark) -> None:
    """Write it, where the format has such marks at all."""
    self.add_permalink_ref({"ids": [node["target"]]}, node["said"])


def skip_mark(self: Any, node: mark) -> None:
    """Other formats have no use for it."""
    raise nodes.SkipNode


def depart_mark(self: Any, node: mark) -> None:
    """Nothing to close."""


def slug(caption: str) -> str:
    """The first words of a caption as an address."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"[’'‘]", "", caption.lower()))
    return "-".join(words[:MOST_WORDS])


class NameTables(SphinxTransform):
    """Give tables of the text an address."""

    default_priority = 200  # before Sphinx gives them numbers for addresses

    def apply(self, **kwargs: object) -> None:
        """Name those that have a caption and no name yet."""
        for node in self.document.findall(nodes.table):
            if not node["ids"] and isinstance(node[0], nodes.title):
                name = f"table-{slug(node[0].astext())}"
                if name not in self.document.ids:
                    node["ids"].append(name)


class LinkTables(SphinxPostTransform):
    """Give tables that code has written an address, and a mark that leads to it."""

    default_priority = 700

    def run(self, **kwargs: object) -> None:
        """Name the tables of this page, in their order."""
        taken = {
            id_ for node in self.document.findall(nodes.Element) for id_ in ids(node)
        }
        counted: Counter[str] = Counter()

        def unique(name: str) -> str:
            counted[name] += 1
            found = name if counted[name] == 1 else f"{name}-{counted[name]}"
            return found if found not in taken else unique(name)

        marks = getattr(self.app.builder, "add_permalinks", False)
        for node in list(self.document.findall(is_written_table)):
            said = CAPTION.search(node.astext())
            caption = html.unescape(said[1]) if said else ""
            if not caption or caption.startswith((TWIN, PREVIEW)):
                continue
            if caption.startswith(UNNAMED):
                name = unique(f"table-{section_of(node)}")
            else:
                name = unique(f"table-{slug(caption)}")
            icon = self.config.html_permalinks_icon if marks else ""
            node[:] = [nodes.Text(with_address(node.astext(), name, icon))]


def ids(node: nodes.Element) -> list[str]:
    """The addresses of a node."""
    found: list[str] = node.get("ids", [])
    return found


def is_written_table(node: nodes.Node) -> bool:
    """A table that code has written as HTML."""
    if not isinstance(node, nodes.raw) or "html" not in node["format"]:
        return False
    return "<caption>" in node.astext()


def section_of(node: nodes.Node) -> str:
    """The address of the section that a node stands in."""
    place: nodes.Node | None = node
    while place is not None:
        # An exercise and its solution are sections without a title.
        if isinstance(place, nodes.section) and isinstance(place[0], nodes.title):
            return str(place["ids"][0])
        place = place.parent
    return "here"


def with_address(text: str, name: str, icon: str) -> str:
    """The HTML of a table with its address, and the mark in its caption."""
    text = re.sub(r"<(div|table)\b", rf'<\1 id="{name}"', text, count=1)
    if not icon:
        return text
    link = f'<a class="headerlink" href="#{name}" title="{TO_TABLE}">{icon}</a>'
    return CAPTION.sub(lambda said: f"<caption>{said[1]}{link}</caption>", text, 1)


def lead_with_names(app: Sphinx, doctree: nodes.document) -> None:
    """Let the mark of a table in the catalogue show its name, not its title."""
    for section in doctree.findall(nodes.section):
        section["ids"].sort(key=lambda id_: not id_.startswith("table-"))


class Reader(HTMLParser):
    """Collects the addresses of one page."""

    def __init__(self) -> None:
        """Start with none."""
        super().__init__()
        self.found: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the address of an element, if it is of a kind that lasts."""
        self.depth += tag == "section"
        name = dict(attrs).get("id")
        if not name:
            return
        if tag == "figure" and not name.endswith("-again"):
            self.found["figures"].append(name)
        elif name.startswith("finding-"):
            self.found["findings"].append(name)
        elif name.startswith("table-") or name == "case-matrix":
            self.found["tables"].append(name)
        elif tag == "section" and self.depth == 2 and not NUMBERED.fullmatch(name):
            self.found["sections"].append(name)

    def handle_endtag(self, tag: str) -> None:
        """Leave a section."""
        self.depth -= tag == "section"


def addresses_of(text: str) -> dict[str, list[str]]:
    """The lasting addresses of a page, by kind; kinds that it lacks are left out."""
    reader = Reader()
    reader.feed(text)
    return {kind: sorted(set(names)) for kind, names in reader.found.items() if names}


def published(book: Path, pages: list[str]) -> dict[str, dict[str, list[str]]]:
    """The lasting addresses of all pages of a built book."""
    return {
        page: addresses_of((book / f"{page}.html").read_text(encoding="utf-8"))
        for page in sorted(pages)
    }


def with_new(
    noted: dict[str, dict[str, list[str]]], found: dict[str, dict[str, list[str]]]
) -> dict[str, dict[str, list[str]]]:
    """What was noted and what was found, together."""
    both: dict[str, dict[str, list[str]]] = {}
    for page in sorted({*noted, *found}):
        old, new = noted.get(page, {}), found.get(page, {})
        names = {
            kind: sorted({*old.get(kind, []), *new.get(kind, [])}) for kind in KINDS
        }
        both[page] = {kind: listed for kind, listed in names.items() if listed}
    return both


def setup(app: Sphinx) -> None:
    """Register node, transform and hook."""
    app.add_node(
        mark,
        html=(visit_mark, depart_mark),
        latex=(skip_mark, None),
        text=(skip_mark, None),
    )
    app.add_transform(NameTables)
    app.add_post_transform(LinkTables)
    app.connect("doctree-read", lead_with_names)
