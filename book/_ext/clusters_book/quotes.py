"""Typographic quotation marks in what data and code say, as the prose has them."""

from docutils import nodes
from docutils.utils.smartquotes import smartyPants
from sphinx.application import Sphinx

AS_TYPED = (nodes.FixedTextElement, nodes.literal, nodes.math, nodes.raw)


def as_typed(text: nodes.Text) -> bool:
    """Whether a text is code or the like, in which every sign counts."""
    place = text.parent
    while place is not None and not isinstance(place, AS_TYPED):
        place = place.parent
    return place is not None


def set_quotes(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Set marks and apostrophes that were pasted after the prose had been read."""
    for text in list(doctree.findall(nodes.Text)):
        if ("'" in text or '"' in text) and not as_typed(text):
            said = smartyPants(str(text), "q", "en")
            text.parent.replace(text, nodes.Text(said))


def setup(app: Sphinx) -> None:
    """Register the hook."""
    app.connect("doctree-resolved", set_quotes)
