"""The pages of the built book as chapters: what one reads, without what one operates.

Left out is what needs a screen or a programmer: code, its printed output, exercises
that ask for code, the numbers behind a figure, the passports of the data catalogue.
:data:`LEFT_OUT` says so to readers. Links between pages become links between chapters;
a link to something left out leads to the site where its address is known, and is plain
text otherwise.
"""

import posixpath
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Comment, Tag
from latex2mathml.converter import convert

TITLE = "Creative Cluster Development"
SUBTITLE = "The executable edition"
COMPANION = (
    "A companion to the volume edited by Marlen Komorowski and Ike Picone "
    "(Routledge, 2020)"
)
FIRST_CHAPTER = "The book in brief"  # what the landing page is between two covers
LEFT_OUT = (
    "Left out here, and found in the online edition: the code behind the figures, the "
    "exercises, the numbers behind each figure, and the passport of each table, with "
    "its licence, its columns and its known gaps."
)
LICENCE = (
    "Text and figures: Creative Commons Attribution 4.0 (CC BY 4.0). Code: MIT. Each "
    "table of data keeps its own licence; the source line of a figure names it."
)

OPERATED = ", ".join(
    (
        "a.headerlink",
        "button",
        "form",
        "input",
        "noscript",
        "script",
        "style",
        "svg.sd-octicon",
        ".table-filter",
        ".catalogue-search",
        ".cover",  # of the site: its drawing is set by the site's style sheet
        ".sd-summary-state-marker",
        ".switch",
        ".switch-drawn",
        ".toctree-wrapper",
        ".formats",
    )
)
FOR_PROGRAMMERS = ", ".join(
    (
        "section[id^='exercises']",
        ".cell_input",
        ".exercise",
        ".solution",
        ".stream",
        ".text_plain",
        "details.hide",
        "details.twin",
        "details.sd-dropdown",
    )
)
# Ways into a site and out of it, how one works it, and what only its makers ask.
SITE_ONLY = ", ".join(
    (
        "#four-doors",
        "#other-formats",
        "#with-the-code-or-without",
        "#computing-time",
        "#packages",
    )
)
SAID_ON_SCREENS = re.compile(
    r"; [\w ]+ to run$|(?:^| )(?:The code can stay folded|A sign leads to its row|"
    r"Nothing that you choose is kept or sent)\."
)
# The bulk of a page's markup, dropped before it is read: it takes most of the time.
HEAVY = re.compile(
    r'<details class="twin\b.*?</details>'
    r'|(<div class="cell_input[^>]*>\s*(?:<div [^>]*>\s*){1,2})<pre>.*?</pre>',
    re.DOTALL,
)
NAMES_AN_ID = ("aria-controls", "aria-describedby", "aria-labelledby", "for", "headers")
# What lets a browser load pictures when they come into view, and tables be scrolled.
FOR_SCREENS = ("decoding", "fetchpriority", "loading", "tabindex")


@dataclass(frozen=True)
class Chapter:
    """One page: its name in the site, its title, what it is about, and its text."""

    name: str
    title: str
    description: str
    body: Tag

    @property
    def slug(self) -> str:
        """The name as part of an identifier."""
        return slug(self.name)


@dataclass(frozen=True)
class Part:
    """Chapters under a common title; the first part has none."""

    title: str
    chapters: tuple[Chapter, ...]

    @property
    def slug(self) -> str:
        """The title as an identifier."""
        return "part-" + re.sub(r"\W+", "-", self.title.casefold())


@dataclass(frozen=True)
class Edition:
    """The whole book, and what its first pages say about it."""

    parts: tuple[Part, ...]
    version: str
    day: date
    commit: str
    address: str
    html: Path

    @property
    def chapters(self) -> list[Chapter]:
        """All chapters in their order."""
        return [chapter for part in self.parts for chapter in part.chapters]

    @property
    def made(self) -> str:
        """Version, day and commit, as a reader would say them."""
        said = f"Version {self.version}, {self.day.day} {self.day:%B %Y}"
        return f"{said}, from commit {self.commit}" if self.commit else said

    @property
    def cover_picture(self) -> Tag:
        """The figure on the cover: the one that the landing page shows."""
        for picture in self.chapters[0].body.select("figure img[src]"):
            return picture
        raise ValueError(
            "The landing page shows no figure, and the cover needs one: put a "
            "{repeat-figure} on book/index.md."
        )

    @property
    def cover_words(self) -> str:
        """What the figure on the cover shows."""
        figure = self.cover_picture.find_parent("figure")
        words = (
            figure.select_one("figcaption .caption-text .caption-text")
            if figure
            else None
        )
        return " ".join(words.get_text().split()) if words else ""


def slug(page: str) -> str:
    """The name of a page as part of an identifier."""
    return page.replace("/", "-")


def identifier(page: str, fragment: str) -> str:
    """The identifier in the whole book of something on a page, or of the page."""
    if not fragment:
        return slug(page)
    return f"{slug(page)}--{re.sub(r'[^0-9A-Za-z_.-]', '-', unquote(fragment))}"


def order(toc: Path) -> list[tuple[str, list[str]]]:
    """Titles of the parts with the names of their pages, the landing page first."""
    told = yaml.safe_load(toc.read_text(encoding="utf-8"))
    parts = [
        (part["caption"], [chapter["file"] for chapter in part["chapters"]])
        for part in told["parts"]
    ]
    return [("", [told["root"]]), *parts]


def read_edition(html: Path, root: Path) -> Edition:
    """Read the built book in ``html``, made from the repository ``root``."""
    ordered = order(root / "_toc.yml")
    names = [name for _, pages in ordered for name in pages]
    missing = [name for name in names if not (html / f"{name}.html").is_file()]
    if missing:
        raise FileNotFoundError(
            f"No built page of {', '.join(missing)} in {html}: run `make book` first."
        )
    soups = {
        name: BeautifulSoup(
            HEAVY.sub(r"\1", (html / f"{name}.html").read_text(encoding="utf-8")),
            "html.parser",
        )
        for name in names
    }
    address = public_address(soups[names[0]])
    bodies = {name: body(soup, name, names[0]) for name, soup in soups.items()}
    lead_links(bodies, address)
    parts = tuple(
        Part(
            title,
            tuple(
                Chapter(name, heading(bodies[name]), about(soups[name]), bodies[name])
                for name in pages
            ),
        )
        for title, pages in ordered
    )
    cited = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    day, commit = made_from(root)
    return Edition(parts, str(cited["version"]), day, commit, address, html)


def made_from(root: Path) -> tuple[date, str]:
    """Day and short name of the commit; today and nothing where there is none."""
    command = ["git", "-C", str(root), "log", "-1", "--format=%cs %h"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return datetime.now(UTC).date(), ""
    day, _, commit = done.stdout.strip().partition(" ")
    if done.returncode or not commit:
        return datetime.now(UTC).date(), ""
    return date.fromisoformat(day), commit


def public_address(landing: BeautifulSoup) -> str:
    """Where the site is published, as its own landing page says; empty if unknown."""
    told = landing.select_one("meta[property='og:url']")
    where = str(told["content"]) if told else ""
    return where.removesuffix("index.html") if where.startswith("https://") else ""


def heading(text: Tag) -> str:
    """The chapter's title."""
    found = text.find("h1")
    return " ".join(found.get_text().split()) if found else ""


def about(soup: BeautifulSoup) -> str:
    """What the page says of itself to search engines."""
    told = soup.select_one("meta[name=description]")
    return str(told["content"]) if told else ""


def body(soup: BeautifulSoup, name: str, landing: str) -> Tag:
    """The text of a page as a section of the book, with identifiers of its own."""
    article = soup.select_one("article")
    if article is None or article.find("h1") is None:
        raise ValueError(f"The page {name} has no article with a heading.")
    text = article.extract()
    for useless in text.select(f"{OPERATED}, {FOR_PROGRAMMERS}, {SITE_ONLY}"):
        useless.decompose()
    for comment in text.find_all(string=lambda said: isinstance(said, Comment)):
        comment.extract()
    if name == landing:
        first = text.find("h1")
        assert isinstance(first, Tag)
        first.string = FIRST_CHAPTER
    for paragraph in text.find_all("p"):
        if paragraph.get_text().startswith('load("'):  # how code asks for a table
            paragraph.decompose()
    for said in text.find_all(string=SAID_ON_SCREENS):
        said.replace_with(SAID_ON_SCREENS.sub("", said))
    set_quizzes(text)
    open_folds(text)
    link_cards(text)
    set_formulas(text)
    for empty in reversed(text.select("div.cell, div.cell_output, div.output")):
        if not empty.get_text(strip=True) and not empty.find("img"):
            empty.decompose()
    number_identifiers(text, name)
    for tag in text.find_all(True):
        for attribute in FOR_SCREENS:
            tag.attrs.pop(attribute, None)
        if tag.name == "img":
            folder = posixpath.dirname(name)
            tag["src"] = posixpath.normpath(posixpath.join(folder, str(tag["src"])))
    text.name = "section"
    text.attrs = {"class": "chapter", "id": slug(name)}
    return text


def set_quizzes(text: Tag) -> None:
    """Set questions as paragraphs, and the answers after the last question."""
    for quiz in text.select(".quiz"):
        for group in quiz.select("fieldset"):
            group.unwrap()
        for part in quiz.select("legend, label"):
            part.name = "p"
        for answers in quiz.select(".quiz-answers"):
            (quiz.find_parent("section") or quiz).append(answers.extract())


def open_folds(text: Tag) -> None:
    """Turn folded boxes into plain ones: paper cannot be unfolded."""
    for fold in text.find_all("details"):
        fold.name = "div"
        fold.attrs = {"class": "unfolded"}
    for title in text.find_all("summary"):
        words = title.get_text(" ", strip=True)
        title.clear()
        title.name = "p"
        title.attrs = {"class": "unfolded-title"}
        title.string = words


def link_cards(text: Tag) -> None:
    """Link the titles of cards, whose whole face is a link on the screen."""
    for card in text.select(".sd-card"):
        face = card.select_one("a.sd-stretched-link")
        title = card.select_one(".sd-card-title")
        if face is None or title is None:
            continue
        words = title.get_text(" ", strip=True)
        title.clear()
        face.clear()
        face.attrs = {"href": face["href"]}
        face.string = words
        title.append(face.extract())


def set_formulas(text: Tag) -> None:
    """Turn formulas that a script would set in the browser into MathML."""
    for formula in text.select(".math"):
        if formula.find("math"):
            continue  # set already
        written = formula.get_text().strip()
        tex = re.sub(r"^\\[(\[]|\\[)\]]$", "", written).strip()
        display = "block" if formula.name == "div" else "inline"
        formula.clear()
        formula.append(BeautifulSoup(convert(tex, display=display), "html.parser"))


def number_identifiers(text: Tag, name: str) -> None:
    """Make identifiers unique in the whole book."""
    for tag in text.find_all(True):
        if tag.get("id"):
            tag["id"] = identifier(name, str(tag["id"]))
        for attribute in NAMES_AN_ID:
            if tag.get(attribute):
                value = tag[attribute]
                names = value if isinstance(value, list) else str(value).split()
                tag[attribute] = " ".join(identifier(name, said) for said in names)


def lead_links(bodies: dict[str, Tag], address: str) -> None:
    """Lead links between pages to chapters, to the site, or nowhere."""
    there = {slug(name) for name in bodies}
    there |= {str(tag["id"]) for text in bodies.values() for tag in text.select("[id]")}
    for name, text in bodies.items():
        for link in text.select("a[href]"):
            target = destination(name, str(link["href"]), set(bodies), there, address)
            if target is None:
                link.unwrap()
            else:
                link.attrs = {
                    key: link[key] for key in ("id", "class") if link.has_attr(key)
                } | {"href": target}


def destination(
    page: str, href: str, pages: set[str], there: set[str], address: str
) -> str | None:
    """Where a link of a page leads in the whole book, None if nowhere."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc:
        return href
    path = posixpath.join(posixpath.dirname(page), unquote(parts.path))
    target = posixpath.normpath(path) if parts.path else f"{page}.html"
    name = target.removesuffix(".html")
    if target.endswith(".html") and name in pages:
        whole = identifier(name, parts.fragment)
        return f"#{whole if whole in there else slug(name)}"
    return f"{address}{target}" if address else None


def pictures(edition: Edition) -> Iterator[Tag]:
    """All pictures of the chapters."""
    for chapter in edition.chapters:
        yield from chapter.body.select("img[src]")
