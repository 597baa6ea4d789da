"""What this book adds to Jupyter Book: twelve small Sphinx extensions, one a module.

- ``execution``: pages run again whenever anything they rest on has changed.
- ``outputs``: figures, switches, findings, and the roles that repeat a finding.
- ``evidence``: figures cited from ``data/``, and the sources of a page.
- ``cases``: what each case says of the six lessons, and the index of names.
- ``catalogue``: the page that shows every table, and the data as one file.
- ``concordance``: the tables of printed chapters and our pages.
- ``reading``: minutes to read a page or a section.
- ``repository``: launch, edit and source buttons that point at git's own remote.
- ``theme``: what the stock book does that this one does not want.
- ``downloads``: links to PDF, ePub and offline copy.
- ``terms``: terms of the glossary, linked where a page first uses them.
- ``summary``: what the build printed and wrote down about each page.
"""

from sphinx.application import Sphinx

from clusters_book import (
    cases,
    catalogue,
    concordance,
    downloads,
    evidence,
    execution,
    outputs,
    reading,
    repository,
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
    terms,
    theme,
    downloads,
    summary,
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register every part."""
    for part in PARTS:
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
