"""Every page is light, keeps to itself, and obeys a strict security policy."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser
from served import served
from visits import PHONE, Visit, visit

BUDGETS = yaml.safe_load(
    Path(__file__).with_name("budgets.yml").read_text(encoding="utf-8")
)
FOLD = 844
KIB = 1024


def over_budget(seen: Visit) -> list[str]:
    """In which respects a page costs more than it may."""
    kib = BUDGETS["kib_with_formulas" if seen.formulas else "kib"]
    total = sum(seen.sizes.values()) / KIB
    faults = [f"{total:.0f} KiB, not {kib}"] if total > kib else []
    if len(seen.sizes) > BUDGETS["requests"]:
        faults.append(f"{len(seen.sizes)} requests, not {BUDGETS['requests']}")
    if seen.shift > BUDGETS["layout_shift"]:
        faults.append(f"shifts by {seen.shift:.3f}, not {BUDGETS['layout_shift']}")
    return faults


@pytest.fixture(scope="module")
def visits(chromium: Browser, book: Path) -> dict[str, Visit]:
    """Every page of the book, loaded once."""
    pages = [p for p in sorted(book.rglob("*.html")) if "_static" not in p.parts]
    assert pages
    found = {}
    with served(book) as site:
        for path in pages:
            name = path.relative_to(book).as_posix()
            with chromium.new_context(viewport=PHONE) as context:
                found[name] = visit(context.new_page(), site + name, site)
    return found


def test_every_page_keeps_within_its_budget(visits: dict[str, Visit]) -> None:
    over = {name: over_budget(seen) for name, seen in visits.items()}
    assert not {name: faults for name, faults in over.items() if faults}


def test_no_page_asks_another_host(visits: dict[str, Visit]) -> None:
    assert not {name: s.strangers for name, s in visits.items() if s.strangers}


def test_every_page_obeys_its_own_strict_policy(visits: dict[str, Visit]) -> None:
    for name, seen in visits.items():
        said = dict(part.split(maxsplit=1) for part in seen.policy.split("; "))
        assert said["default-src"] == "'none'", name
        assert "unsafe" not in seen.policy, name
        assert "*" not in seen.policy, name
        assert seen.refused == [], name


def test_no_page_complains(visits: dict[str, Visit]) -> None:
    assert not {name: seen.errors for name, seen in visits.items() if seen.errors}


def test_pictures_tell_their_size_and_wait_below_the_fold(
    visits: dict[str, Visit],
) -> None:
    pictures = [(name, i) for name, seen in visits.items() for i in seen.images]
    assert pictures
    assert not [p for p in pictures if not p[1]["sized"]]
    first = {
        name: seen.images[0]["src"] for name, seen in visits.items() if seen.images
    }
    for name, picture in pictures:
        if picture["src"] != first[name]:
            assert picture["lazy"] or picture["top"] < FOLD, (name, picture)
        elif picture["lazy"]:
            assert picture["top"] > FOLD, (name, picture)


def test_search_index_is_loaded_by_no_page_that_one_reads(
    visits: dict[str, Visit],
) -> None:
    heavy = ("searchindex", "fontawesome.js", "bootstrap.js", "MathJax", "thebe")
    for name, seen in visits.items():
        if name != "search.html":
            assert not [url for url in seen.sizes if any(h in url for h in heavy)], name


@pytest.fixture
def planted(chromium: Browser, tmp_path: Path) -> Iterator[Any]:
    """Visit a page of one's own making."""

    def load(body: str) -> Visit:
        (tmp_path / "page.html").write_text(body, encoding="utf-8")
        with served(tmp_path) as site, chromium.new_context(viewport=PHONE) as context:
            return visit(context.new_page(), f"{site}page.html", site)

    return load


def test_page_over_budget_is_refused(planted: Any, tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(2 * BUDGETS["kib"] * KIB)
    (tmp_path / "heavy.css").write_text(f"/* {noise.hex()} */")
    frames = "".join(f"<img src='{n}.svg'>" for n in range(BUDGETS["requests"]))
    for number in range(BUDGETS["requests"]):
        (tmp_path / f"{number}.svg").write_text(
            "<svg xmlns='http://www.w3.org/2000/svg'/>"
        )
    seen = planted(f"<link rel=stylesheet href=heavy.css>{frames}")
    assert len(over_budget(seen)) == 2


def test_refusals_and_strangers_are_noticed(planted: Any) -> None:
    meta = "<meta http-equiv='Content-Security-Policy' content=\"script-src 'none'\">"
    seen = planted(f"{meta}<script>1</script><img src='http://stranger.invalid/a.png'>")
    assert seen.refused
    assert seen.strangers == ["http://stranger.invalid/a.png"]


def test_page_opened_by_double_click_obeys_the_same_policy(
    chromium: Browser, book: Path
) -> None:
    with chromium.new_context(viewport=PHONE) as context:
        path = book / "lessons" / "no-guarantee.html"
        page = context.new_page()
        seen = visit(page, path.as_uri(), book.as_uri())
        assert (seen.refused, seen.errors, seen.strangers) == ([], [], [])
        fonts = page.evaluate("[...document.fonts].map((f) => f.status)")
        assert "loaded" in fonts
        assert page.evaluate("getComputedStyle(document.body).display") != ""
        page.locator("details.dropdown summary").first.click()
        assert page.locator(".dropdown-menu").first.is_visible()
        page.keyboard.press("Escape")
        assert not page.locator(".dropdown-menu").first.is_visible()
