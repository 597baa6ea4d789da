"""The terms of the glossary: linked at first use on a page, and in five languages.

Authors need not remember to: the first mention in running text becomes a link, unless
the author has already made one. Words that everyday English uses in other senses are
left to the author, who writes ``{term}`margin``` where the book's meaning is meant.

Each entry of the glossary ends with what specialists say in Dutch, French, German and
Polish, from the table ``glossary_translations``.
"""

import re

import pandas as pd
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from clusters_book.evidence import note_table
from clusters_book.quizzes import quiz_option, quiz_question
from creative_clusters.data import data_folder, load

log = logging.getLogger(__name__)

GLOSSARY = "reference/glossary"
BY_HAND = {"broker", "donor", "gap", "governance", "margin", "skill", "tension"}

LANGUAGES = {"nl": "Dutch", "fr": "French", "de": "German", "pl": "Polish"}

# Pages that are lists of terms, tables or titles, not text to be read through.
LISTS = {GLOSSARY, "reference/bibliography", "reference/changelog", "reference/data"}

# Text that is not running text: headings, links, code, labels of a list or an
# option, captions.
OUTSIDE = (
    nodes.title,
    nodes.rubric,
    nodes.reference,
    nodes.literal,
    nodes.literal_block,
    nodes.caption,
    nodes.legend,
    nodes.term,
    nodes.superscript,
    nodes.raw,
    nodes.table,
    quiz_option,
    quiz_question,
    addnodes.pending_xref,
    addnodes.download_reference,
)


def mentions(term: str) -> "re.Pattern[str]":
    """A pattern for a term as running text writes it: any case, plural too."""
    words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", term))
    words = words.replace("'", "['’]")  # the page has typographic ones
    return re.compile(rf"(?<![\w-]){words}(?:s|es)?(?![\w-])", re.IGNORECASE)


def automatic(env: BuildEnvironment) -> dict[str, "re.Pattern[str]"]:
    """The terms to be linked, the longest first, so that parts do not win."""
    std: StandardDomain = env.get_domain("std")  # type: ignore[assignment]
    known = {name for kind, name in std.objects if kind == "term"}
    return {
        term: mentions(term)
        for term in sorted(known, key=lambda term: (-len(term), term))
        if term not in BY_HAND
    }


def is_running_text(text: nodes.Text) -> bool:
    """Whether a piece of text is one that a reader reads through."""
    place = text.parent
    while place is not None:
        if isinstance(place, OUTSIDE):
            return False
        place = place.parent
    return True


def join_lines(parent: nodes.TextElement) -> None:
    """Make one text of neighbours: MyST parts them at each line's end."""
    for number in range(len(parent) - 1, 0, -1):
        last, text = parent[number - 1], parent[number]
        if isinstance(last, nodes.Text) and isinstance(text, nodes.Text):
            parent[number - 1 : number + 1] = [nodes.Text(last + text)]


class LinkFirstMentions(SphinxPostTransform):
    """Link each term where the page first mentions it."""

    default_priority = 8  # repeated findings stand in the text by now

    def run(self, **kwargs: object) -> None:
        """Walk the page in its order; what the author has linked needs no more."""
        if self.env.docname in LISTS:
            return
        left = automatic(self.env)
        for parent in list(self.document.findall(nodes.TextElement)):
            join_lines(parent)
        for node in list(self.document.findall()):
            if isinstance(node, addnodes.pending_xref) and node["reftype"] == "term":
                named = str(node["reftarget"]).casefold()
                left = {k: v for k, v in left.items() if k.casefold() != named}
            elif isinstance(node, nodes.Text) and is_running_text(node):
                self.link(node, left)

    def link(self, text: nodes.Text, left: dict[str, "re.Pattern[str]"]) -> None:
        """Put links into one piece of text and strike their terms off the list."""
        parts: list[nodes.Node] = [text]
        for term in list(left):
            for number, part in enumerate(parts):
                found = isinstance(part, nodes.Text) and left[term].search(part)
                if found:
                    before, after = part[: found.start()], part[found.end() :]
                    link = linked(term, found[0])
                    parts[number : number + 1] = [
                        nodes.Text(before),
                        link,
                        nodes.Text(after),
                    ]
                    del left[term]
                    break
        if len(parts) > 1:
            text.parent.replace(text, parts)


def linked(term: str, shown: str) -> addnodes.pending_xref:
    """A quiet link to the glossary."""
    link = addnodes.pending_xref("", nodes.inline("", shown, classes=["glossed"]))
    link.attributes |= {"refdomain": "std", "reftype": "term", "refexplicit": True}
    link["reftarget"] = term
    return link


def add_equivalents(app: Sphinx, docname: str, content: list[str]) -> None:
    """End each entry of the glossary with its equivalents in other languages."""
    if docname != GLOSSARY:
        return
    app.env.note_dependency(str(data_folder() / "datapackage.json"))
    note_table(app.env, "glossary_translations")
    before, opening, rest = content[0].partition(":::{glossary}\n:sorted:\n")
    entries, closing, after = rest.partition("\n:::")
    table = load("glossary_translations")
    said = []
    for entry in re.split(r"\n\s*\n(?=\S)", entries.strip()):
        term = entry.partition("\n")[0].strip()
        rows = table[table["term"] == term].set_index("language")
        if missing := sorted(set(LANGUAGES) - set(rows.index)):
            message = "glossary: no row for %r in %s of glossary_translations"
            log.warning(message, term, ", ".join(missing), location=docname)
        said.append(f"{entry}\n\n  {equivalents(rows)}")
    if strange := sorted(set(table["term"]) - {e.partition("\n")[0] for e in said}):
        log.warning("glossary: no entry for %s", ", ".join(strange), location=docname)
    content[0] = "".join([before, opening, "\n\n".join(said), closing, after])


def equivalents(rows: pd.DataFrame) -> str:
    """One line of equivalents; a source where one is known, else it is our own."""
    parts = []
    for code, language in LANGUAGES.items():
        if code in rows.index:
            row = rows.loc[code]
            cited = row["source_id"]
            mark = f" {{source}}`{cited}`" if pd.notna(cited) else ""
            word = f'<span lang="{code}">{row["equivalent"]}</span>'
            parts.append(f"{language} {word}{mark}")
    return "; ".join(parts)


def note_glossary(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Remember whether the glossary itself is read in this build."""
    app.clusters_glossary = GLOSSARY in docnames  # type: ignore[attr-defined]


def rewrite_all(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write all pages again when the terms may have changed."""
    return list(env.found_docs) if getattr(app, "clusters_glossary", False) else []


def setup(app: Sphinx) -> None:
    """Register the transform and the hooks."""
    app.add_post_transform(LinkFirstMentions)
    app.connect("source-read", add_equivalents)
    app.connect("env-before-read-docs", note_glossary)
    app.connect("env-updated", rewrite_all)
