"""Work that a build need not do again when nothing it rests on has changed.

Sphinx and its extensions format the whole bibliography, load every page to number its
figures and compile all templates in every build. With what is kept here, they need not.
"""

import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pybtex.plugin
from docutils import nodes
from jinja2 import FileSystemBytecodeCache
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector
from sphinxcontrib.bibtex.domain import BibtexDomain


def keep_templates(app: Sphinx) -> None:
    """Compile a template only when it has changed."""
    compiled = Path(app.doctreedir) / "templates"
    compiled.mkdir(exist_ok=True)
    loader: Any = getattr(app.builder, "templates", None)
    if loader is not None:
        loader.environment.bytecode_cache = FileSystemBytecodeCache(str(compiled))


def note_reading(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Remember whether any page is read in this build, or is gone."""
    gone = set(env.all_docs) - env.found_docs
    env.clusters_read = bool(docnames or gone)  # type: ignore[attr-defined]


def outline(node: Any, numbered: tuple[type, ...]) -> list[Any]:
    """What can get a number below a node, with the sections and lists it stands in."""
    kept: list[Any] = []
    for child in node.children:
        if isinstance(child, nodes.Element):
            below = outline(child, numbered)
            kept += [bare(child, below)] if isinstance(child, numbered) else below
    return kept


def bare(node: Any, below: list[Any]) -> Any:
    """A node with its caption, without which it has no number, and little else."""
    new = node.copy()
    new.document = None  # or the whole page would be kept with it
    if not isinstance(node, nodes.section):
        titles = [c for c in node if isinstance(c, nodes.caption | nodes.title)]
        new += [type(title)("", title.astext()) for title in titles]
    new += below
    return new


def keep_outline(app: Sphinx, doctree: nodes.document) -> None:
    """Keep of a page what its figures are numbered by."""
    enumerable = tuple(app.env.get_domain("std").enumerable_nodes)
    kept = outline(doctree, (nodes.section, addnodes.toctree, *enumerable))
    app.env.metadata[app.env.docname]["outline"] = nodes.Element("", *kept)


def number_by_outline(number: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Number figures without loading the pages, and only when a page was read."""

    def numbered(collector: TocTreeCollector, env: Any) -> list[str]:
        if not getattr(env, "clusters_read", True):
            return []
        env.get_doctree = lambda name: env.metadata[name]["outline"]
        try:
            return number(collector, env)
        finally:
            del env.get_doctree

    return numbered


def cited(domain: BibtexDomain) -> object:
    """All that the bibliography is made of."""
    refs = {
        (ref.docname, key.key) for ref in domain.citation_refs for key in ref.targets
    }
    lists = {
        key: (value.list_, value.style) for key, value in domain.bibliographies.items()
    }
    return sorted(refs), lists, domain.bibdata.bibfiles


def only_when_cited_anew(
    update: Callable[..., Iterable[str]],
) -> Callable[..., Iterable[str]]:
    """Format the bibliography only when a source, or where it is cited, has changed."""

    def updated(domain: BibtexDomain) -> Iterable[str]:
        now, before = cited(domain), domain.data.get("clusters_cited")
        if before == (now, len(domain.citations)):
            return []
        changed = update(domain)
        domain.data["clusters_cited"] = (now, len(domain.citations))
        return changed

    return updated


def setup(app: Sphinx) -> None:
    """Register the hooks, once in a process."""
    app.connect("builder-inited", keep_templates)
    app.connect("env-before-read-docs", note_reading)
    app.connect("doctree-read", keep_outline, priority=900)  # when addresses are final
    bibliography: Any = BibtexDomain
    toctree: Any = TocTreeCollector
    if not hasattr(toctree, "clusters_book"):
        toctree.clusters_book = True
        # It would read what every installed package declares, once a citation.
        pybtex.plugin.find_plugin = functools.cache(pybtex.plugin.find_plugin)
        bibliography.env_updated = only_when_cited_anew(bibliography.env_updated)
        toctree.assign_figure_numbers = number_by_outline(toctree.assign_figure_numbers)
