"""Addresses last: nothing published disappears, and wrong ones are answered."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from clusters_book.addresses import moved, sitemap
from clusters_book.anchors import addresses_of, published, slug, with_new
from parsed import parsed
from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]
NOTED = yaml.safe_load((ROOT / "book" / "addresses.yml").read_text(encoding="utf-8"))
SITE = "https://someone.github.io/fork/"
Addresses = dict[str, dict[str, list[str]]]


@pytest.fixture(scope="module")
def built(book: Path) -> Addresses:
    """Every address of the build."""
    record = json.loads((book.parent / "record.json").read_text(encoding="utf-8"))
    return published(book, list(record))


def flat(addresses: Addresses) -> set[str]:
    """Pages, and their anchors as ``page#anchor``."""
    anchors = {
        f"{page}#{name}"
        for page, kinds in addresses.items()
        for names in kinds.values()
        for name in names
    }
    return anchors | set(addresses)


def lost(noted: Addresses, built: Addresses, book: Path, sent: dict[str, str]) -> set:
    """Noted addresses that lead nowhere, by themselves or by way of a redirect."""
    gone = set()
    for address in flat(noted) - flat(built):
        page, _, anchor = address.partition("#")
        page = sent.get(page, page)
        file = book / f"{page}.html"
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        if not text or (anchor and f'id="{anchor}"' not in text):
            gone.add(address)
    return gone


def test_every_address_ever_published_still_leads_there(
    book: Path, built: Addresses
) -> None:
    assert lost(NOTED, built, book, moved(ROOT / "book")) == set(), (
        "keep the old name as a label (old-name)= above its place, "
        "or send readers of the page on in book/redirects.txt"
    )


def test_every_address_of_the_build_is_noted(built: Addresses) -> None:
    assert flat(built) - flat(NOTED) == set(), "run `make addresses`"


def test_lost_address_is_found_out_and_a_moved_page_is_not(
    book: Path, built: Addresses
) -> None:
    planted = {"lessons/place": {"figures": ["no-such-figure"]}, "old/place": {}}
    assert lost(planted, built, book, {"old/place": "lessons/place"}) == {
        "lessons/place#no-such-figure"
    }
    assert lost(planted, built, book, {}) == {
        "lessons/place#no-such-figure",
        "old/place",
    }


def test_noting_adds_and_drops_nothing() -> None:
    old = {"gone": {"figures": ["a"]}, "page": {"sections": ["one"]}}
    new = {"page": {"sections": ["two"], "tables": ["table-t"]}, "new": {}}
    assert with_new(old, new) == {
        "gone": {"figures": ["a"]},
        "new": {},
        "page": {"tables": ["table-t"], "sections": ["one", "two"]},
    }


def test_kinds_are_told_apart() -> None:
    page = """<section id="page"><section id="part"><figure id="f"></figure>
    <figure id="f-again"></figure><li id="finding-x"></li><div id="table-y"></div>
    <section id="below"></section></section></section>"""
    assert addresses_of(page) == {
        "figures": ["f"],
        "findings": ["finding-x"],
        "tables": ["table-y"],
        "sections": ["part"],
    }
    assert slug("Salford’s jobs: 1, 2 and more than anyone would want") == (
        "salfords-jobs-1-2-and-more-than-anyone"
    )


def test_figures_findings_and_tables_show_their_address(
    book: Path, built: Addresses
) -> None:
    for name in ("lessons/tensions", "lessons/entrepreneurship", "cases/warsaw"):
        soup = parsed(book / f"{name}.html")
        marks = {
            link["href"]: (link["title"], link.span["aria-hidden"])
            for link in soup.select("article a.headerlink")
        }
        for kind in ("figures", "findings", "tables"):
            for anchor in built[name].get(kind, []):
                said, hidden = marks[f"#{anchor}"]
                assert said.startswith("Link to this"), (name, anchor)
                assert hidden == "true"
    assert built["lessons/tensions"]["findings"]
    assert built["lessons/entrepreneurship"]["tables"]
    assert built["cases/warsaw"]["tables"]


class Host(SimpleHTTPRequestHandler):
    """Serves a site below /fork/, with its own page for what is not there."""

    def do_GET(self) -> None:
        """Serve a file, or the site's 404.html."""
        self.path = self.path.removeprefix("/fork")
        super().do_GET()

    def send_error(self, code: int, *_: Any) -> None:
        """Answer as a host of static pages does."""
        page = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def host(forked_book: Path) -> Iterator[str]:
    """A host of the fork's pages."""
    handler = partial(Host, directory=str(forked_book))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_wrong_address_is_answered_at_any_depth(chromium: Browser, host: str) -> None:
    failed: list[str] = []
    wrong = f"{host}/fork/cases/of/nowhere.html"
    with chromium.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.on("response", lambda r: r.status >= 400 and failed.append(r.url))
        page.goto(wrong)
        assert failed == [wrong], "what the page needs is not found from this depth"
        links = page.eval_on_selector_all("main a", "all => all.map(a => a.href)")
        inside = [f"{host}/fork/{name}" for name in ("lessons/", "cases/")]
        assert sum(link.startswith(inside[0]) for link in links) == 6
        assert sum(link.startswith(inside[1]) for link in links) >= 11
        for link in {link.split("#")[0] for link in links if link.startswith(host)}:
            assert context.request.get(link).status == (404 if link == wrong else 200)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator("main #search-words").fill("salford")
        page.keyboard.press("Enter")
        page.wait_for_selector("#search-found a")


def test_known_site_tells_search_engines_its_pages(
    forked_book: Path, built: Addresses
) -> None:
    listed = ElementTree.parse(forked_book / "sitemap.xml").getroot()
    places = {place.text for place in listed.iter() if place.tag.endswith("loc")}
    assert places == {f"{SITE}{name}.html" for name in built}
    assert f"Sitemap: {SITE}sitemap.xml" in (forked_book / "robots.txt").read_text()
    for name in ("index", "lessons/place"):
        text = (forked_book / f"{name}.html").read_text(encoding="utf-8")
        assert f'rel="canonical" href="{SITE}{name}.html"' in text


def test_unknown_site_tells_nothing(book: Path) -> None:
    assert not (book / "sitemap.xml").exists()
    assert not (book / "robots.txt").exists()
    assert not (book / "_images" / "cards").exists()
    text = (book / "lessons" / "place.html").read_text(encoding="utf-8")
    assert "canonical" not in text
    assert "og:image" not in text


def test_sitemap_escapes_names() -> None:
    assert "<loc>https://a.b/c%20&amp;d.html</loc>" in sitemap(
        "https://a.b/", ["c%20&d"]
    )
