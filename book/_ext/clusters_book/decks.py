"""Decks of slides: read from a short text, filled with what a lesson's page produced.

A deck is Markdown in ``book/teaching/decks``, named like its lesson. ``#`` and ``##``
begin a slide, ``### Notes: 2 minutes`` what its speaker says. A paragraph of its own
shows something of the lesson's page: ``{figure}`name```, ``{finding}`key```, or
``{sources}`page```. Numbers are written as on any page, ``{glue:text}`key:format```,
``{fact}`table.row```, ``{verdict}`page```. So a deck holds no figure and no number of
its own, and changes when the data do.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import accumulate
from typing import Any

import yaml
from markdown_it import MarkdownIt
from myst_nb.core.variables import format_plain_text

from creative_clusters.data import DataError, describe, fact, load

FOLDER = "slides"  # of the site
BOOK = "Creative Cluster Development: the executable edition"
WIDTH, HEIGHT = 1280, 720  # of a slide, in pixels
# A figure takes three quarters of the width, where its labels come out as large as text
# may be small; a tall one takes the whole height.
FIGURE_WIDTH, FIGURE_HEIGHT = 940, 664
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
SLIDE = re.compile(r"^##? (.+)$", re.MULTILINE)
NOTES = re.compile(r"^### Notes: (\d+(?:\.5)?) minutes?$", re.MULTILINE)
SHOWN = re.compile(r"\{(figure|finding|sources)\}`([^`]+)`")
ROLE = re.compile(r"\{([\w:-]+)\}`([^`]+)`")
MARKDOWN = MarkdownIt("commonmark", {"html": False, "typographer": True})
MARKDOWN.enable("smartquotes")
TAG = re.compile(r"<[^>]+>")
# The fewer letters a slide has, the larger they are set; each size up to so many.
SIZES = {"large": 230, "middle": 400}
# What each table adds to its own sources stands on the last slide, in full.
AFTER_SOURCE = re.compile(r".*\bSource: ")
SHORT = re.compile(r"; | \(|\. |, each cited")
CHANGED = "; selected and re-tabulated"  # said once for all
EACH_CITED = "Public pages, each cited"
COMPILED = "compiled by the editors of this edition, each figure from its own source"


class DeckError(ValueError):
    """A deck that cannot be made, with what to do about it."""


@dataclass(frozen=True)
class Slide:
    """One thought: its title, its text, and what the speaker says for how long."""

    title: str
    text: str
    notes: str
    minutes: float


@dataclass(frozen=True)
class Deck:
    """The slides of a lesson, and how long they take together."""

    name: str
    minutes: int
    slides: tuple[Slide, ...]


@dataclass(frozen=True)
class Lesson:
    """What a lesson's page produced, and the sources that its deck has cited."""

    page: str
    title: str
    verdict: str
    figures: Mapping[str, dict[str, Any]]
    findings: Mapping[str, dict[str, Any]]
    glued: Mapping[str, str]
    tables: dict[str, None] = field(default_factory=dict)
    cited: dict[str, None] = field(default_factory=dict)


def read_deck(name: str, text: str) -> Deck:
    """Read a deck; ``name`` is its lesson's.

    Raises
    ------
    DeckError
        If it lacks its minutes, a slide lacks its notes, or the minutes do not add up.
    """
    front = FRONT.match(text)
    told = yaml.safe_load(front[1]) if front else {}
    if not front or not isinstance(told.get("minutes"), int):
        raise DeckError("it must begin with its length: ---, minutes: 20, ---.")
    parts = SLIDE.split(text[front.end() :])[1:]
    slides = tuple(map(read_slide, parts[::2], parts[1::2]))
    spoken = sum(slide.minutes for slide in slides)
    if spoken != told["minutes"]:
        raise DeckError(
            f"its notes add up to {spoken:g} minutes and its first lines say "
            f"{told['minutes']}: correct one of the two."
        )
    return Deck(name, told["minutes"], slides)


def read_slide(title: str, text: str) -> Slide:
    """Read what stands between two titles."""
    parts = NOTES.split(text)
    if len(parts) != 3:
        raise DeckError(
            f"the slide {title!r} needs one line such as ### Notes: 2 minutes, with "
            "what the speaker says below it."
        )
    return Slide(title.strip(), parts[0].strip(), parts[2].strip(), float(parts[1]))


def filled(text: str, lesson: Lesson) -> str:
    """Put values in place of the roles of a text."""

    def value(found: re.Match[str]) -> str:
        role, said = found.groups()
        if role not in ROLES:
            known = ", ".join(sorted(ROLES))
            raise DeckError(f"it uses {{{role}}}, and decks know only {known}.")
        return ROLES[role](said, lesson)

    return ROLE.sub(value, text)


def glued(said: str, lesson: Lesson) -> str:
    """A number that the lesson's code has handed to its prose."""
    key, _, spec = said.partition(":")
    if key not in lesson.glued:
        raise DeckError(f"{lesson.page} glues no {key!r}: see its calls of glue().")
    return str(format_plain_text(lesson.glued[key], spec))


def quoted(said: str, lesson: Lesson) -> str:
    """A published value, whose source goes onto the last slide."""
    try:
        value, source = fact(said)
    except DataError as error:
        raise DeckError(str(error)) from error
    lesson.cited[source] = None
    return value


def verdict(said: str, lesson: Lesson) -> str:
    """The verdict of the lesson."""
    if said != lesson.page:
        raise DeckError(f"it gives the verdict of {said}, and is about {lesson.page}.")
    return lesson.verdict


ROLES: dict[str, Callable[[str, Lesson], str]] = {
    "glue:text": glued,
    "fact": quoted,
    "verdict": verdict,
}


def shown(kind: str, said: str, lesson: Lesson) -> str:
    """Something of the lesson's page as HTML."""
    if kind == "finding":
        if said not in lesson.findings:
            raise DeckError(f"{lesson.page} has no finding {said!r}.")
        return finding(lesson.findings[said])
    if kind == "figure":
        if said not in lesson.figures:
            raise DeckError(f"{lesson.page} has no figure {said!r}.")
        lesson.tables.update(dict.fromkeys(lesson.figures[said]["tables"]))
        return figure(said, lesson.figures[said])
    return sources(lesson)


def finding(said: Mapping[str, Any]) -> str:
    """A finding in the words of its page, with its state."""
    state = str(said["state"])
    sentence, interval = (
        escape(said[key], quote=False).replace("'", "’")  # as pages set it
        for key in ("sentence", "interval")
    )
    return (
        f'<div class="finding state-{state.split()[0]}">'
        f'<p class="state">{escape(state.capitalize())}</p>'
        f'<p class="sentence">{sentence}.</p>'
        f'<p class="interval">{interval}</p></div>'
    )


def figure(name: str, said: Mapping[str, Any]) -> str:
    """A figure as large as a slide allows."""
    width, height = said["px"]
    scale = min(FIGURE_WIDTH / width, FIGURE_HEIGHT / height)
    return (
        f'<img src="../_images/{name}.svg" alt="{escape(said["alt"])}" '
        f'width="{width * scale:.0f}" height="{height * scale:.0f}">'
    )


def credit(tables: list[str]) -> str:
    """Who counted, in a line that fits beside a figure."""
    short = dict.fromkeys(
        short_credit(describe(name)["attribution"]) for name in tables
    )
    return "Source: " + "; ".join(short)


def short_credit(attribution: str) -> str:
    """The name of a source without the terms of its licence."""
    if attribution.startswith(EACH_CITED):
        return COMPILED
    return SHORT.split(AFTER_SOURCE.sub("", attribution))[0].rstrip(".")


def sources(lesson: Lesson) -> str:
    """All that the slides before have used, as licences ask for it."""
    credits = dict.fromkeys(
        describe(name)["attribution"].replace(CHANGED, "") for name in lesson.tables
    )
    known = load("sources").set_index("source_id")
    for source_id in lesson.cited:
        row = known.loc[source_id]
        credits[f"{row['publisher']}: {row['title']}"] = None
    items = "".join(f"<li>{escape(said)}</li>" for said in credits)
    return (
        '<p class="whence">Every number comes from the page '
        f'<a href="../{lesson.page}.html">{escape(lesson.title)}</a> of '
        f"<cite>{BOOK}</cite>, which names all sources. "
        "Text and figures CC\u00a0BY\u00a04.0. Shown here, selected and "
        "re-tabulated:</p>"
        f'<ul class="sources">{items}</ul>'
    )


def body(slide: Slide, lesson: Lesson) -> tuple[str, str, list[str]]:
    """The text of a slide, its figure, and the tables that this one rests on."""
    text, picture, tables = [], "", []
    for block in slide.text.split("\n\n"):
        found = SHOWN.fullmatch(block.strip())
        if not found:
            text.append(MARKDOWN.render(filled(block, lesson)))
        elif found[1] == "figure":
            if picture:
                raise DeckError(f"the slide {slide.title!r} has more than one figure.")
            picture = shown(found[1], found[2], lesson)
            tables = list(lesson.figures[found[2]]["tables"])
        else:
            text.append(shown(found[1], found[2], lesson))
    return "".join(text), picture, tables


def size_of(text: str) -> str:
    """How large the words of a slide without a figure are set."""
    letters = len(TAG.sub("", text))
    return next((size for size, most in SIZES.items() if letters <= most), "small")


def section(slide: Slide, number: int, start: float, deck: Deck, lesson: Lesson) -> str:
    """A slide as HTML, with its notes."""
    text, picture, tables = body(slide, lesson)
    kind = "opening" if number == 1 else "with-figure" if picture else size_of(text)
    title = f"<h2>{MARKDOWN.renderInline(filled(slide.title, lesson))}</h2>"
    source = f'<p class="credit">{escape(credit(tables))}.</p>' if picture else ""
    of_book = f'<p class="book">{BOOK}</p>' if number == 1 else ""
    until = start + slide.minutes
    return (
        f'<section id="slide-{number}"><div class="face {kind}">{picture}'
        f'<div class="said">{title}{text}{of_book}{source}</div>'
        f'<p class="number">{number} / {len(deck.slides)}</p></div>'
        f'<aside class="notes"><p class="timing">Slide {number} of '
        f"{len(deck.slides)}, minute {start:g} to {until:g}</p>"
        f"{MARKDOWN.render(filled(slide.notes, lesson))}</aside></section>\n"
    )


def page(deck: Deck, lesson: Lesson, files: Mapping[str, str]) -> str:
    """A deck as a page of HTML; ``files`` gives the addresses of what it loads."""
    starts = accumulate((s.minutes for s in deck.slides), initial=0.0)
    slides = "".join(
        section(slide, number, start, deck, lesson)
        for number, (slide, start) in enumerate(
            zip(deck.slides, starts, strict=False), 1
        )
    )
    about = (
        f"Slides for the lesson {lesson.title}: {len(deck.slides)} slides for "
        f"{deck.minutes} minutes, with speaker notes."
    )
    sheets = "".join(
        f'<link rel="stylesheet" href="{files[name]}">\n' for name in SHEETS
    )
    scripts = "".join(f'<script defer src="{files[name]}"></script>\n' for name in JS)
    return (
        '<!DOCTYPE html>\n<html lang="en-GB" data-theme="light">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(lesson.title)}: slides</title>\n"
        f'<meta name="description" content="{escape(about)}">\n'
        '<link rel="icon" href="../_static/favicon.svg">\n'
        f"{sheets}{scripts}</head>\n<body>\n<main>\n"
        f'<h1 class="deck-title">{escape(lesson.title)}: slides</h1>\n'
        f'<div class="deck"><div class="slides">\n{slides}</div></div>\n'
        "</main>\n</body>\n</html>\n"
    )


SHEETS = ("reveal.css", "book.css", "deck.css")
JS = ("reveal.js", "deck.js")
