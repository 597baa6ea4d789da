"""The concordance: which page deals with which chapter of the printed volume.

Two tables stand where the page has ``<!-- concordance -->``, made from ``concordance``
and ``printed_chapters``: from the volume to our pages, and back.
"""

from collections.abc import Sequence

import pandas as pd
from sphinx.application import Sphinx

from clusters_book.evidence import note_table
from creative_clusters.data import data_folder, load

MARK = "<!-- concordance -->"
UNKNOWN = "unknown"


def write_concordance(app: Sphinx, docname: str, content: list[str]) -> None:
    """Put both tables where the page asks for them."""
    if MARK not in content[0]:
        return
    app.env.note_dependency(str(data_folder() / "datapackage.json"))
    chapters = load("printed_chapters").set_index("chapter_id")
    ours = load("concordance")
    for name in ("printed_chapters", "concordance"):
        note_table(app.env, name)
    tables = [from_print(chapters, ours), from_pages(chapters, ours)]
    content[0] = content[0].replace(MARK, "\n\n".join(tables))


def number_in_print(chapter: "pd.Series[str]") -> str:
    """Number of a chapter, or that it is not known."""
    number = chapter["number"]
    return f"Chapter {number}" if pd.notna(number) else f"Number {UNKNOWN}"


def place_in_print(chapter: "pd.Series[str]") -> str:
    """Part and section of a chapter, as far as they are known."""
    parts = [
        f"{level} {chapter[level]}"
        for level in ("part", "section")
        if pd.notna(chapter[level])
    ]
    return f" In {', '.join(parts)}." if parts else ""


def name_in_print(chapter: "pd.Series[str]") -> str:
    """Title and authors of a chapter, with how sure each is."""
    if pd.notna(chapter["title"]):
        title = f"*{chapter['title']}* ({chapter['title_certainty']})"
    elif pd.notna(chapter["case_place"]):
        title = f"Title {UNKNOWN}; a case on {chapter['case_place']} is announced"
    else:
        title = f"Title {UNKNOWN}"
    authors = chapter["authors"]
    if pd.isna(authors):
        return f"{title}. Authors {UNKNOWN}."
    sure = chapter["authors_certainty"]
    return f"{title}. {authors.replace(';', ',')} ({sure})."


def from_print(chapters: pd.DataFrame, ours: pd.DataFrame) -> str:
    """The table from the printed volume to this edition."""
    rows = [("In print", "Chapter or case", "Here")]
    for chapter_id, chapter in chapters.iterrows():
        here = ours[ours["chapter_id"] == chapter_id]
        links = "; ".join(
            f"{{doc}}`/{row.page}` ({row.relation})" for row in here.itertuples()
        )
        rows.append(
            (
                number_in_print(chapter),
                name_in_print(chapter) + place_in_print(chapter),
                links or "no page",
            )
        )
    return list_table("From the printed volume to this edition", rows)


def from_pages(chapters: pd.DataFrame, ours: pd.DataFrame) -> str:
    """The table from this edition to the printed volume."""
    rows = [("Page here", "In print")]
    both = ours.join(chapters, on="chapter_id")
    for page, group in both.groupby("page", sort=False):
        names = "; ".join(
            f"{short(row)} ({row['relation']})" for _, row in group.iterrows()
        )
        rows.append((f"{{doc}}`/{page}`", names))
    return list_table("From this edition to the printed volume", rows)


def short(chapter: "pd.Series[str]") -> str:
    """A chapter in a few words."""
    number = chapter["number"]
    if pd.notna(number):
        return f"chapter {number}, *{chapter['title']}*"
    if pd.notna(chapter["title"]):
        return f"*{chapter['title']}*, number {UNKNOWN}"
    return f"the case on {chapter['case_place']}, chapter {UNKNOWN}"


def list_table(caption: str, rows: Sequence[tuple[str, ...]]) -> str:
    """A table as MyST text, its first row a head."""
    lines = [f"```{{list-table}} {caption}", ":header-rows: 1", ":stub-columns: 1", ""]
    for row in rows:
        lines += [
            f"{'*' if not column else ' '} - {cell}" for column, cell in enumerate(row)
        ]
    return "\n".join([*lines, "```"])


def setup(app: Sphinx) -> None:
    """Register the hook."""
    app.connect("source-read", write_concordance)
