"""What this book adds to Jupyter Book: sixteen small Sphinx extensions, one a module.

- ``addresses``: moved pages, wrong addresses, and what search engines are told.
- ``anchors``: lasting addresses of figures, findings and tables.
- ``cards``: the picture that chats show of a page.
- ``execution``: pages run again whenever anything they rest on has changed.
- ``outputs``: figures, switches, findings, and the roles that repeat a finding.
- ``evidence``: figures cited from ``data/``, and the sources of a page.
- ``cases``: what each case says of the six lessons, and the index of names.
- ``catalogue``: the page that shows every table, and the data as one file.
- ``concordance``: the tables of printed chapters and our pages.
- ``reading``: minutes to read a page or a section.
- ``repository``: launch, edit and source buttons that point at git's own remote.
- ``search``: what the search page needs, and no other page.
- ``status``: when, from what and how long this copy was built.
- ``theme``: what the stock book does that this one does not want.
- ``terms``: terms of the glossary, linked where a page first uses them.
- ``summary``: what the build printed and wrote down about each page.
"""

from sphinx.application import Sphinx

from clusters_book import (
    addresses,
    anchors,
    cards,
    cases,
    catalogue,
    concordance,
    evidence,
    execution,
    outputs,
    reading,
    repository,
    search,
    status,
    summary,
    terms,
    theme,
)

PARTS = (
    execution,
    outputs,
    evidence,
    cases,
    catalogue,
    concordance,
    reading,
    repository,
    addresses,
    anchors,
    cards,
    search,
    status,
    terms,
    theme,
    summary,
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register every part."""
    for part in PARTS:
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
