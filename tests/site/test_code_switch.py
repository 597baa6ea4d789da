"""One button hides all code, on every page, and the page still reads whole."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, BrowserContext, Page, expect

LESSON = "lessons/place.html"
OTHER = "cases/toronto.html"
WITHOUT_CODE = "start/read.html"
CODE = "main article div.cell .cell_input"
# The label of a fold is code's, too: without code there is nothing to unfold.
FOLDS = "main article div.cell details.hide > summary"
BUTTON = ".code-switch"
WAITING = ".bd-article > section > section:not(.laid-out)"

# Notes, at each frame of the loading page, whether any code is to be seen.
WATCH = """
window.flashed = false;
const look = () => {
  for (const cell of document.querySelectorAll("div.cell_input"))
    if (cell.checkVisibility()) window.flashed = true;
  if (document.readyState !== "complete") requestAnimationFrame(look);
};
look();
new MutationObserver(look).observe(document, { childList: true, subtree: true });
"""


@pytest.fixture
def reader(chromium: Browser, book: Path) -> Iterator[Callable[..., Page]]:
    """Open pages in one browser profile, from the file system, as by double click."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(name: str, **options: Any) -> Page:
        if options or not contexts:
            contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((book / name).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def shown(page: Page, selector: str) -> int:
    """How many of the elements are to be seen, not counting closed folds."""
    count = "found => found.filter(e => e.checkVisibility()).length"
    return page.locator(selector).evaluate_all(count)


def test_fold_with_nothing_below_it_is_called_by_what_it_prepares(book: Path) -> None:
    page = BeautifulSoup((book / LESSON).read_text("utf-8"), "html.parser")
    folded = page.select("article div.cell:has(> details.hide)")
    names = {
        (
            cell.select_one(".cell_output") is not None,
            cell.select_one("summary .collapsed").get_text(),
        )
        for cell in folded
    }
    assert names == {
        (True, "Show the code for this"),
        (False, "Show the code that prepares what follows"),
    }


def test_button_hides_all_code_and_brings_it_back(reader: Callable[..., Page]) -> None:
    page = reader(LESSON)
    button = page.get_by_role("button", name="Hide code", exact=True)
    expect(button).to_have_attribute("aria-pressed", "false")
    before = shown(page, CODE), shown(page, FOLDS)
    assert all(before)
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert (shown(page, CODE), shown(page, FOLDS)) == (0, 0)
    page.keyboard.press("Space")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert (shown(page, CODE), shown(page, FOLDS)) == before


def test_without_code_all_else_is_still_there(reader: Callable[..., Page]) -> None:
    page = reader(LESSON)
    parts = "main article :is(h1, h2, h3, figure, ul.findings > li, details.twin)"
    text = "main article section > p"
    before = shown(page, parts), shown(page, text), shown(page, ".cell_output")
    page.locator(BUTTON).click()
    after = shown(page, parts), shown(page, text), shown(page, ".cell_output")
    assert after == before


def test_choice_is_kept_between_pages_and_nothing_flashes_up(
    reader: Callable[..., Page],
) -> None:
    page = reader(LESSON)
    page.locator(BUTTON).click()
    page.context.add_init_script(WATCH)
    other = reader(OTHER)
    expect(other.locator(BUTTON)).to_have_attribute("aria-pressed", "true")
    assert shown(other, CODE) == 0
    assert other.evaluate("window.flashed") is False
    other.locator(BUTTON).click()
    again = reader(LESSON)
    assert shown(again, CODE)
    assert again.evaluate("window.flashed") is True  # the watch does see code


@pytest.mark.parametrize("idle", [True, False], ids=["laid out", "not yet"])
def test_what_one_reads_stays_in_place(reader: Callable[..., Page], idle: bool) -> None:
    page = reader(LESSON)
    if idle:
        expect(page.locator(WAITING)).to_have_count(0)
    else:
        page.context.add_init_script("requestIdleCallback = () => {}")
        page.reload()
    page.evaluate("""() => {
      document.querySelector("#what-we-found").scrollIntoView({ behavior: "instant" });
      return new Promise((seen) => setTimeout(seen, 500));
    }""")
    # In one go: in between, pictures that come into view would move the page.
    before, after, scrolled = page.evaluate("""() => {
      const heading = document.querySelector("#what-we-found h2");
      const top = () => heading.getBoundingClientRect().top;
      const [before, y] = [top(), scrollY];
      document.querySelector(".code-switch").click();
      return [before, top(), y - scrollY];
    }""")
    assert abs(scrolled) > 100  # what stands above it has changed
    assert abs(after - before) <= 2


def test_printed_page_leaves_hidden_code_out(reader: Callable[..., Page]) -> None:
    page = reader(LESSON)
    page.emulate_media(media="print")
    assert shown(page, CODE)
    assert not shown(page, BUTTON)
    assert not shown(page, FOLDS)
    page.emulate_media(media="screen")
    page.locator(BUTTON).click()
    page.emulate_media(media="print")
    assert not shown(page, CODE)


def test_page_without_code_has_no_button(reader: Callable[..., Page]) -> None:
    page = reader(WITHOUT_CODE)
    assert page.locator(BUTTON).count() == 0
    assert page.locator("script[src*='code.js']").count() == 0


def test_without_scripts_code_is_shown_and_no_button(
    reader: Callable[..., Page],
) -> None:
    page = reader(LESSON, java_script_enabled=False)
    assert not page.locator(BUTTON).is_visible()
    assert page.locator(CODE).locator("visible=true").count()


def test_closed_storage_is_no_obstacle(reader: Callable[..., Page]) -> None:
    page = reader(LESSON)
    page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new Error('closed') } }"
    )
    page.locator(BUTTON).click()
    assert shown(page, CODE) == 0
