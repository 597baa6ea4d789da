"""What this book adds to Jupyter Book: five small Sphinx extensions, one a module.

- ``execution``: pages run again whenever anything they rest on has changed.
- ``outputs``: figures, findings and the roles that repeat a finding elsewhere.
- ``evidence``: figures cited from ``data/``, sources of a page, the data catalogue.
- ``repository``: launch, edit and source buttons that point at git's own remote.
- ``summary``: what the build printed and wrote down about each page.
"""

from sphinx.application import Sphinx

from clusters_book import evidence, execution, outputs, repository, summary


def setup(app: Sphinx) -> dict[str, bool]:
    """Register every part."""
    for part in (execution, outputs, evidence, repository, summary):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
