"""Numbers, facts, citations and sources in the place of roles.

The book's build looks up what a role asks for; a notebook cannot. So the words that
stand in the book are written into its copy. What cannot be found stops the making, and
so does a role that nobody has thought of.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from clusters_book.evidence import called, licence_line
from myst_nb.core.variables import format_plain_text
from pybtex.database import parse_file
from pybtex.plugin import find_plugin

from copies.pages import Page
from creative_clusters.data import DataError, describe, fact, load
from creative_clusters.record import LESSONS

ROLE = re.compile(r"\{([a-z:]+)\}`([^`]+)`")
TITLED = re.compile(r"(.+?)\s*<.+>", re.DOTALL)


class NotFilled(ValueError):
    """A page asks for something that cannot be written into a notebook."""


def authors(entry: Any, last: str) -> str:
    """Who wrote it, as citations say it."""
    people = entry.persons.get("author") or entry.persons["editor"]
    names = [" ".join(p.prelast_names + p.last_names).strip("{}") for p in people]
    if len(names) > 2:
        return f"{names[0]} et al."
    return last.join(names)


class Filler:
    """Puts text in the place of roles, page by page."""

    def __init__(self, pages: list[Page], book: Path) -> None:
        """Have everything at hand that roles can ask for."""
        self.pages = {page.name: page for page in pages}
        self.book = book
        self.sources = load("sources").set_index("source_id")
        self.style = find_plugin("pybtex.style.formatting", "plain")()
        self.markdown = find_plugin("pybtex.backends", "markdown")()
        self.bibliography = parse_file(book / "references.bib")
        self.roles: dict[str, Callable[[Page, str], str]] = {
            "glue:text": self.glue,
            "fact": self.fact,
            "source": self.source,
            "verdict": lambda page, text: self.pages[text].verdict,
            "finding": self.finding,
            "numref": self.numref,
            "cite": self.cite_in_brackets,
            "cite:p": self.cite_in_brackets,
            "cite:t": self.cite_in_text,
            "doc": self.titled,
            "ref": self.titled,
            "term": self.titled,
            "deck": lambda page, text: "slides in the online book",
        }
        self.directives: dict[str, Callable[[], str]] = {
            "case-matrix": self.case_matrix,
            "page-sources": self.page_sources,
        }

    def start(self, page: Page) -> None:
        """Begin a page: its sources are numbered from one."""
        self.numbers: dict[str, int] = {}
        self.cited: set[str] = set()
        self.tables = set(page.tables)

    def fill(self, page: Page, text: str, drawn: tuple[str, ...] = ()) -> str:
        """Text with every role looked up, but for those that are drawn as they are."""

        def found(match: "re.Match[str]") -> str:
            return (
                match[0] if match[1] in drawn else self.look_up(page, *match.groups())
            )

        return ROLE.sub(found, text)

    def look_up(self, page: Page, role: str, text: str) -> str:
        """What stands in the book for one role."""
        asked = f"{{{role}}}`{text}`"
        if role not in self.roles:
            raise NotFilled(
                f"{page.name}: no notebook can show {asked}. Teach copies/filling.py "
                "the role, or write the page without it."
            )
        try:
            found = self.roles[role](page, text)
        except (DataError, KeyError, ValueError) as error:
            raise NotFilled(
                f"{page.name}: nothing found for {asked}: {error}"
            ) from error
        if not found:
            raise NotFilled(f"{page.name}: {asked} is empty")
        return found

    def glue(self, page: Page, text: str) -> str:
        """A number of this page, or of another: ``other.md::key:format``."""
        other, _, address = text.rpartition("::")
        if other:
            path = (page.path.parent / other).resolve().relative_to(self.book)
            page = self.pages[path.with_suffix("").as_posix()]
        key, _, spec = address.partition(":")
        return str(format_plain_text(page.glued[key], spec or "s"))

    def fact(self, page: Page, text: str) -> str:
        """A published value and its source."""
        value, source_id = fact(text)
        self.tables.add(text.partition(".")[0])
        return value + self.source(page, source_id)

    def source(self, page: Page, text: str) -> str:
        """A small number that leads to the source itself."""
        row = self.sources.loc[text]
        number = self.numbers.setdefault(text, len(self.numbers) + 1)
        return f" [[{number}]](<{row['url']}>)"

    def finding(self, page: Page, text: str) -> str:
        """A finding of some page."""
        name, _, key = text.partition(":")
        return self.pages[name].findings[key]

    def numref(self, page: Page, text: str) -> str:
        """A figure by its caption: outside the book it has no number."""
        captions = {k: v for p in self.pages.values() for k, v in p.figures.items()}
        return f"figure “{captions[text].split('. ')[0].rstrip('.')}”"

    def publication(self, key: str) -> Any:
        """A publication of the bibliography, noted as cited."""
        entry = self.bibliography.entries[key]
        self.cited.add(key)
        return entry

    def cite_in_brackets(self, page: Page, text: str) -> str:
        """(Author, year; author, year)."""
        entries = [self.publication(key.strip()) for key in text.split(",")]
        said = [f"{authors(entry, ' & ')}, {entry.fields['year']}" for entry in entries]
        return f"({'; '.join(said)})"

    def cite_in_text(self, page: Page, text: str) -> str:
        """Author (year)."""
        entry = self.publication(text)
        return f"{authors(entry, ' and ')} ({entry.fields['year']})"

    def titled(self, page: Page, text: str) -> str:
        """The words of a link whose target is another page of the book."""
        match = TITLED.fullmatch(text)
        return match[1] if match else text

    def case_matrix(self) -> str:
        """What each case says of each lesson, in a table of words."""
        head = ["Case", *LESSONS.values()]
        rows = [
            [page.title, *(page.seen[lesson] for lesson in LESSONS)]
            for page in self.pages.values()
            if page.seen
        ]
        lines = [head, ["---"] * len(head), *rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def page_sources(self) -> str:
        """What the page rests on, once the rest of it is filled."""
        return "\n".join(self.source_lines())

    def source_lines(self) -> Iterator[str]:
        """Tables, then the numbered sources of single figures, then publications."""
        for name in sorted(self.tables):
            passport = describe(name)
            licence = passport["licenses"][0]
            yield (
                f"- {passport['title']}. {passport['attribution']} Licence: "
                f"[{called(licence['name'])}]({licence['path']})."
            )
        yield ""
        for source_id, number in self.numbers.items():
            row = dict(self.sources.loc[source_id])
            before, after = licence_line(row)
            yield f"{number}. {before}[{row['title']}](<{row['url']}>){after}"
        yield ""
        cited = sorted(self.cited)
        for entry in self.style.format_bibliography(self.bibliography, cited):
            yield "- " + " ".join(entry.text.render(self.markdown).split())
