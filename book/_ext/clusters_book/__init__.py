"""What this book adds to Jupyter Book: twelve small Sphinx extensions, one a module.
"""What this book adds to Jupyter Book: thirteen small Sphinx extensions, one a module.
"""What this book adds to Jupyter Book: fourteen small Sphinx extensions, one a module.
"""What this book adds to Jupyter Book: sixteen small Sphinx extensions, one a module.

- ``addresses``: moved pages, wrong addresses, and what search engines are told.
- ``anchors``: lasting addresses of figures, findings and tables.
- ``cards``: the picture that chats show of a page.
- ``execution``: pages run again whenever anything they rest on has changed.
- ``kernels``: pages need not each load the packages anew.
- ``outputs``: figures, switches, findings, and the roles that repeat a finding.
- ``evidence``: figures cited from ``data/``, and the sources of a page.
- ``cases``: what each case says of the six lessons, and the index of names.
- ``catalogue``: the page that shows every table, and the data as one file.
- ``code_switch``: one button that hides all code, kept from page to page.
- ``concordance``: the tables of printed chapters and our pages.
- ``formulas``: formulas as MathML.
- ``lean``: scripts, style sheet and security policy of a page, its templates' slips.
- ``cover``: the picture of the landing page, drawn from a table.
- ``fonts``: the typeface of titles, cut down to our letters.
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
    code_switch,
    concordance,
    cover,
    evidence,
    execution,
    kernels,
    formulas,
    lean,
    fonts,
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
    kernels,
    outputs,
    evidence,
    cases,
    catalogue,
    code_switch,
    concordance,
    formulas,
    cover,
    fonts,
    reading,
    repository,
    addresses,
    anchors,
    cards,
    search,
    status,
    terms,
    theme,
    lean,
    summary,
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register every part."""
    for part in PARTS:
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
