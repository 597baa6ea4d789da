"""The book as ePub 3, written from its chapters: the stock builder fails on the theme.

A chapter is a file, a part has a title page with what its chapters are about. The
figures stay vector graphics. The same book gives the same file, byte for byte.
"""

import html as markup
import mimetypes
import posixpath
import re
import uuid
import zipfile
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from bs4 import BeautifulSoup, Tag

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
    pictures,
)
from formats.offline import entry

STYLE = Path(__file__).with_name("epub.css")
NAMES = "https://creativecommons.org/licenses/by/4.0/#creative-cluster-development"
COVER_ALT = f"Cover: {TITLE}, with a figure of the book."

PAGE = """\
<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"
 xml:lang="en-GB" lang="en-GB">
<head><meta charset="utf-8"/><title>{title}</title>
<link rel="stylesheet" type="text/css" href="book.css"/></head>
<body{kind}>{body}</body></html>
"""

CONTAINER = """\
<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/book.opf"
 media-type="application/oebps-package+xml"/></rootfiles></container>
"""

PACKAGE = """\
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"
 xml:lang="en-GB">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:creator>The contributors to the executable edition</dc:creator>
<dc:language>en-GB</dc:language>
<dc:date>{day}</dc:date>
<dc:description>{about}</dc:description>
<dc:subject>Creative clusters</dc:subject>
<dc:subject>Creative industries</dc:subject>
<dc:subject>Urban policy</dc:subject>
<dc:rights>{licence}</dc:rights>
<meta property="dcterms:modified">{day}T00:00:00Z</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessModeSufficient">textual,visual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">displayTransformability</meta>
<meta property="schema:accessibilityFeature">readingOrder</meta>
<meta property="schema:accessibilityFeature">structuralNavigation</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">Every figure has a text alternative that \
gives its kind, its data and its finding; tables have captions and headers. The text \
in figures is drawn, not written.</meta>
</metadata>
<manifest>{manifest}</manifest>
<spine>{spine}</spine>
</package>
"""


def make(edition: Edition, out: Path) -> Path:
    """Write the ePub to ``out``."""
    pages = {
        "cover.xhtml": cover_page(),
        "about.xhtml": about_page(edition),
        "contents.xhtml": contents_page(edition),
    }
    for part in edition.parts:
        if part.title:
            pages[f"{part.slug}.xhtml"] = part_page(part)
        for chapter in part.chapters:
            pages[f"{chapter.slug}.xhtml"] = chapter_page(chapter)
    images = picture_files(edition)
    media = sorted({*images, "images/cover.png"})
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        # The format asks for this file first and not compressed.
        mark = entry("mimetype", edition.day)
        mark.compress_type = zipfile.ZIP_STORED
        archive.writestr(mark, "application/epub+zip")
        files: dict[str, str | bytes] = {
            "META-INF/container.xml": CONTAINER,
            "book/book.opf": package(edition, pages, media),
            "book/book.css": STYLE.read_text(encoding="utf-8"),
            "book/images/cover.png": cover.draw(edition),
        }
        files |= {f"book/{name}": text for name, text in pages.items()}
        files |= {f"book/{name}": picture(path) for name, path in images.items()}
        for name, content in files.items():
            archive.writestr(entry(name, edition.day), content)
    return out


def package(edition: Edition, pages: dict[str, str], media: Iterable[str]) -> str:
    """The list of all files, their order, and what is said of the book."""
    items = ['<item id="style" href="book.css" media-type="text/css"/>']
    spine = []
    for name, text in pages.items():
        key = name.removesuffix(".xhtml")
        has = ["nav"] if key == "contents" else []
        has += ["mathml"] if "<math" in text else []
        has += ["svg"] if "<svg" in text else []
        properties = f' properties="{" ".join(has)}"' if has else ""
        items.append(
            f'<item id="{key}" href="{name}" '
            f'media-type="application/xhtml+xml"{properties}/>'
        )
        spine.append(f'<itemref idref="{key}"/>')
    for number, name in enumerate(media):
        properties = ' properties="cover-image"' if name == "images/cover.png" else ""
        kind = mimetypes.guess_type(name)[0]
        items.append(
            f'<item id="picture-{number}" href="{name}" media-type="{kind}"'
            f"{properties}/>"
        )
    return PACKAGE.format(
        # One name for one version: a reader's device keeps its place in the book.
        identifier=uuid.uuid5(uuid.NAMESPACE_URL, f"{NAMES}/{edition.version}"),
        title=f"{TITLE}: {SUBTITLE[0].lower()}{SUBTITLE[1:]}",
        day=edition.day.isoformat(),
        about=markup.escape(edition.chapters[0].description),
        licence=LICENCE,
        manifest="\n".join(items),
        spine="\n".join(spine),
    )


def page(title: str, body: str, kind: str = "") -> str:
    """A file of the book, which has to be XML."""
    said = f' epub:type="{kind}"' if kind else ""
    text = PAGE.format(title=markup.escape(title), body=body, kind=said)
    try:
        ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(
            f"The ePub's page {title!r} would not be XML: {error}. Look for HTML "
            "written by hand on that page."
        ) from error
    return text


def cover_page() -> str:
    """The cover as the first page."""
    picture = f'<img src="images/cover.png" alt="{COVER_ALT}"/>'
    return page(TITLE, f'<div class="cover">{picture}</div>', "cover")


def about_page(edition: Edition) -> str:
    """What one ought to know of this copy."""
    where = (
        f'<p>The online edition: <a href="{edition.address}">{edition.address}</a></p>'
        if edition.address
        else ""
    )
    return page(
        "About this copy",
        f"<section><h1>About this copy</h1><p>{TITLE}: the executable edition. "
        f"{edition.made}.</p><p>{COMPANION}.</p><p>{LEFT_OUT}</p>{where}"
        f"<p>{LICENCE}</p></section>",
        "frontmatter",
    )


def contents_page(edition: Edition) -> str:
    """The contents, by parts, for the reader and for the reader's device."""
    items = ['<li><a href="about.xhtml">About this copy</a></li>']
    for part in edition.parts:
        inner = "".join(
            f'<li><a href="{c.slug}.xhtml">{markup.escape(c.title)}</a></li>'
            for c in part.chapters
        )
        if part.title:
            link = f'<a href="{part.slug}.xhtml">{markup.escape(part.title)}</a>'
            items.append(f"<li>{link}<ol>{inner}</ol></li>")
        else:
            items.append(inner)
    first = edition.chapters[0].slug
    return page(
        "Contents",
        '<nav epub:type="toc" id="toc" role="doc-toc"><h1>Contents</h1><ol>'
        + "".join(items)
        + '</ol></nav><nav epub:type="landmarks" hidden="hidden"><h2>Landmarks</h2>'
        '<ol><li><a epub:type="cover" href="cover.xhtml">Cover</a></li>'
        '<li><a epub:type="toc" href="contents.xhtml">Contents</a></li>'
        f'<li><a epub:type="bodymatter" href="{first}.xhtml">Text</a></li></ol></nav>',
    )


def part_page(part: Part) -> str:
    """The title of a part, with what its chapters are about."""
    about = "".join(
        f'<dt><a href="{c.slug}.xhtml">{markup.escape(c.title)}</a></dt>'
        f"<dd>{markup.escape(c.description)}</dd>"
        for c in part.chapters
    )
    title = markup.escape(part.title)
    body = f'<section><h1 class="part-title">{title}</h1><dl>{about}</dl></section>'
    return page(part.title, body)


def chapter_page(chapter: Chapter) -> str:
    """A chapter as a file of its own."""
    text = BeautifulSoup(str(chapter.body), "html.parser")
    for link in text.select("a[href^='#']"):
        home = str(link["href"])[1:].partition("--")[0]
        if home != chapter.slug:
            link["href"] = f"{home}.xhtml{link['href'] if '--' in link['href'] else ''}"
    for shown in text.select("img[src]"):
        shown["src"] = file_name(str(shown["src"]))
    for note in text.select(".source-mark a"):
        note["epub:type"] = "noteref"
        note["role"] = "doc-noteref"
    for tag in text.find_all(True):
        keep_valid(tag)
    return page(chapter.title, text.decode(formatter="minimal"))


def keep_valid(tag: Tag) -> None:
    """Take off what HTML for the screen has and XHTML for books has not."""
    tag.attrs = {
        name: value
        for name, value in tag.attrs.items()
        if not name.startswith(("data-", "on")) and name not in ("style", "translate")
    }
    if tag.name == "math" and not tag.get("xmlns"):
        tag["xmlns"] = "http://www.w3.org/1998/Math/MathML"
    if tag.get("role") == "group" and not tag.get("aria-label"):
        del tag["role"]


def picture_files(edition: Edition) -> dict[str, Path]:
    """The pictures of all chapters: names in the ePub, and files of the site."""
    found = {str(shown["src"]) for shown in pictures(edition)}
    return {file_name(name): edition.html / name for name in sorted(found)}


def file_name(source: str) -> str:
    """Where a picture lies in the ePub."""
    return f"images/{posixpath.basename(source)}"


def picture(path: Path) -> bytes:
    """A picture as ePub allows it: an SVG without references to other hosts."""
    content = path.read_bytes()
    if path.suffix != ".svg":
        return content
    text = content.decode("utf-8")
    text = re.sub(r"<!DOCTYPE[^>]*>", "", text)
    return re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL).encode()
