"""Addresses that lead somewhere: moved pages, wrong ones, and the site's own.

Where the address of the site is known (see ``repository``), pages name it as theirs,
and ``sitemap.xml`` and ``robots.txt`` list them for search engines. Where it is not,
nothing of the kind is written. ``redirects.txt`` in ``book/`` sends readers of a moved
page on.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlparse
from xml.sax.saxutils import escape

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinxext.rediraffe import create_graph

REDIRECTS = "redirects.txt"
NOT_FOUND = "404"
# What a lost reader may have been looking for: folders of book/ and what they hold.
OFFERED = {"lessons": "The six lessons", "cases": "The cases"}


def set_addresses(app: Sphinx, config: Config) -> None:
    """Hand on the site's address, and the map of moved pages."""
    config.html_baseurl = config.ogp_site_url
    config.notfound_urls_prefix = urlparse(config.ogp_site_url).path or "/"
    there = (Path(app.srcdir) / REDIRECTS).is_file()
    config.rediraffe_redirects = REDIRECTS if there else {}


def moved(source: Path) -> dict[str, str]:
    """The names of moved pages, each with the name of the page it has become."""
    file = source / REDIRECTS
    pairs = create_graph(file) if file.is_file() else {}
    return {
        old.removesuffix(".md"): new.removesuffix(".md") for old, new in pairs.items()
    }


def fill_not_found(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Give the page for wrong addresses what its readers may have looked for.

    The theme's menu would have links relative to an address that does not exist.
    """
    if pagename != NOT_FOUND:
        return
    order = list(app.config.external_site_map)
    context["offered"] = {
        heading: [
            (name, app.env.titles[name].astext())
            for name in order
            if name.startswith(f"{folder}/") and name in app.env.titles
        ]
        for folder, heading in OFFERED.items()
    }
    context["pageurl"] = None
    context["sidebars"] = []


def sitemap(site: str, names: list[str]) -> str:
    """The list of pages that search engines read."""
    places = [
        f"  <url><loc>{escape(urljoin(site, f'{name}.html'))}</loc></url>"
        for name in names
    ]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *places,
            "</urlset>\n",
        ]
    )


def write_lists(app: Sphinx, error: Exception | None) -> None:
    """Write sitemap and robots.txt, or take away those of an earlier build."""
    if error or app.builder.name != "html":
        return
    site, out = app.config.ogp_site_url, Path(app.outdir)
    texts = {
        "sitemap.xml": sitemap(site, sorted(app.env.found_docs)),
        "robots.txt": f"User-agent: *\nAllow: /\nSitemap: {site}sitemap.xml\n",
    }
    for name, text in texts.items():
        if site:
            (out / name).write_text(text, encoding="utf-8")
        else:
            (out / name).unlink(missing_ok=True)


def setup(app: Sphinx) -> None:
    """Register the hooks."""
    app.connect("config-inited", set_addresses, priority=600)  # the address is known
    app.connect("html-page-context", fill_not_found, priority=600)  # after the theme
    app.connect("build-finished", write_lists)
