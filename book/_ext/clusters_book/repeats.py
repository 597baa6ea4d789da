"""What other pages say, repeated: verdicts, findings, figures, numbers, minutes.

Repeats are filled in when all pages are read. A page notes what it repeats, and is
written again when that says something else than when the page was last written.
"""

import hashlib
import json
import posixpath
import re
from collections import Counter
from pathlib import Path
from typing import Any, get_args

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from clusters_book.pictures import SizedImage
from creative_clusters.record import State

log = logging.getLogger(__name__)
WORDS_A_MINUTE = 200  # of one who reads to understand
GLUED = re.compile(r"\{glue:?\w*\}`([^`]+?)::([^`:]+)")
# What is made of all pages: where a page keeps its part of it.
OF_ALL_PAGES = {"case-matrix": "case", "name-index": "names", "exercises": "exercises"}


def note_repeat(env: BuildEnvironment, kind: str, target: str = "") -> None:
    """Note that the page that is being read repeats something."""
    env.metadata[env.docname].setdefault("repeats", set()).add((kind, target))


class repeated(nodes.Inline, nodes.TextElement):  # type: ignore[misc]
    """Something that some page said, filled in when all pages are read."""


class Repeat(SphinxRole):
    """Said once, shown anywhere: ``{verdict}`page```; ``{states}`page```, how many of
    its findings are in which state; ``{finding}`page:key```; ``{figures-of}`table```,
    the figures that rest on a table; and ``{minutes}`page```.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave a node to be filled in later."""
        note_repeat(self.env, self.name, self.text)
        node = repeated(role=self.name, target=self.text)
        self.set_source_info(node)
        return [node], []


class RepeatFigure(SphinxDirective):
    """``{repeat-figure} page:name``: a figure of another page, linked to it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Leave a node to be filled in later."""
        note_repeat(self.env, "figure", self.arguments[0])
        node = repeated(role="figure", target=self.arguments[0])
        self.set_source_info(node)
        return [node]


class FillRepeats(SphinxPostTransform):
    """Fill in verdicts, findings and figures of other pages."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Replace each by what was said, or warn, which stops a strict build."""
        for node in list(self.document.findall(repeated)):
            filled = look_up(self.env, node["role"], node["target"])
            if filled is None:
                message = "no %s %r: is the page in the book, and does it say so?"
                log.warning(message, node["role"], node["target"], location=node)
            node.replace_self(filled or nodes.Text(""))


def look_up(env: BuildEnvironment, role: str, target: str) -> nodes.Node | None:
    """What stands for a repeat, none if no page says it."""
    if role == "figures-of":
        return figures_of(env, target)
    if role == "minutes":
        return minutes_of(env, target.split())
    page, _, key = target.partition(":")
    known = env.metadata.get(page, {})
    if role == "figure" and key in known.get("figures", {}):
        return figure_again(page, key, known["figures"][key])
    if role == "verdict" and "verdict" in known:
        return nodes.Text(known["verdict"])
    if role == "states" and known.get("findings"):
        return states_of(known["findings"])
    if role == "finding" and key in known.get("findings", {}):
        found = known["findings"][key]
        return nodes.Text(f"{found['sentence']} ({found['interval']}).")
    return None


def states_of(findings: dict[str, dict[str, Any]]) -> nodes.inline:
    """How many findings are in which state, each in the colour and words of it."""
    counts = Counter(found["state"] for found in findings.values())
    said = nodes.inline(classes=["states"])
    for state in get_args(State):
        if counts[state]:
            slug = state.split()[0]
            text = f"{counts[state]} {state}"
            said += nodes.inline("", text, classes=["state", f"state-{slug}"])
            said += nodes.Text(" ")
    return said


def minutes_of(env: BuildEnvironment, places: list[str]) -> nodes.Text | None:
    """Minutes to read some pages or sections (``page#section``), none if unknown."""
    words = 0
    for place in places:
        page, _, section = place.partition("#")
        known = env.metadata.get(page, {}).get("words", {})
        if section not in known:
            return None
        words += known[section]
    return nodes.Text(f"{max(1, round(words / WORDS_A_MINUTE))}")


def figures_of(env: BuildEnvironment, table: str) -> nodes.inline:
    """Links to all figures that rest on a table."""
    links = nodes.inline()
    for _, known in sorted(env.metadata.items()):
        for name, drawn in known.get("figures", {}).items():
            if table in drawn["tables"]:
                links += nodes.Text("; " if links.children else "")
                text = nodes.inline("", drawn["caption"].split(". ")[0].rstrip("."))
                target = {"refdomain": "std", "reftype": "ref", "reftarget": name}
                links += addnodes.pending_xref("", text, refexplicit=True, **target)
    return links if links.children else nodes.inline("", "none in this release")


def figure_again(page: str, name: str, known: dict[str, Any]) -> nodes.figure:
    """A figure as on its own page, with a link to it in place of its numbers."""
    uri = known["uri"]
    image = SizedImage(uri=uri, alt=known["alt"], px=known["px"], candidates={"*": uri})
    caption = nodes.caption("", "", nodes.inline("", known["caption"] + " "))
    caption[0]["classes"].append("caption-text")
    link = nodes.inline("", "How we know.")
    target = {"refdomain": "std", "reftype": "ref", "reftarget": name}
    caption += addnodes.pending_xref("", link, refexplicit=True, **target)
    credit = nodes.legend("", nodes.paragraph("", f"Source: {known['credit']}"))
    again = f"{name}-again"  # not numbered: the number belongs to the figure's own page
    return nodes.figure("", image, caption, credit, ids=[again])


def note_glue(app: Sphinx, docname: str, content: list[str]) -> None:
    """Numbers glued from another page are repeats, too."""
    for path, key in GLUED.findall(content[0]):
        page = posixpath.normpath(posixpath.join(posixpath.dirname(docname), path))
        note_repeat(app.env, "glue", f"{page.removesuffix('.md')}:{key}")


def note_numbers(app: Sphinx, doctree: nodes.document) -> None:
    """The number of a figure is said by its page, and repeated where it is named."""
    for node in doctree.findall(addnodes.pending_xref):
        if node["reftype"] == "numref":
            note_repeat(app.env, "numref", node["reftarget"])


def glued(app: Sphinx, page: str) -> dict[str, Any]:
    """What a page has glued, from where myst-nb keeps it."""
    file = Path(app.outdir).parent / "jupyter_execute" / f"{page}.glue.json"
    if not file.is_file():
        return {}
    known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return known


def said(env: BuildEnvironment, kind: str, target: str) -> str:
    """What a repeat comes to at present, as text to be compared."""
    if kind in OF_ALL_PAGES:
        key = OF_ALL_PAGES[kind]
        parts = [
            (page, env.titles[page].astext(), known[key])
            for page, known in sorted(env.metadata.items())
            if known.get(key)
        ]
        return repr(parts)
    if kind == "numref":
        page, id_, _ = env.domaindata["std"]["labels"].get(target, ("", "", ""))
        numbers = env.toc_fignumbers.get(page, {}).values()
        return repr([found[id_] for found in numbers if id_ in found])
    if kind == "glue":
        page, _, key = target.partition(":")
        return repr(glued(env.app, page).get(key, {}).get("data"))
    found = look_up(env, kind, target)
    return "" if found is None else found.pformat()


def rewrite_repeats(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the pages again whose repeats say something new."""
    before: dict[str, str] = getattr(env, "clusters_said", {})
    now = {}
    for page, known in env.metadata.items():
        repeats = sorted(known.get("repeats", ()))
        if repeats:
            text = "\0".join(said(env, kind, target) for kind, target in repeats)
            now[page] = hashlib.sha256(text.encode()).hexdigest()
    env.clusters_said = now  # type: ignore[attr-defined]
    return [page for page in now if now[page] != before.get(page)]


def setup(app: Sphinx) -> None:
    """Register node, roles, directive and hooks."""
    app.add_node(repeated)
    for role in ("verdict", "finding", "states", "figures-of", "minutes"):
        app.add_role(role, Repeat())
    app.add_directive("repeat-figure", RepeatFigure)
    app.add_post_transform(FillRepeats)
    app.connect("source-read", note_glue)
    app.connect("doctree-read", note_numbers)
    # After Sphinx has numbered the figures, which it does at the same event.
    app.connect("env-get-updated", rewrite_repeats, priority=900)
