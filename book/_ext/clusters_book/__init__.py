"""What this book adds to Jupyter Book: small Sphinx extensions, one a module.

What a page says:

- ``outputs``: figures, switches and findings.
- ``repeats``: what other pages say, and which pages to write again when it changes.
- ``evidence``: figures cited from ``data/``, and the sources of a page.
- ``cases``: what each case says of the six lessons, and the index of names.
- ``catalogue``: the page that shows every table, and the data as one file.
- ``quizzes``: questions that readers put to themselves.
- ``exercises``: what each exercise asks of a reader, and all of them in one table.
- ``concordance``: the tables of printed chapters and our pages.
- ``reading``: minutes to read a page or a section.
- ``terms``: terms of the glossary, linked where a page first uses them.
- ``cover``: the picture of the landing page, drawn from a table.
- ``status``: when, from what and how long this copy was built.
- ``room``: what a class on one machine waits, measured, and the machine it needs.

How it runs:

- ``execution``: pages run again whenever anything they rest on has changed.
- ``kernels``: pages need not each load the packages anew.
- ``unchanged``: work that need not be done again.

How it is found:

- ``search``: what the search page needs, and no other page.
- ``anchors``: lasting addresses of figures, findings and tables.
- ``addresses``: moved pages, wrong addresses, and what search engines are told.
- ``cards``: the picture that chats show of a page.
- ``repository``: launch, edit and source buttons that point at git's own remote.
- ``downloads``: links to PDF, ePub and offline copy.

How it looks and weighs:

- ``theme``: what the stock book does that this one does not want.
- ``code_switch``: one button that hides all code, kept from page to page.
- ``typography``: quotation marks and spaces in what data and code say.
- ``fonts``: the typeface of titles, cut down to our letters.
- ``pictures``: figures that are light and tell their size.
- ``formulas``: formulas as MathML.
- ``slides``: a deck for each lesson, read and filled by ``decks``.
- ``lean``: scripts, style sheet and security policy of a page, its templates' slips.
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
    downloads,
    evidence,
    execution,
    exercises,
    fonts,
    formulas,
    kernels,
    lean,
    outputs,
    pictures,
    quizzes,
    reading,
    repeats,
    repository,
    room,
    search,
    slides,
    status,
    summary,
    terms,
    theme,
    typography,
    unchanged,
)

PARTS = (
    execution,
    kernels,
    unchanged,
    pictures,
    outputs,
    repeats,
    evidence,
    cases,
    quizzes,
    exercises,
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
    room,
    terms,
    theme,
    typography,
    downloads,
    lean,
    summary,
    slides,
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register every part."""
    for part in PARTS:
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
