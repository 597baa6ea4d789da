"""Formulas as MathML, which browsers draw themselves: no script, no fonts to load.

The formula's TeX stays beside it, for those who copy it and for tools that ask for it.
"""

import html
import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging

log = logging.getLogger(__name__)
UNKNOWN = re.compile(r"<m[ion]>(\\[A-Za-z]+)</m[ion]>")


def mathml(tex: str, display: str) -> str:
    """A formula as MathML; ``display`` is ``inline`` or ``block``."""
    drawn: str = convert(tex, display=display)
    if unknown := UNKNOWN.search(drawn):
        raise ValueError(f"{unknown[1]} is not known")
    note = f'<annotation encoding="application/x-tex">{html.escape(tex)}</annotation>'
    opening, _, rest = drawn.partition("<mrow>")
    inside = rest.rpartition("</mrow>")[0]
    row = f"<mrow>{inside}</mrow>"
    return f"{opening}<semantics>{row}{note}</semantics></math>"


def drawn(node: nodes.Element, display: str) -> str:
    """The formula, or its TeX and a warning, which stops a strict build."""
    tex = node.astext()
    try:
        return mathml(tex, display)
    except Exception as error:  # the converter's own errors have no common base
        message = "The formula %r cannot be drawn (%r). Write it in simpler TeX."
        log.warning(message, tex, error, location=node)
        return f"<code>{html.escape(tex)}</code>"


def visit_inline(translator: Any, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(drawn(node, "inline"))
    raise nodes.SkipNode


def visit_block(translator: Any, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, with its number if it has one."""
    translator.body.append(translator.starttag(node, "div", CLASS="math notranslate"))
    if node["number"]:
        translator.body.append(f'<span class="eqno">({node["number"]})</span>')
    translator.body.append(drawn(node, "block"))
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the renderer; ``html_math_renderer: mathml`` chooses it."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
