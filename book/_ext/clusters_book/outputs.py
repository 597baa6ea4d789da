"""Figures, switches and findings: from typed outputs of the kernel to the page.

``creative_clusters`` hands on a figure or a list of findings as one output of its own
kind. Here it becomes nodes while the page is read, so that numbering, references
and every output format treat it like any other part of the book.
"""

import html
import json
import re
from collections import Counter
from typing import Any, get_args

from docutils import nodes
from docutils.nodes import Element
from myst_nb.core.render import MimeData, NbElementRenderer, create_figure_context
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from clusters_book.anchors import mark
from clusters_book.cases import case_nodes
from clusters_book.pictures import compact, loading
from creative_clusters.record import CASE, FIGURE, FINDINGS, SWITCH, State

log = logging.getLogger(__name__)
OWN = (CASE, FIGURE, FINDINGS, SWITCH)
POINTS_TO_PIXELS = 96 / 72
WORDS_A_MINUTE = 200  # of one who reads to understand


class SizedImage(nodes.image):  # type: ignore[misc]
    """An image that tells its size, so that nothing jumps while it loads."""


class MimeRenderer:
    """The hook that myst-nb calls for each output (see pyproject.toml)."""

    mime_priority_overrides = tuple(
        ("*", own, 1) for own in (CASE, FIGURE, FINDINGS, SWITCH)
    )

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, data: MimeData, inline: bool
    ) -> list[Element] | None:
        """Return the nodes of our own outputs, and None for every other."""
        if data.mime_type == FIGURE:
            return figure_nodes(renderer, data)
        if data.mime_type == SWITCH:
            return switch_nodes(renderer, data)
        if data.mime_type == FINDINGS:
            return findings_nodes(renderer, data)
        if data.mime_type == CASE:
            return case_nodes(renderer, data)
        return None


def figure_nodes(renderer: NbElementRenderer, data: MimeData) -> list[Element]:
    """A numbered figure with its source line, then the numbers behind it."""
    said, markdown, box = data.content, renderer.renderer, Element()
    env: BuildEnvironment = markdown.sphinx_env
    folder = [*env.docname.split("/"), said["name"]]

    def stored(ending: str, text: str) -> str:
        path = [*folder[:-1], folder[-1] + ending]
        written: str = renderer.write_file(path, text.encode(), overwrite=True)
        return written

    uri, size = stored(".svg", compact(said["svg"])), pixels(said["svg"])
    image = SizedImage(uri=uri, alt=said["alt"], px=size)
    options = {
        "name": said["name"],
        "caption": f"{said['caption']}\n\n{credited(said['credit'])}",
    }
    with (
        markdown.current_node_context(box),
        create_figure_context(markdown, options, data.line or 0),
    ):
        markdown.current_node.append(image)
    opening = '<details class="twin"><summary>Numbers behind this figure</summary>\n'
    link = addnodes.download_reference(
        "", "Download as CSV", reftarget=stored(".csv", said["csv"]), refdoc=env.docname
    )
    link["refdomain"] = ""
    known = env.metadata[env.docname].setdefault("figures", {})
    kept = ("caption", "alt", "credit", "tables")
    known[said["name"]] = {key: said[key] for key in kept}
    known[said["name"]] |= {"uri": uri.lstrip("/"), "px": size}
    return [
        *box.children,
        nodes.raw("", opening + said["table"], format="html"),
        nodes.paragraph("", "", link, classes=["twin-csv"]),
        nodes.raw("", "</details>", format="html"),
    ]


def switch_nodes(renderer: NbElementRenderer, data: MimeData) -> list[Element]:
    """The choices, hidden until the script draws them, then the figure of the first."""
    env: BuildEnvironment = renderer.renderer.sphinx_env
    env.metadata[env.docname]["switch"] = True
    text = switch_html(data.content["name"], data.content["switch"])
    return [nodes.raw("", text, format="html"), *figure_nodes(renderer, data)]


def switch_html(name: str, asked: dict[str, Any]) -> str:
    """Radio buttons, the place where a choice is read out, and what can be drawn."""
    buttons = "\n".join(
        f'<label><input type="radio" name="{name}-choice" value="{number}"'
        f"{'' if number else ' checked'}> {html.escape(choice['label'])}</label>"
        for number, choice in enumerate(asked["choices"])
    )
    # Inside a script element only "<" could be mistaken for markup.
    drawn = json.dumps(asked["choices"], ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<div class="switch" data-figure="{name}" hidden>\n'
        f"<fieldset><legend>{html.escape(asked['question'])}</legend>\n{buttons}\n"
        '</fieldset>\n<p class="switch-said" role="status"></p>\n'
        f'<script type="application/json">{drawn}</script>\n</div>'
    )


def add_switch_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Load the script on pages with a switch, and nowhere else."""
    if app.env.metadata.get(pagename, {}).get("switch"):
        app.add_js_file("switch.js", loading_method="defer")


def credited(credit: str) -> str:
    """The source line; some publishers' own wording begins with the word."""
    return credit if credit.startswith("Source:") else f"Source: {credit}"


def pixels(svg: str) -> tuple[int, int]:
    """Width and height of an SVG picture in CSS pixels."""
    sizes = dict(re.findall(r'\b(width|height)="([\d.]+)pt"', svg[:400]))
    if len(sizes) < 2:
        raise ValueError("The figure's SVG does not give its size in points.")
    return (
        round(float(sizes["width"]) * POINTS_TO_PIXELS),
        round(float(sizes["height"]) * POINTS_TO_PIXELS),
    )


def findings_nodes(renderer: NbElementRenderer, data: MimeData) -> list[Element]:
    """The findings as a list, kept for every page and test that asks for them."""
    env: BuildEnvironment = renderer.renderer.sphinx_env
    said = data.content
    env.metadata[env.docname]["verdict"] = said["verdict"]
    env.metadata[env.docname]["findings"] = {f["key"]: f for f in said["findings"]}
    items = nodes.bullet_list(classes=["findings"])
    for finding in said["findings"]:
        slug = finding["state"].split()[0]
        text = nodes.paragraph("", f"{finding['sentence']} ({finding['interval']}). ")
        text += nodes.inline("", f"{finding['state'].capitalize()}.", classes=["state"])
        address = f"finding-{finding['key']}"
        text += mark(target=address, said="Link to this finding")
        item = nodes.list_item("", text, classes=[f"state-{slug}"], ids=[address])
        items += item
    return [items]


class repeated(nodes.Inline, nodes.TextElement):  # type: ignore[misc]
    """Something that some page said, filled in when all pages are read."""


class Repeat(SphinxRole):
    """Said once, shown anywhere: ``{verdict}`page```; ``{states}`page```, how many of
    its findings are in which state; ``{finding}`page:key```; ``{figures-of}`table```,
    the figures that rest on a table; and ``{minutes}`page```.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave a node to be filled in later."""
        self.env.metadata[self.env.docname]["repeats"] = True
        node = repeated(role=self.name, target=self.text)
        self.set_source_info(node)
        return [node], []


class RepeatFigure(SphinxDirective):
    """``{repeat-figure} page:name``: a figure of another page, linked to it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Leave a node to be filled in later."""
        self.env.metadata[self.env.docname]["repeats"] = True
        node = repeated(role="figure", target=self.arguments[0])
        self.set_source_info(node)
        return [node]


class FillRepeats(SphinxPostTransform):
    """Fill in verdicts, findings and figures of other pages."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Replace each by what was said, or warn, which stops a strict build."""
        for node in list(self.document.findall(repeated)):
            page, _, key = node["target"].partition(":")
            known = self.env.metadata.get(page, {})
            filled: nodes.Node | None = None
            if node["role"] == "figure" and key in known.get("figures", {}):
                filled = figure_again(page, key, known["figures"][key])
            elif node["role"] == "figures-of":
                filled = figures_of(self.env, key or page)
            elif node["role"] == "minutes":
                filled = minutes_of(self.env, node["target"].split())
            elif node["role"] == "verdict" and "verdict" in known:
                filled = nodes.Text(known["verdict"])
            elif node["role"] == "states" and known.get("findings"):
                filled = states_of(known["findings"])
            elif node["role"] == "finding" and key in known.get("findings", {}):
                found = known["findings"][key]
                filled = nodes.Text(f"{found['sentence']} ({found['interval']}).")
            if filled is None:
                message = "no %s %r: is the page in the book, and does it say so?"
                log.warning(message, node["role"], node["target"], location=node)
            node.replace_self(filled or nodes.Text(""))


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
    for known in env.metadata.values():
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
    credit = nodes.legend("", nodes.paragraph("", credited(known["credit"])))
    again = f"{name}-again"  # not numbered: the number belongs to the figure's own page
    return nodes.figure("", image, caption, credit, ids=[again])


def note_glue(app: Sphinx, docname: str, content: list[str]) -> None:
    """Numbers glued from another page are repeats, too."""
    if re.search(r"\{glue:?\w*\}`[^`]+::", content[0]):
        app.env.metadata[docname]["repeats"] = True


def note_reading(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Remember whether any page is read in this build."""
    app.clusters_read = bool(docnames)  # type: ignore[attr-defined]


def rewrite_repeats(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write again the pages that repeat findings, when any page was read."""
    if not getattr(app, "clusters_read", False):
        return []
    return [name for name, known in env.metadata.items() if known.get("repeats")]


def visit_sized_image(self: Any, node: SizedImage) -> None:
    """Write the image with its size, to be loaded when it comes near."""
    uri = node["uri"]
    if uri in self.builder.images:
        uri = f"{self.builder.imgpath}/{self.builder.images[uri]}"
    width, height = node["px"]
    attributes = {"src": uri, "alt": node["alt"], "width": width, "height": height}
    self.body.append(self.emptytag(node, "img", "\n", **attributes, **loading(self)))


def depart_nothing(self: Any, node: SizedImage) -> None:
    """Nothing to close."""


def setup(app: Sphinx) -> None:
    """Register nodes, roles and hooks."""
    app.add_node(SizedImage, html=(visit_sized_image, depart_nothing))
    app.add_node(repeated)
    app.add_role("verdict", Repeat())
    app.add_role("finding", Repeat())
    app.add_role("states", Repeat())
    app.add_role("figures-of", Repeat())
    app.add_directive("repeat-figure", RepeatFigure)
    app.add_post_transform(FillRepeats)
    app.connect("html-page-context", add_switch_script)
    app.connect("source-read", note_glue)
    app.connect("env-before-read-docs", note_reading)
    app.connect("env-updated", rewrite_repeats)
