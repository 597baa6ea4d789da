"""The book as one PDF: tagged, with an outline and page numbers in its contents.

Chromium sets the pages, by a style sheet of their own. It cannot write the number of
a page into another (``target-counter``), so it prints again: an earlier print tells
where each chapter begins. The numbers stand in columns of fixed width, which keeps the
last print the same but for them. Prints between them fill pages that a tall figure
would leave half empty, and set chapters a little closer that would leave a few lines on
a page of their own.
"""

import html as markup
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pypdfium2
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from formats import cover
from formats.chapters import (
    COMPANION,
    LEFT_OUT,
    LICENCE,
    SUBTITLE,
    TITLE,
    Chapter,
    Edition,
    Part,
)

STYLE = Path(__file__).with_name("print.css")
# A table wider than the page is set smaller until it fits; one that fits a page is
# kept on it. Both are known only once the text is set.
FIT_TABLES = """() => {
  const smallest = 5.5 * 96 / 72, mostOfAPage = 780;
  for (const table of document.querySelectorAll("table")) {
    const room = table.parentElement.clientWidth;
    let size = parseFloat(getComputedStyle(table).fontSize);
    while (table.scrollWidth > room + 1 && size > smallest) {
      size -= 0.4;
      table.style.fontSize = size + "px";
    }
    if (table.scrollWidth > room + 1) table.style.overflowWrap = "anywhere";
    if (table.offsetHeight < mostOfAPage) table.classList.add("whole");
  }
}"""
# The browser would shrink all pages for the sake of one line that is too wide.
TOO_WIDE = """width => document.documentElement.scrollWidth <= width ? [] :
  [...document.querySelectorAll(".chapter, .front, .imprint, .contents, .part")]
    .filter(one => one.scrollWidth > width).map(one => one.id || one.className)
"""
SET_CLOSER = """names => {
  for (const name of names) document.getElementById(name).classList.add("closer");
}"""
# A figure that does not fit the room left on a page is set a little smaller; if that is
# not enough, paragraphs that follow it come before it.
FILL_PAGES = """([loose, page]) => {
  const smallest = 0.78, slack = 12;
  const tall = block => {
    const { marginTop, marginBottom } = getComputedStyle(block);
    return block.offsetHeight + parseFloat(marginTop) + parseFloat(marginBottom);
  };
  for (const figure of document.querySelectorAll("figure")) {
    const number = figure.querySelector(".caption-number")?.textContent.match(/\\d+/);
    if (!number || !(number[0] in loose)) continue;
    const image = figure.querySelector("img");
    let room = loose[number[0]] - slack;
    const fitting = image.offsetHeight - (tall(figure) - room);
    if (fitting >= smallest * image.offsetHeight) {
      image.style.maxHeight = fitting + "px";
      continue;
    }
    const block = figure.closest("section > *");
    for (let next; room > 0 && (next = block.nextElementSibling); block.before(next)) {
      room -= tall(next);
      if (next.tagName !== "P" || next.textContent.trim().endsWith(":")) break;
      if (room < 0 && tall(figure) - room > page) break;
    }
  }
}"""
WRITE_NUMBERS = """numbers => {
  for (const place of document.querySelectorAll("[data-page-of]"))
    place.textContent = numbers[place.dataset.pageOf] ?? "";
  for (const mentions of document.querySelectorAll(".name-index dd")) {
    const at = [...new Map([...mentions.children].map(a => [+a.textContent, a]))];
    const sorted = at.sort(([one], [other]) => one - other);
    mentions.replaceChildren(...sorted.flatMap(([, a]) => [a, ", "]).slice(0, -1));
  }
}"""
FEW_LETTERS = 900  # on a chapter's last page: a quarter of a page of text
MOST_PRINTS = 4
LOOSE = 0.25  # of a page left empty before a figure is worth a change
PAGE_HEIGHT = 948  # pixels between the margins of print.css
TOP, BOTTOM = 24 / 297, 275 / 297  # of a sheet, where the text begins and ends
UNKNOWN_YET = "000"
LISTED = (  # where readers look for the number of a page
    "table:not(.case-matrix) td, figcaption, "
    "section:has(> :is(h3, h4, h5):-soup-contains-own('Reading'))"
)
TEXT_WIDTH = 612  # pixels of A4 between the margins of print.css


def make(edition: Edition, out: Path, browser: Browser) -> Path:
    """Print the book to ``out``."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "book.html"
        source.write_text(document(edition), encoding="utf-8")
        page = browser.new_page(viewport={"width": TEXT_WIDTH, "height": 1000})
        page.emulate_media(media="print")
        page.goto(source.as_uri())
        page.evaluate("() => document.fonts.ready")
        page.evaluate(FIT_TABLES)
        refuse_wide_lines(page)
        printed = Path(folder) / "printed.pdf"
        print_to(page, printed)
        page.evaluate(SET_CLOSER, runts(printed, edition))
        print_to(page, printed)
        seen: set[str] = set()
        while loose := loose_figures(printed, seen):
            seen |= loose.keys()
            page.evaluate(FILL_PAGES, [loose, PAGE_HEIGHT])
            print_to(page, printed)
        numbers: dict[str, int] = {}
        for _ in range(MOST_PRINTS):  # again if the numbers moved what they count
            found = page_numbers(printed)
            if found.items() <= numbers.items():
                break
            numbers = found
            page.evaluate(WRITE_NUMBERS, numbers)
            print_to(page, printed)
        headings = page.locator("h1, h2, h3, h4, h5, h6").all_inner_texts()
        page.close()
        finish(printed, out, edition, headings)
    return out


def refuse_wide_lines(page: Page) -> None:
    """Say which chapter has a line that does not fit the paper."""
    if wide := page.evaluate(TOO_WIDE, TEXT_WIDTH):
        raise ValueError(
            f"Wider than the paper: something in {', '.join(wide)}. Let it break, or "
            "set it smaller, in book/_ext/formats/print.css."
        )


def print_to(page: Page, out: Path) -> None:
    """Print what the browser shows."""
    page.pdf(path=out, prefer_css_page_size=True, tagged=True, outline=True)


def page_numbers(printed: Path) -> dict[str, int]:
    """On which page each link's target is, by its identifier."""
    reader = PdfReader(printed)
    sheets = {
        sheet.indirect_reference.idnum: number
        for number, sheet in enumerate(reader.pages, 1)
        if sheet.indirect_reference
    }
    return {
        name.removeprefix("/"): sheets[target.raw_get("/Page").idnum]
        for name, target in reader.named_destinations.items()
    }


def loose_figures(printed: Path, seen: set[str]) -> dict[str, float]:
    """Figures that begin a page though much of the one before is empty.

    By number, with the pixels that are free; of each chapter the first, since a change
    there moves all that follow. Those in ``seen`` have had their turn.
    """
    sheets = pypdfium2.PdfDocument(printed)
    found: dict[str, tuple[str, float]] = {}
    for number in range(2, len(sheets) + 1):
        text = sheets[number - 1].get_textpage().get_text_range()
        begins = re.match(rf"(.*?)\s+{number}\s+Fig\. (\d+)\s", text, re.DOTALL)
        if begins is None or begins[1] in found or begins[2] in seen:
            continue
        empty = empty_part(sheets[number - 2])
        if empty > LOOSE:
            found[begins[1]] = (begins[2], float(empty * PAGE_HEIGHT))
    return dict(found.values())


def empty_part(sheet: pypdfium2.PdfPage) -> float:
    """How much of a page is empty below its last line, from 0 to 1."""
    ink = np.asarray(sheet.render(scale=1, grayscale=True).to_pil()) < 200
    top, bottom = (round(part * len(ink)) for part in (TOP, BOTTOM))
    used = np.flatnonzero(ink[top:bottom].any(axis=1))
    return 1 - (used[-1] + 1) / (bottom - top) if len(used) else 1.0


def runts(printed: Path, edition: Edition) -> list[str]:
    """Chapters of several pages that leave only a few lines for the last."""
    numbers = page_numbers(printed)
    named = {chapter.slug for chapter in edition.chapters}
    named |= {part.slug for part in edition.parts}
    begins = sorted((numbers[name], name) for name in named if name in numbers)
    sheets = pypdfium2.PdfDocument(printed)
    ends = [begin - 1 for begin, _ in begins[1:]] + [len(sheets)]
    return [
        name
        for (first, name), last in zip(begins, ends, strict=True)
        if last > first and sheets[last - 1].get_textpage().count_chars() < FEW_LETTERS
    ]


def finish(printed: Path, out: Path, edition: Edition, headings: list[str]) -> None:
    """Add what a reader's program asks of a document: its title, language, origin."""
    writer = PdfWriter(clone_from=printed)
    day = datetime.combine(edition.day, time(), UTC)
    writer.metadata = {
        "/Title": f"{TITLE}: {SUBTITLE[0].lower()}{SUBTITLE[1:]}",
        "/Author": "The contributors to the executable edition",
        "/Subject": COMPANION,
        "/Keywords": "creative clusters, creative industries, urban policy, open data",
        "/CreationDate": day.strftime("D:%Y%m%d%H%M%S+00'00'"),
        "/ModDate": day.strftime("D:%Y%m%d%H%M%S+00'00'"),
    }
    root = writer.root_object
    root[NameObject("/Lang")] = TextStringObject("en-GB")
    root[NameObject("/PageMode")] = NameObject("/UseOutlines")
    root[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )
    for sheet in writer.pages:  # readers who tab go through links in reading order
        sheet[NameObject("/Tabs")] = NameObject("/S")
    mend_outline(root, headings)
    mend_figures(root)
    writer.write(out)


def mend_outline(root: DictionaryObject, headings: list[str]) -> None:
    """Say each heading as it stands in the text.

    Chromium doubles lines of a heading that begins a page, and drops the space where a
    heading goes on to the next line.
    """

    def solid(text: str) -> str:
        return "".join(text.split())

    rest = iter(headings)
    waiting: list[Any] = [root["/Outlines"]]
    while waiting:
        item = waiting.pop().get_object()
        if "/Title" in item:
            title = solid(str(item["/Title"]))
            said = next((h for h in rest if title.endswith(solid(h))), None)
            item[NameObject("/Title")] = TextStringObject(said or item["/Title"])
        waiting += [item[key] for key in ("/Next", "/First") if key in item]


def structure(root: DictionaryObject) -> Iterator[DictionaryObject]:
    """All tagged elements of a document."""
    waiting = [root["/StructTreeRoot"]]
    while waiting:
        item = waiting.pop().get_object()
        if isinstance(item, ArrayObject):
            waiting += list(item)
        elif isinstance(item, DictionaryObject):
            if "/S" in item:
                yield item
            if "/K" in item:
                waiting.append(item["/K"])


def mend_figures(root: DictionaryObject) -> None:
    """Leave one figure of each: the picture that has the text alternative.

    Chromium tags the frame around picture and caption as a figure, too, without a text
    alternative, which checkers and screen readers take for one forgotten.
    """
    for element in structure(root):
        if str(element["/S"]) == "/Figure" and "/Alt" not in element:
            element[NameObject("/S")] = NameObject("/Div")


def document(edition: Edition) -> str:
    """The whole book as one HTML document to print."""
    chapters = "".join(part_text(part, edition) for part in edition.parts)
    return (
        f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">'
        f"<title>{TITLE}</title><style>{style(edition)}</style></head><body>"
        f"{front(edition)}{imprint(edition)}{contents(edition)}{chapters}"
        "</body></html>"
    )


def style(edition: Edition) -> str:
    """The style sheet, with faces from disk and a page head for each chapter."""
    face = '@font-face {{ font-family: "Book {}"; src: url("{}"); {} }}'
    faces = [
        face.format("Serif", cover.FACES["regular"].as_uri(), "font-weight: 400"),
        face.format(
            "Serif",
            cover.FACES["italic"].as_uri(),
            "font-weight: 400; font-style: italic",
        ),
        face.format("Serif", cover.FACES["bold"].as_uri(), "font-weight: 600 700"),
        face.format(
            "Serif",
            cover.FACES["bold-italic"].as_uri(),
            "font-weight: 600 700; font-style: italic",
        ),
        face.format("Sans", cover.FACES["sans"].as_uri(), ""),
        face.format("Mono", cover.FACES["mono"].as_uri(), ""),
    ]
    head = (
        "font: {} 9pt 'Book Serif', serif; color: #565d66; "
        "vertical-align: bottom; padding-bottom: 6mm;"
    )
    left, right = head.format(""), head.format("italic")
    heads = [
        f"@page p-{chapter.slug} {{"
        f" @top-left {{ content: {quoted(part.title or TITLE)}; {left} }}"
        f" @top-right {{ content: {quoted(chapter.title)}; {right} }} }}"
        f" #{chapter.slug} {{ page: p-{chapter.slug}; }}"
        for part in edition.parts
        for chapter in part.chapters
    ]
    sheet = STYLE.read_text(encoding="utf-8")
    return "\n".join([*faces, sheet, *heads])


def quoted(text: str) -> str:
    """A string of CSS."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def front(edition: Edition) -> str:
    """The cover, with a figure of the book."""
    shown = edition.cover_picture
    picture = (edition.html / str(shown["src"])).as_uri()
    alt = markup.escape(str(shown["alt"]))
    return (
        f'<section class="front"><p class="title">{TITLE}</p>'
        f'<p class="subtitle">{SUBTITLE}</p><img src="{picture}" alt="{alt}">'
        f'<p class="shown">{markup.escape(edition.cover_words)}</p>'
        f'<div class="about"><p>{COMPANION}</p><p>{edition.made}</p>'
        f"<p>{LICENCE.partition('. ')[0]}.</p></div></section>"
    )


def imprint(edition: Edition) -> str:
    """What one ought to know of this copy."""
    where = (
        f'<p>The online edition: <a class="external" href="{edition.address}">'
        f"{edition.address}</a></p>"
        if edition.address
        else ""
    )
    return (
        '<section class="imprint"><h2>About this copy</h2>'
        f"<p>{TITLE}: the executable edition. {edition.made}.</p>"
        f"<p>{COMPANION}. This edition is in its own words: it neither reproduces nor "
        "replaces the volume.</p>"
        "<p>Every number and every figure was computed from published data by the code "
        "of the online edition, which anyone can read and run. A small number in "
        "brackets leads to the source at the end of the chapter.</p>"
        f"<p>{LEFT_OUT}</p>{where}<p>{LICENCE}</p></section>"
    )


def contents(edition: Edition) -> str:
    """The table of contents, with room for the numbers of the pages."""

    def line(target: str, title: str, name: str) -> str:
        return (
            f'<a class="{name}" href="#{target}"><span>{markup.escape(title)}</span>'
            f'<span class="dots"></span>'
            f'<span class="number" data-page-of="{target}"></span></a>'
        )

    items = []
    for part in edition.parts:
        inner = "".join(
            f"<li>{line(chapter.slug, chapter.title, 'to-chapter')}</li>"
            for chapter in part.chapters
        )
        title = line(part.slug, part.title, "to-part") if part.title else ""
        items.append(f"<li>{title}<ol>{inner}</ol></li>")
    return (
        '<nav class="contents" aria-label="Contents"><h2>Contents</h2>'
        f"<ol>{''.join(items)}</ol></nav>"
    )


def part_text(part: Part, edition: Edition) -> str:
    """A part: its title page, then its chapters."""
    title = ""
    if part.title:
        about = "".join(
            f'<dt><a href="#{c.slug}">{markup.escape(c.title)}</a>'
            f'<span class="number" data-page-of="{c.slug}"></span></dt>'
            f"<dd>{markup.escape(c.description)}</dd>"
            for c in part.chapters
        )
        title = (
            f'<section class="part" id="{part.slug}"><h1>{markup.escape(part.title)}'
            f"</h1><dl>{about}</dl></section>"
        )
    return title + "".join(chapter_text(c, edition) for c in part.chapters)


def chapter_text(chapter: Chapter, edition: Edition) -> str:
    """A chapter one level below its part, with pictures from the built site."""
    text = BeautifulSoup(str(chapter.body), "html.parser")
    for level in range(5, 0, -1):
        for heading in text.find_all(f"h{level}"):
            heading.name = f"h{level + 1}"
    for picture in text.select("img[src]"):
        picture["src"] = (edition.html / str(picture["src"])).as_uri()
    tell_pages(text)
    return str(text)


def tell_pages(text: BeautifulSoup) -> None:
    """Leave room for numbers of pages: in the index alone, elsewhere beside links."""
    for mentions in text.select(".name-index dd"):
        # A link to a chapter as a whole only says which one the sections are of.
        links = mentions.select("a[href^='#'][href*='--']")
        targets = dict.fromkeys(str(link["href"])[1:] for link in links)
        mentions.clear()
        for target in targets:
            place = text.new_tag("a", href=f"#{target}")
            place["data-page-of"] = target
            place.string = UNKNOWN_YET
            mentions.append(place)
            mentions.append(" ")
    for link in text.select(f":is({LISTED}) :not(.source-mark) > a[href^='#']"):
        place = text.new_tag("span", attrs={"class": "page-of"})
        place["data-page-of"] = str(link["href"])[1:]
        place.string = UNKNOWN_YET
        said = link.get_text()
        if said.endswith("."):  # a sentence of its own: "How we know."
            link.string = said[:-1]
            link.insert_after(".")
            place["class"] = "page-of in-sentence"
        link.insert_after(place)
