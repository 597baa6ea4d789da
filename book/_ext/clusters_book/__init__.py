"""What this book adds to Jupyter Book: eight small Sphinx extensions, one a module.

- ``execution``: pages run again whenever anything they rest on has changed.
- ``outputs``: figures, findings and the roles that repeat a finding elsewhere.
- ``evidence``: figures cited from ``data/``, and the sources of a page.
- ``catalogue``: the page that shows every table, and the data as one file.
- ``repository``: launch, edit and source buttons that point at git's own remote.
- ``theme``: what the stock book does that this one does not want.
- ``terms``: terms of the glossary, linked where a page first uses them.
- ``summary``: what the build printed and wrote down about each page.
"""

from sphinx.application import Sphinx

from clusters_book import (
    catalogue,
    evidence,
    execution,
    outputs,
    repository,
    summary,
    terms,
    theme,
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register every part."""
    parts = (execution, outputs, evidence, catalogue, repository, terms, theme, summary)
    for part in parts:
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
