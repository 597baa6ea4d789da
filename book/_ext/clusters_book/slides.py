"""Slides: a deck for each lesson, beside the pages and linked from them.

``decks`` says how a deck is written. Here it is filled when all pages are written, so
that its figures, findings and numbers are those of this build. ``{deck}`lesson``` links
one from a page; ``{deck-table}`` lists them all. reveal.js, which turns the pages of a
deck, is copied from the package that carries it.
"""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from formats import offer
from myst_nb.ext.glue.crossref import read_glue_cache
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from clusters_book.cases import table
from clusters_book.decks import FOLDER, Deck, DeckError, Lesson, page, read_deck
from clusters_book.lean import refused, with_policy
from clusters_book.style_sheet import digest
from creative_clusters.record import LESSONS

log = logging.getLogger(__name__)

SOURCE = "teaching/decks"  # in the folder of the pages
PACKAGE = "sphinx_revealjs"
REVEAL = {
    "dist/reveal.js": "reveal.js",
    "dist/reveal.css": "reveal.css",
    "LICENSE": "reveal-licence.txt",
}


def source_of(env: BuildEnvironment, name: str) -> Path:
    """The file that a deck is written in."""
    return Path(env.srcdir) / SOURCE / f"{name}.md"


def deck_of(env: BuildEnvironment, name: str, location: Any = None) -> Deck | None:
    """A deck, or a warning, which stops the build."""
    path = source_of(env, name)
    try:
        return read_deck(name, path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        log.warning(
            "no slides for %r: write book/%s/%s.md",
            name,
            SOURCE,
            name,
            location=location,
        )
    except DeckError as error:
        log.warning("%s/%s.md: %s", SOURCE, name, error, location=location)
    return None


def lesson_of(app: Sphinx, name: str) -> Lesson:
    """What a lesson's page has produced in this build or an earlier one."""
    docname = f"lessons/{name}"
    known = app.env.metadata[docname]
    folder = app.env.mystnb_config.output_folder  # type: ignore[attr-defined]
    outputs = read_glue_cache(str(folder), docname)
    return Lesson(
        docname,
        app.env.titles[docname].astext(),
        known.get("verdict", ""),
        known.get("figures", {}),
        known.get("findings", {}),
        {
            key: output["data"]["text/plain"]
            for key, output in outputs.items()
            if "text/plain" in output.get("data", {})
        },
    )


def link(env: BuildEnvironment, deck: Deck, text: str) -> nodes.reference:
    """A link from the page that is read to a deck."""
    up = "../" * env.docname.count("/")
    address = f"{up}{FOLDER}/{deck.name}.html"
    return nodes.reference("", text, refuri=address, internal=True)


class DeckLink(SphinxRole):
    """``{deck}`lesson```: a link to the slides of a lesson, and how long they take."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Link the deck; the page is read again when the deck has changed."""
        self.env.note_dependency(str(source_of(self.env, self.text)))
        deck = deck_of(self.env, self.text, self.get_location())
        if deck is None:
            return [], []
        text = f"{len(deck.slides)} slides for {deck.minutes} minutes"
        return [link(self.env, deck, text)], []


class DeckTable(SphinxDirective):
    """``{deck-table}``: the deck of each lesson."""

    def run(self) -> list[nodes.Node]:
        """One row a lesson."""
        whole, rows = table(
            "The decks", ["Lesson", "Slides", "Minutes", "Figures"], ["decks"]
        )
        for name in LESSONS:
            self.env.note_dependency(str(source_of(self.env, name)))
            deck = deck_of(self.env, name, self.get_location())
            if deck is not None:
                rows += deck_row(self.env, name, deck)
        return [whole]


def deck_row(env: BuildEnvironment, name: str, deck: Deck) -> nodes.row:
    """What a teacher wants to know of a deck before opening it."""
    figures = sum("{figure}" in slide.text for slide in deck.slides)
    counts = [str(len(deck.slides)), str(deck.minutes), str(figures)]
    row = nodes.row()
    linked = nodes.paragraph("", "", link(env, deck, LESSONS[name]))
    row += nodes.entry("", linked)
    row += [nodes.entry("", nodes.paragraph("", text)) for text in counts]
    return row


def put_reveal(static: Path) -> None:
    """Copy what decks use of reveal.js, with its licence."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            f"The package {PACKAGE} is missing: run `make book`, which installs it, "
            "or install requirements.txt."
        )
    carried = Path(spec.origin).parent / "_static" / "revealjs"
    (static / "reveal").mkdir(parents=True, exist_ok=True)
    for name, target in REVEAL.items():
        shutil.copyfile(carried / name, static / "reveal" / target)


def addresses(static: Path) -> dict[str, str]:
    """Where a deck finds its files; a changed file has a new address."""
    files = [
        static / "reveal" / "reveal.js",
        static / "reveal" / "reveal.css",
        static / "book.css",
        static / "deck.css",
        static / "deck.js",
    ]
    return {
        path.name: f"../_static/{path.relative_to(static).as_posix()}"
        f"?v={digest(path.read_bytes())}"
        for path in files
    }


def made(app: Sphinx, files: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The decks of the lessons that are in the book: name and HTML."""
    for name in LESSONS:
        if f"lessons/{name}" not in app.env.found_docs:
            continue
        deck = deck_of(app.env, name)
        if deck is None:
            continue
        try:
            text = with_policy(page(deck, lesson_of(app, name), files))
        except DeckError as error:
            log.warning("%s/%s.md: %s", SOURCE, name, error)
            continue
        for said in refused(text):
            log.warning("%s/%s.md: its policy refuses %s", SOURCE, name, said)
        yield name, text


def write_decks(app: Sphinx, error: Exception | None) -> None:
    """Write the decks; printed ones are withdrawn when any has changed."""
    if error or app.builder.name != "html":
        return
    out = Path(app.outdir)
    put_reveal(out / "_static")
    read_glue_cache.cache_clear()  # it may hold what pages glued before this build
    folder, wanted, changed = out / FOLDER, set(), False
    for name, text in made(app, addresses(out / "_static")):
        path = folder / f"{name}.html"
        wanted.add(path)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            folder.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed = True
    for stray in {*folder.glob("*.html")} - wanted:
        stray.unlink()
    if changed:
        offer.withdraw_slides(out)


def setup(app: Sphinx) -> None:
    """Register role, directive and hook."""
    app.add_role("deck", DeckLink())
    app.add_directive("deck-table", DeckTable)
    # After the pages are finished, and before it is asked whether there were warnings.
    app.connect("build-finished", write_decks, priority=850)
