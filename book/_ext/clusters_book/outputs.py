"""Figures, switches and findings: from typed outputs of the kernel to the page.

``creative_clusters`` hands on a figure or a list of findings as one output of its own
kind. Here it becomes nodes while the page is read, so that numbering, references
and every output format treat it like any other part of the book.
"""

import html
import json
import re
from typing import Any

from docutils import nodes
from docutils.nodes import Element
from myst_nb.core.render import MimeData, NbElementRenderer, create_figure_context
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from clusters_book.anchors import mark
from clusters_book.cases import case_nodes
from clusters_book.pictures import SizedImage, compact
from creative_clusters.record import CASE, FIGURE, FINDINGS, SWITCH

OWN = (CASE, FIGURE, FINDINGS, SWITCH)
POINTS_TO_PIXELS = 96 / 72


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
        "caption": f"{said['caption']}\n\nSource: {said['credit']}",
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


def setup(app: Sphinx) -> None:
    """Register the hook."""
    app.connect("html-page-context", add_switch_script)
