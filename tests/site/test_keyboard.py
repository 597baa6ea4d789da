"""Everything that a pointer can reach, a key can, and one sees where one is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

PHONE, DESKTOP = (390, 844), (1280, 800)
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
LESSON = "lessons/place.html"
SWITCH = "introduction/measuring-a-cluster.html"
CASES = "cases/across-the-cases.html"
CATALOGUE = "reference/data.html"
MOST_STOPS = 150

# What has the focus: name, ring and whether any of it can be seen.
FOCUSED = """() => {
  const e = document.activeElement;
  const hidden = e === document.body || !e.getClientRects().length;
  const ringed = e.closest('.sd-card') ?? e;
  const rings = [e, ringed].map(one => getComputedStyle(one));
  return {
    what: e.outerHTML.slice(0, 120),
    hidden,
    ring: rings.some(r => r.outlineStyle !== 'none' && parseFloat(r.outlineWidth) >= 2),
    code: e.matches('.code-switch'), search: e.matches('[class*=search-button]'),
    menu: e.matches('.primary-toggle'), article: !!e.closest('main article'),
    fold: e.matches('details.hide > summary'),
    twin: e.matches('details.twin > summary'),
  };
}"""


@pytest.fixture
def page(chromium: Browser, size: tuple[int, int]) -> Iterator[Page]:
    """A page of this size whose reader wants no motion."""
    width, height = size
    with chromium.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    ) as context:
        yield context.new_page()


def go(page: Page, book: Path, name: str) -> None:
    """Open a page from the file system."""
    page.goto((book / name).as_uri())


@SIZES
def test_skip_link_comes_first_and_leads_to_the_text(page: Page, book: Path) -> None:
    go(page, book, LESSON)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


@SIZES
def test_every_stop_is_visible_and_ringed_and_none_is_missing(
    page: Page, book: Path
) -> None:
    go(page, book, LESSON)
    passed: set[str] = set()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        assert not at["hidden"], at["what"]
        assert at["ring"], at["what"]
        passed |= {kind for kind, here in at.items() if here is True}
        if at["twin"]:
            break
    assert passed >= {"code", "search", "menu", "article", "fold", "twin"}


@SIZES
def test_search_opens_by_keyboard_and_gives_the_focus_back(
    page: Page, book: Path
) -> None:
    go(page, book, LESSON)
    button = page.locator("[class*=search-button__button]:visible").first
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox").locator("visible=true")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


@pytest.mark.parametrize("size", [PHONE], ids=["phone"])
def test_contents_open_as_a_dialog_on_a_phone_and_close_again(
    page: Page, book: Path
) -> None:
    go(page, book, LESSON)
    for side in ("primary", "secondary"):
        toggle = page.locator(f".bd-header-article .{side}-toggle")
        toggle.focus()
        page.keyboard.press("Enter")
        opened = page.locator(f"#pst-{side}-sidebar-modal")
        expect(opened).to_be_visible()
        page.keyboard.press("Tab")
        assert opened.evaluate("d => d.contains(document.activeElement)")
        page.keyboard.press("Escape")
        expect(opened).to_be_hidden()
        expect(toggle).to_be_focused()


@SIZES
def test_choices_and_filters_work_by_keyboard(page: Page, book: Path) -> None:
    go(page, book, SWITCH)
    said = page.locator(".switch-said").first
    before = said.text_content()
    page.locator(".switch input:checked").first.focus()
    page.keyboard.press("ArrowDown")
    expect(said).not_to_have_text(before or "")

    go(page, book, CASES)
    rows = page.locator("table.case-matrix tbody tr:visible")
    every = rows.count()
    page.locator(".table-filter select").first.focus()
    page.keyboard.press("ArrowDown")
    assert 0 < rows.count() < every

    go(page, book, CATALOGUE)
    page.get_by_label("Find a table").or_(
        page.locator(".catalogue-search input")
    ).first.focus()
    page.keyboard.type("coworking")
    expect(page.locator("#catalogue-count")).to_contain_text(" of ")


@SIZES
def test_nothing_moves_for_those_who_want_no_motion(page: Page, book: Path) -> None:
    go(page, book, LESSON)
    moving = """() => [...document.querySelectorAll('*')].filter(e => {
      const s = getComputedStyle(e);
      return parseFloat(s.transitionDuration) || parseFloat(s.animationDuration)
        || s.scrollBehavior === 'smooth';
    }).length"""
    assert page.evaluate(moving) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) > 0  # the theme does move things


@SIZES
def test_figures_stay_readable_in_forced_colours(page: Page, book: Path) -> None:
    page.emulate_media(forced_colors="active", color_scheme="dark")
    for name, selector in (
        (LESSON, "main article figure img"),
        ("index.html", ".cover-drawing"),
        (SWITCH, ".switch-drawn"),
    ):
        go(page, book, name)
        look = page.locator(selector).first.evaluate(
            "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).filter]"
        )
        assert look == ["rgb(255, 255, 255)", "none"], name
    go(page, book, LESSON)
    page.locator(".code-switch").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED)["ring"]
