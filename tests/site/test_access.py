"""Everyone can read the pages: tried in a browser, small and wide, light and dark."""

from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from visits import DESKTOP, MADE, PAGES, PHONE, reader

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Between light and dark only the colours differ. These rules are slow on long pages.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
COLOURS = {"runOnly": {"type": "rule", "values": COLOUR_RULES}}
ALL_ELSE = {
    "runOnly": RULES,
    "rules": {rule: {"enabled": False} for rule in COLOUR_RULES},
}
# Of words with the same colours, size and place in the page, such as tokens of code,
# cells of a table and entries of the menu, the first stand for all. Words around a link
# stay: it is compared with them.
DROP_REPEATS = """() => {
  const looks = new Map(), seen = new Set(), again = [];
  const look = e => {
    if (!looks.has(e)) looks.set(e, (e.parentElement ? look(e.parentElement) : '') +
      `>${e.tagName}.${e.className} ${getComputedStyle(e).backgroundColor}`);
    return looks.get(e);
  };
  for (const e of document.querySelectorAll('body *')) {
    const words = [...e.childNodes].filter(n => n.nodeType === 3 && n.data.trim());
    if (!words.length) continue;
    const {color, fontSize, fontWeight} = getComputedStyle(e);
    const key = [look(e), color, fontSize, fontWeight].join();
    seen.has(key) ? again.push(...words) : seen.add(key);
  }
  again.forEach(word => word.parentElement.querySelector('a') || word.remove());
  for (const e of [...document.querySelectorAll('main article *')].reverse())
    if (!e.childElementCount && !e.textContent.trim() && !e.attributes.src) e.remove();
}"""


# For all other rules, code is but text.
FLATTEN = """() => {
  window.code = [...document.querySelectorAll('main article pre')]
    .map(pre => [pre, pre.innerHTML]);
  for (const [pre] of code) pre.textContent = pre.textContent;
}"""
COLOUR_AGAIN = "for (const [pre, html] of code) pre.innerHTML = html"


def violations(page: Page, options: dict[str, Any]) -> list[tuple[str, str]]:
    """What axe finds: the rule and the element."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    # What is laid out only as it comes near has no size yet.
    page.evaluate(
        "document.querySelectorAll('main section')"
        ".forEach(s => s.style.contentVisibility = 'visible')"
    )
    # Text that is still fading in would seem pale.
    page.evaluate("document.getAnimations().forEach(a => a.finish())")
    found = Axe().run(page, options={"resultTypes": ["violations"]} | options).response
    return [
        (fault["id"], node["html"][:120])
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES + MADE)
def test_page_is_accessible_on_phone_and_desktop_in_light_and_dark(
    chromium: Browser, site: str, name: str
) -> None:
    found = {}
    with reader(chromium, PHONE) as context:
        page = context.new_page()
        page.route("**/*.svg", lambda route: route.abort())  # it cannot see pictures
        page.goto(f"{site}{name}.html")
        page.evaluate(FLATTEN)
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)
            found[size["width"], "all else"] = violations(page, ALL_ELSE)
        page.evaluate(COLOUR_AGAIN)
        page.evaluate(DROP_REPEATS)
        for size, mode in product((PHONE, DESKTOP), ("light", "dark")):
            page.set_viewport_size(size)
            page.evaluate("m => document.documentElement.dataset.theme = m", mode)
            found[size["width"], mode] = violations(page, COLOURS)
    assert not {where: faults for where, faults in found.items() if faults}


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_reader_gets_the_mode_she_chose(
    chromium: Browser, site: str, mode: str
) -> None:
    with reader(chromium, PHONE, mode) as context:
        page = context.new_page()
        page.goto(f"{site}index.html")
        assert page.evaluate("document.documentElement.dataset.theme") == mode


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
    pale = '<p>dark <b class="t" style="color: #ccc">pale</b></p>'
    striped = '<p style="background: #222">dark on dark</p>'
    plain = 'style="color: #040; text-decoration: none"'
    link = f'<p>in dark words <a href="/" {plain}>link</a></p>'
    with reader(chromium, PHONE) as context:
        page = context.new_page()
        page.set_content(
            f"<main><article>{(pale + striped + link) * 3}</article></main>"
        )
        page.evaluate(DROP_REPEATS)
        left = [page.locator(tag).count() for tag in ("b", "a", "p")]
        assert left == [1, 1, 5]
        assert [fault[0] for fault in violations(page, COLOURS)] == [
            "color-contrast",
            "color-contrast",
            "link-in-text-block",
        ]


def test_checker_finds_a_planted_fault_of_each_family(chromium: Browser) -> None:
    with reader(chromium, PHONE) as context:
        page = context.new_page()
        page.set_content(FAULTY)
        found = {fault[0] for fault in violations(page, {"runOnly": RULES})}
    assert found >= FAULTS
