"""Links to PDF, ePub and offline copy, while they are as new as the pages.

``make pdf`` and its like put their files into the site. When any page is read again
they are old, so the build takes them out; when pages are only written again, the links
to them are.
"""

from pathlib import Path

from formats import offer
from sphinx.application import Sphinx


def keep_or_withdraw(app: Sphinx, error: Exception | None) -> None:
    """Link the files of this state of the book, drop those of an older one."""
    if error or app.builder.format != "html":
        return
    if getattr(app, "clusters_read", False):
        offer.withdraw(Path(app.outdir))
    else:
        offer.offer(Path(app.outdir))


def setup(app: Sphinx) -> None:
    """Register the hook."""
    app.connect("build-finished", keep_or_withdraw)
