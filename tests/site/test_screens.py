"""Pages fit small screens, and fold by keyboard."""

import pytest
from playwright.sync_api import Browser, Page, expect
from visits import DESKTOP, MADE, PAGES, PHONE, WITH_CODE, reader

# Parts that are laid out late clip what sticks out of them; here they must not hide it.
SHOW_ALL = """document.querySelectorAll('section')
    .forEach(s => { s.style.contentVisibility = 'visible' })"""


@pytest.mark.parametrize("name", PAGES + MADE)
def test_page_fits_narrow_screens(chromium: Browser, site: str, name: str) -> None:
    with reader(chromium, PHONE) as context:
        page = context.new_page()
        page.goto(f"{site}{name}.html")
        page.evaluate(SHOW_ALL)
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


LATE = ".bd-article > section > section, section[id^=table-]"
VISIBILITY = "parts => parts.map(part => getComputedStyle(part).contentVisibility)"


@pytest.mark.parametrize("name", ["lessons/no-guarantee", "reference/data"])
def test_all_parts_are_laid_out_without_scrolling(
    chromium: Browser, site: str, name: str
) -> None:
    """Who prints, or takes a picture of the whole page, gets the whole page."""
    with reader(chromium, PHONE) as context:
        page = context.new_page()
        page.goto(f"{site}{name}.html")
        waiting = page.locator(LATE)
        assert waiting.count()
        expect(page.locator(f":is({LATE}):not(.laid-out)")).to_have_count(0)
        assert set(waiting.evaluate_all(VISIBILITY)) == {"visible"}


def test_all_parts_are_laid_out_before_a_link_into_the_page_scrolls(
    chromium: Browser, site: str
) -> None:
    """Not all browsers keep what one reads in place when parts above it grow."""
    with reader(chromium, PHONE) as context:
        context.add_init_script("requestIdleCallback = () => {}")
        page = context.new_page()
        waiting = page.locator(f":is({LATE}):not(.laid-out)")
        page.goto(f"{site}lessons/place.html")
        expect(waiting).not_to_have_count(0)
        page.goto("about:blank")
        page.goto(f"{site}lessons/place.html#what-we-found")
        expect(waiting).to_have_count(0)


def test_menu_shows_the_page_one_is_on_wherever_it_stood_before(
    chromium: Browser, site: str
) -> None:
    with reader(chromium, DESKTOP) as context:
        page = context.new_page()
        for name in ("reference/changelog", "start/about"):
            page.goto(f"{site}{name}.html")
            here = page.locator("#pst-primary-sidebar li.current > a").last
            expect(here).to_be_in_viewport()


def too_wide(page: Page) -> list[str]:
    """The elements that stick out to the right."""
    return page.evaluate(
        """[...document.querySelectorAll('main article *')]
        .filter(e => e.getBoundingClientRect().right > innerWidth
                     && !e.parentElement.closest('.table-scroll, pre'))
        .map(e => e.outerHTML.slice(0, 100))"""
    )


# All folds are the browser's own; those of the lessons stand for those of other pages.
@pytest.mark.parametrize("name", [n for n in WITH_CODE if n.startswith("lessons/")])
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
        # The first and the last stand for those between: all are the browser's own.
        assert (
            folds.count() == page.locator(f"main article {fold}:has(> summary)").count()
        )
        assert folds.count()
        for details in (folds.first, folds.last):
            summary = details.locator("summary")
            summary.focus()
            for wanted in (True, False, True):
                page.keyboard.press("Enter")
                assert details.evaluate("d => d.open") is wanted
            page.keyboard.press("Tab")
            assert details.evaluate("d => d.contains(document.activeElement)")
            assert not summary.evaluate("s => s === document.activeElement")
