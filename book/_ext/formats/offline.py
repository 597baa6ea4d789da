"""The site as one archive that opens by double click, without server or network."""

import re
import zipfile
from datetime import date
from pathlib import Path

from formats.chapters import TITLE
from formats.offer import FOLDER, empty

INSIDE = "creative-cluster-development"  # the folder that the archive unpacks into
START = "Open the book.html"
# Sphinx's own memory of the build, which nothing on a page asks for.
NOT_NEEDED = {".buildinfo", ".buildinfo.bak", "objects.inv", "sitemap.xml", ".nojekyll"}
# What only a host can use: a page for addresses that lead nowhere.
ONLINE = {"404.html"}

# The excerpts under what a search finds are fetched, which a page from a disk may not.
FETCHES = ("SHOW_SEARCH_SUMMARY: true", "SHOW_SEARCH_SUMMARY: false")

DOOR = """\
<!DOCTYPE html>
<html lang="en-GB">
<meta charset="utf-8">
<title>{title}</title>
<meta http-equiv="refresh" content="0; url=book/index.html">
<p><a href="book/index.html">{title}</a></p>
</html>
"""

READ_ME = """\
{title}: the executable edition
The whole book to read without a network.

1. Unpack this archive: on Windows, right click and "Extract all". The pages find one
   another only once they are unpacked.
2. Double click "{start}". It opens in your browser.

Nothing is installed, and the pages ask no other host for anything. Links to sources
lead to the web. To run the code of a page, use the repository: see "Run the book" in
the book.

Made on {day} {commit}
Text and figures CC BY 4.0, code MIT, each table its own licence.
"""


def pack(html: Path, out: Path, day: date, commit: str = "") -> Path:
    """Write the archive of the built site ``html`` to ``out``.

    The same site gives the same archive, byte for byte: files come in the order of
    their names and bear the day of the commit.
    """
    made_from = f"from commit {commit}." if commit else "from an unfinished state."
    front = {
        START: DOOR.format(title=TITLE),
        "README.txt": READ_ME.format(
            title=TITLE, start=START, day=day.isoformat(), commit=made_from
        ).replace("\n", "\r\n"),  # for the editors of Windows, too
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in front.items():
            archive.writestr(entry(f"{INSIDE}/{name}", day), text.encode())
        for path in sorted(p for p in html.rglob("*") if p.is_file()):
            name = path.relative_to(html).as_posix()
            if name in NOT_NEEDED | ONLINE or name.startswith(f"{FOLDER}/"):
                continue
            content = path.read_bytes()
            if path.suffix == ".html":
                content = for_files(content.decode("utf-8")).encode()
            if path.name == "documentation_options.js":
                content = content.decode("utf-8").replace(*FETCHES).encode()
            archive.writestr(entry(f"{INSIDE}/book/{name}", day), content)
    return out


def entry(name: str, day: date) -> zipfile.ZipInfo:
    """A file of the archive, with the same date and rights on every machine."""
    info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def for_files(page: str) -> str:
    """A page as it works from a disk: no offer of files that are not there.

    Browsers refuse modules and scripts marked for other origins from a disk.
    """
    page = re.sub(r'(<(?:script|link)\b[^>]*?) crossorigin(?:="[^"]*")?', r"\1", page)
    return empty(page)
