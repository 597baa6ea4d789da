"""What the stock book does that this one does not want.

- Jupyter Book loads sphinx-thebe always and switches it on never: each page carries its
  settings twice, which browsers report as an error. Its hooks are taken out.
- docutils marks the entries of a bibliography with a role that accessibility checkers
  reject as deprecated. They are plain list items here.
- What chats show of a page is its first words. Here it is the description that the page
  gives itself, the same as search engines show.
- The book's title, the part a page belongs to and the footer are templates of our own.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.writers.html5 import HTML5Translator

TEMPLATES = Path(__file__).with_name("templates")


def add_templates(app: Sphinx, config: Config) -> None:
    """Let our templates come before the theme's of the same name."""
    config.templates_path.append(str(TEMPLATES))


def drop_thebe(app: Sphinx) -> None:
    """Disconnect sphinx-thebe before it writes into a page."""
    for event in ("env-before-read-docs", "doctree-resolved"):
        for listener in list(app.events.listeners[event]):
            if listener.handler.__module__ == "sphinx_thebe":
                app.disconnect(listener.id)
    files = app.registry.css_files
    files[:] = [entry for entry in files if "thebe" not in entry[0]]


def visit_citation(self: Any, node: nodes.citation) -> None:
    """Open an entry of the bibliography."""
    HTML5Translator.visit_citation(self, node)
    self.body[-1] = self.body[-1].replace("doc-biblioentry", "listitem")


def depart_citation(self: Any, node: nodes.citation) -> None:
    """Close it."""
    HTML5Translator.depart_citation(self, node)


def describe_once(app: Sphinx, doctree: nodes.document) -> None:
    """Hand the page's own description on to the tags for chats."""
    for node in doctree.findall(nodes.meta):
        if node.get("name") == "description":
            app.env.metadata[app.env.docname]["og:description"] = node["content"]


def setup(app: Sphinx) -> None:
    """Register hooks and visitors."""
    app.connect("config-inited", add_templates)
    app.connect("builder-inited", drop_thebe, priority=100)
    app.connect("doctree-read", describe_once)
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
