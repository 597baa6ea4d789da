"""Signs of good setting in what data and code say, as the prose has them."""

import re

from docutils import nodes
from docutils.utils.smartquotes import smartyPants
from sphinx.application import Sphinx

AS_TYPED = (nodes.FixedTextElement, nodes.literal, nodes.math, nodes.raw)
P_VALUE = re.compile(r"\bp ([=<]) ?")  # the number may be pasted behind it
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


def set_page(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Set what was pasted after the prose had been read."""
    for text in list(doctree.findall(nodes.Text)):
        if (said := set_text(str(text))) != text and not as_typed(text):
            text.parent.replace(text, nodes.Text(said))


def setup(app: Sphinx) -> None:
    """Register the hook."""
    app.connect("doctree-resolved", set_page)
