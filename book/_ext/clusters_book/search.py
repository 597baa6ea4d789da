"""Search: Sphinx's own index, asked for only when a reader asks.

Sphinx's script ranks a page by its best single word and then fetches each page that it
found. Ours (``static/search.js``) weighs where the words stand, and shows what each
page says of itself, which is written into the search page here; so it works from a
folder on disk, too.
"""

import json
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

# They name everything, so they would be found for anything.
LISTS = "reference/"


def pages(env: BuildEnvironment) -> dict[str, dict[str, Any]]:
    """What each page says of itself, and whether it is one of the lists."""
    return {
        name: {
            "said": env.metadata.get(name, {}).get("og:description", ""),
            "list": name.startswith(LISTS),
        }
        for name in sorted(env.found_docs)
    }


def in_script(value: object) -> str:
    """JSON that may stand in a script element: only "<" could be taken for markup."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def fill_search(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Give the search page its scripts and the words of all pages."""
    if pagename == "search":
        app.add_js_file("language_data.js", loading_method="defer")
        app.add_js_file("search.js", loading_method="defer")
        context["search_pages"] = in_script(pages(app.env))


def setup(app: Sphinx) -> None:
    """Register the hook."""
    app.connect("html-page-context", fill_search)
