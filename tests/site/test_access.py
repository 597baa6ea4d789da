"""Everyone can read the pages: tried in a browser, small and wide, light and dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from served import served

ROOT = Path(__file__).parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [TOC["root"]] + [
    chapter["file"] for part in TOC.get("parts", [TOC]) for chapter in part["chapters"]
]
MADE = ["search", "genindex"]  # pages that have no source
WITH_CODE = [
    name
    for name in PAGES
    if "{code-cell}" in (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8")
]

PHONE, DESKTOP = (390, 844), (1280, 800)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Between light and dark only the colours differ. These rules are slow on long pages.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
COLOURS = {"runOnly": {"type": "rule", "values": COLOUR_RULES}}
ALL_ELSE = {
    "runOnly": RULES,
    "rules": {rule: {"enabled": False} for rule in COLOUR_RULES},
}
# Of words with the same colours, size and place in the page, such as the tokens of code
# and the cells of a table, the first stands for all.
DROP_REPEATS = """() => {
  const seen = new Set(), again = [];
  for (const e of document.querySelectorAll('main article *')) {
    if (e.childElementCount || !e.textContent.trim()) continue;
    const look = getComputedStyle(e);
    let key = [look.color, look.backgroundColor, look.fontSize, look.fontWeight].join();
    for (let p = e; p.tagName !== 'ARTICLE'; p = p.parentElement)
      key += `>${p.tagName}.${p.className}`;
    seen.has(key) ? again.push(e) : seen.add(key);
  }
  again.forEach(e => e.remove());
}"""


@pytest.fixture(scope="module")
def site(book: Path) -> Iterator[str]:
    """The address of the book on this machine."""
    with served(book) as address:
        yield address


def reader(
    browser: Browser, size: tuple[int, int], mode: str = "light"
) -> BrowserContext:
    """A browser of this size, whose reader has chosen light or dark."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=mode
    )
    for key in ("mode", "theme"):
        context.add_init_script(f"localStorage.setItem('{key}', '{mode}')")
    return context


def violations(page: Page, options: dict[str, Any]) -> list[tuple[str, str]]:
    """What axe finds: the rule and the element."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    # Text that is still fading in would seem pale.
    page.evaluate("document.getAnimations().forEach(a => a.finish())")
    found = Axe().run(page, options={"resultTypes": ["violations"]} | options).response
    return [
        (fault["id"], node["html"][:120])
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES + MADE)
def test_page_is_accessible(
    chromium: Browser, site: str, name: str, mode: str, size: tuple[int, int]
) -> None:
    with reader(chromium, size, mode) as context:
        page = context.new_page()
        page.goto(f"{site}{name}.html")
        assert page.evaluate("document.documentElement.dataset.theme") == mode
        found = violations(page, ALL_ELSE) if mode == "light" else []
        page.evaluate(DROP_REPEATS)
        found += violations(page, COLOURS)
    assert found == []


# One fault of each family of rules, from WCAG 2.0 A to good practice.
TINY = '<button style="width: 8px; height: 8px; padding: 0">x</button>'
FAULTY = f"""
<body><img src="data:,"><input autocomplete="nonsense" aria-label="a">
<p style="color: #999; background: #fff">pale</p>{TINY}{TINY}</body>
"""
FAULTS = {
    "image-alt",  # wcag2a
    "color-contrast",  # wcag2aa
    "autocomplete-valid",  # wcag21aa
    "target-size",  # wcag22aa
    "landmark-one-main",  # best-practice
}


def test_first_of_words_that_look_alike_is_still_checked(chromium: Browser) -> None:
    pale = '<p><b class="t" style="color: #ccc">pale</b></p>'
    with reader(chromium, PHONE) as context:
        page = context.new_page()
        page.set_content(f"<main><article>{pale * 3}</article></main>")
        page.evaluate(DROP_REPEATS)
        assert page.locator("b").count() == 1
        assert {fault[0] for fault in violations(page, COLOURS)} == {"color-contrast"}


def test_checker_finds_a_planted_fault_of_each_family(chromium: Browser) -> None:
    with reader(chromium, PHONE) as context:
        page = context.new_page()
        page.set_content(FAULTY)
        found = {fault[0] for fault in violations(page, {"runOnly": RULES})}
    assert found >= FAULTS


@pytest.mark.parametrize("name", PAGES + MADE)
def test_page_fits_narrow_screens_and_raises_no_error(
    chromium: Browser, site: str, name: str
) -> None:
    errors: list[str] = []
    with reader(chromium, PHONE) as context:
        page = context.new_page()
        page.on("console", lambda m: m.type == "error" and errors.append(m.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "request",
            lambda r: r.url.startswith((site, "data:")) or errors.append(r.url),
        )
        page.goto(f"{site}{name}.html", wait_until="networkidle")
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            for unfolded in (False, True):
                page.evaluate(
                    "open => document.querySelectorAll('details')"
                    ".forEach(d => d.open = open)",
                    unfolded,
                )
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (width, unfolded, too_wide(page))
    assert errors == []


def too_wide(page: Page) -> list[str]:
    """The elements that stick out to the right."""
    return page.evaluate(
        """[...document.querySelectorAll('main article *')]
        .filter(e => e.getBoundingClientRect().right > innerWidth
                     && !e.parentElement.closest('.table-scroll, pre'))
        .map(e => e.outerHTML.slice(0, 100))"""
    )


@pytest.mark.parametrize("name", WITH_CODE)
@pytest.mark.parametrize(
    "fold", ["div.cell details.hide", "details.twin"], ids=["code", "data"]
)
def test_folds_open_and_close_by_keyboard(
    chromium: Browser, site: str, name: str, fold: str
) -> None:
    with reader(chromium, PHONE) as context:
        page = context.new_page()
        page.goto(f"{site}{name}.html")
        folds = page.locator(f"main article {fold}")
        assert folds.count()
        for details in folds.all():
            summary = details.locator("summary")
            summary.focus()
            for wanted in (True, False, True):
                page.keyboard.press("Enter")
                assert details.evaluate("d => d.open") is wanted
            page.keyboard.press("Tab")
            assert details.evaluate("d => d.contains(document.activeElement)")
            assert not summary.evaluate("s => s === document.activeElement")
