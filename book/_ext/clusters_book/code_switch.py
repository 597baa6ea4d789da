"""One button that hides all code of the book, and remembers it from page to page.

The button stands in the header of pages with code. What a reader chose is kept in the
browser. A line of script in the head acts on it before anything is drawn, so that
hidden code never flashes up; ``static/code.js`` does the rest. Without scripts there is
no button, and code is shown as the page has it.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

SCRIPT = "code.js"
PREPARES = "Show the code that prepares what follows"  # a fold with nothing below it
# Constant, so that a content security policy can name it by its hash. Storage may be
# closed to the page, as in some private windows; then code is shown.
EARLY = (
    'try{if(localStorage.getItem("code")==="hidden")'
    'document.documentElement.classList.add("code-hidden")}catch{}'
)


def note_code(app: Sphinx, doctree: nodes.document) -> None:
    """Remember whether a page shows any code that ran."""
    shown = any(
        "cell_input" in node["classes"] for node in doctree.findall(nodes.container)
    )
    app.env.metadata[app.env.docname]["code"] = shown


def name_folds(app: Sphinx, doctree: nodes.document) -> None:
    """Call a fold that has no result below it by what its code is for."""
    for cell in doctree.findall(nodes.container):
        if cell.get("hide_mode") == "input" and not any(
            part.get("nb_element") == "cell_code_output" for part in cell.children
        ):
            cell["prompt_show"] = PREPARES


def add_switch(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Give pages with code the button and its scripts."""
    has_code = app.env.metadata.get(pagename, {}).get("code", False)
    context["page_has_code"] = has_code
    if has_code:
        app.add_js_file(None, body=EARLY, priority=1)
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app: Sphinx) -> None:
    """Register the hooks."""
    app.connect("doctree-read", note_code)
    app.connect("doctree-read", name_folds)
    app.connect("html-page-context", add_switch)
