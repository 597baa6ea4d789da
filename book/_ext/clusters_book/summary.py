"""What the build says at the end, and what it writes down for the tests.

``record.json`` beside the HTML holds, for each page, its seconds, tables, figures and
findings: what the pages themselves produced, for tests and for other tools to read.
"""

import json
from pathlib import Path

from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from clusters_book.addresses import moved
from clusters_book.decks import FOLDER

log = logging.getLogger(__name__)

KEPT = (
    "tables",
    "cited",
    "figures",
    "verdict",
    "findings",
    "case",
    "exercises",
)
NOT_PAGES = {"genindex", "search", "404"}


def seconds(env: BuildEnvironment, docname: str) -> float | None:
    """How long the page's code ran when it last ran; None for a page without code."""
    known = NbMetadataCollector.get_exec_data(env, docname) or {}
    runtime = known.get("runtime")
    return None if runtime is None else round(float(runtime), 1)


def miss_pages(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of pages that _toc.yml lists and that are not there, in every build."""
    for name in app.config.external_site_map:
        if name not in env.found_docs:
            log.warning("_toc.yml lists %r, but book/ has no such page", name)


def write_down(app: Sphinx, error: Exception | None) -> None:
    """Write record.json, say the seconds of each page, drop pages of older builds."""
    if error or app.builder.format != "html":
        return
    env = app.env
    pages = {}
    for docname in sorted(env.found_docs):
        known = env.metadata.get(docname, {})
        pages[docname] = {"seconds": seconds(env, docname)}
        pages[docname] |= {key: known[key] for key in KEPT if key in known}
    record = Path(app.outdir).parent / "record.json"
    text = json.dumps(
        pages, indent=1, ensure_ascii=False, sort_keys=True, default=sorted
    )
    record.write_text(text + "\n", encoding="utf-8")
    out = Path(app.outdir)
    kept = {*pages, *NOT_PAGES, *moved(Path(app.srcdir))}
    for stray in [*out.rglob("*.html"), *out.rglob("_sources/**/*.*")]:
        name = stray.relative_to(out).with_suffix("").as_posix()
        if name.startswith(f"{FOLDER}/"):
            continue  # decks look after themselves
        if name.removeprefix("_sources/") not in kept:
            stray.unlink()


def setup(app: Sphinx) -> None:
    """Register the hooks."""
    app.connect("env-updated", miss_pages)
    app.connect("build-finished", write_down)
