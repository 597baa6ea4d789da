"""The words of a page and of its sections, for the minutes that reading takes.

``{minutes}`start/run``` writes the minutes of a page, ``{minutes}`start/run#at-home```
those of a section; several, parted by spaces, are added up. Code, exercises, quizzes
and lists of sources are not counted: they are for those who stay.
"""

from docutils import nodes
from sphinx.application import Sphinx

NOT_COUNTED = {"exercises", "test-yourself", "sources"}
OUTSIDE = (nodes.literal_block, nodes.raw, nodes.table, nodes.legend)


def count_words(app: Sphinx, doctree: nodes.document) -> None:
    """Note the words of each section, and of the page under the empty name."""
    words: dict[str, int] = {"": 0}
    for text in doctree.findall(nodes.Text):
        sections, place = [""], text.parent
        while place is not None:
            if isinstance(place, OUTSIDE):
                break
            if isinstance(place, nodes.section):
                sections += place["ids"]
            place = place.parent
        if place is None and not NOT_COUNTED & set(sections):
            for section in sections:
                words[section] = words.get(section, 0) + len(text.split())
    app.env.metadata[app.env.docname]["words"] = words


def setup(app: Sphinx) -> None:
    """Register the hook."""
    app.connect("doctree-read", count_words)
