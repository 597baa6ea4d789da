"""Signs of good setting in what data and code say, as the prose has them."""

import re

from docutils import nodes
from docutils.utils.smartquotes import smartyPants
from sphinx.application import Sphinx

AS_TYPED = (nodes.FixedTextElement, nodes.literal, nodes.math, nodes.raw)
P_VALUE = re.compile(r"\bp ([=<]) ?")  # the number may be pasted behind it
NUMBER = re.compile(r"[−\d][\d,.]*( to [\d,.]+)?")
SPACE = "\u00a0"  # at which no line ends


def as_typed(text: nodes.Text) -> bool:
    """Whether a text is code or the like, in which every sign counts."""
    place = text.parent
    while place is not None and not isinstance(place, AS_TYPED):
        place = place.parent
    return place is not None


def set_text(words: str) -> str:
    """Typographic quotation marks and apostrophes, and p-values on one line."""
    quoted = smartyPants(words, "q", "en") if re.search("['\"]", words) else words
    return P_VALUE.sub(rf"p{SPACE}\1{SPACE}", quoted)


def align_numbers(table: nodes.table) -> None:
    """Set columns of nothing but numbers flush right, the first column excepted."""
    rows = [row.children for row in table.findall(nodes.row)]
    body = [row.children for part in table.findall(nodes.tbody) for row in part]
    for column in range(1, min(map(len, rows), default=0)):
        if all(NUMBER.fullmatch(row[column].astext()) for row in body):
            for row in rows:
                row[column]["classes"].append("text-right")


def set_page(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Set what was pasted after the prose had been read."""
    for text in list(doctree.findall(nodes.Text)):
        if (said := set_text(str(text))) != text and not as_typed(text):
            text.parent.replace(text, nodes.Text(said))
    for table in doctree.findall(nodes.table):
        align_numbers(table)


def setup(app: Sphinx) -> None:
    """Register the hook."""
    app.connect("doctree-resolved", set_page)
