"""What this book adds to Jupyter Book: seven small Sphinx extensions, one a module.

- ``execution``: pages run again whenever anything they rest on has changed.
- ``outputs``: figures, switches, findings, and the roles that repeat a finding.
- ``evidence``: figures cited from ``data/``, and the sources of a page.
- ``catalogue``: the page that shows every table, and the data as one file.
- ``repository``: launch, edit and source buttons that point at git's own remote.
- ``theme``: what the stock book does that this one does not want.
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
    theme,
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register every part."""
    for part in (execution, outputs, evidence, catalogue, repository, theme, summary):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
