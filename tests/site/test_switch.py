"""A figure that the reader asks in more than one way answers, with and without script.

The page is opened from the file system, as by a double click: it needs no server.
"""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

PAGE = Path("introduction") / "measuring-a-cluster.html"
OTHER = Path("lessons") / "no-guarantee.html"


@pytest.fixture(scope="module")
def soup(book: Path) -> BeautifulSoup:
    """The built page."""
    return BeautifulSoup((book / PAGE).read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def choices(soup: BeautifulSoup) -> list[dict[str, Any]]:
    """What the page says can be drawn."""
    [box] = soup.select(".switch")
    found = json.loads(box.script.string)
    assert len(found) >= 5
    return found


@pytest.fixture
def opened(chromium: Browser, book: Path) -> Iterator[Callable[..., Page]]:
    """Open the page, and complain about whatever the browser complained about."""
    contexts, errors = [], []

    def open_page(**options: Any) -> Page:
        contexts.append(chromium.new_context(**options))
        for key in ("mode", "theme"):
            contexts[-1].add_init_script(f"localStorage.setItem('{key}', 'light')")
        page = contexts[-1].new_page()
        page.on("console", lambda m: m.type == "error" and errors.append(m.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((book / PAGE).as_uri())
        if options.get("java_script_enabled", True):  # drawn when it is laid out
            page.locator(".switch-drawn .row").first.wait_for(state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def drawn(page: Page) -> list[tuple[str, str, bool]]:
    """Names, printed values and marks of newcomers, as they stand in the drawing."""
    rows = page.locator(".switch-drawn .row").all()
    return [
        (
            row.locator(".name").text_content(),
            row.locator(".value").text_content(),
            "new" in row.get_attribute("class").split(),
        )
        for row in rows
    ]


def promised(choice: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """The same as the page's numbers have it."""
    return [
        (f"{n}. {row['name']}", f"{row['value']:.{choice['digits']}f}", row["new"])
        for n, row in enumerate(choice["rows"], 1)
    ]


@pytest.mark.parametrize("width", [1280, 320])
def test_each_choice_by_keyboard_draws_its_own_numbers(
    opened: Callable[..., Page], choices: list[dict[str, Any]], width: int
) -> None:
    page = opened(viewport={"width": width, "height": 800})
    assert drawn(page) == promised(choices[0])
    page.locator(".switch input:checked").focus()
    for choice in choices[1:]:
        page.keyboard.press("ArrowDown")
        label = page.locator(".switch label", has=page.locator("input:checked"))
        assert label.inner_text().strip() == choice["label"]
        assert drawn(page) == promised(choice)
        assert page.locator(".switch [role=status]").inner_text() == choice["said"]
        told = page.get_by_role("img", name=choice["said"])
        assert told.count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_dots_lie_where_their_values_are(
    opened: Callable[..., Page], choices: list[dict[str, Any]]
) -> None:
    page = opened()
    places = page.eval_on_selector_all(
        ".switch-drawn .row",
        "rows => rows.map(row => ['.span:x1', '.dot:cx', '.span:x2'].map(key => "
        "+row.querySelector(key.split(':')[0]).getAttribute(key.split(':')[1])))",
    )
    at, values = [], []
    for row, seen in zip(choices[0]["rows"], places, strict=True):
        at += seen
        values += [row["low"], row["value"], row["high"]]
    slope = (max(at) - min(at)) / (max(values) - min(values))
    assert slope > 0
    start = min(at) - slope * min(values)
    assert at == pytest.approx([start + slope * value for value in values], abs=0.01)


def test_drawing_follows_the_width_of_the_window(opened: Callable[..., Page]) -> None:
    page = opened(viewport={"width": 1280, "height": 800})
    wide = page.locator(".switch-drawn").get_attribute("viewBox")
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function(
        "before => document.querySelector('.switch-drawn').getAttribute('viewBox')"
        " !== before",
        arg=wide,
    )


def test_without_script_the_figure_of_the_first_choice_is_shown(
    opened: Callable[..., Page], choices: list[dict[str, Any]]
) -> None:
    page = opened(java_script_enabled=False)
    picture = page.locator("#who-leads img")
    assert picture.is_visible()
    assert choices[0]["rows"][0]["name"] in picture.get_attribute("alt")
    assert not page.locator(".switch").is_visible()
    assert page.locator(".switch-drawn").count() == 0


def test_print_shows_the_figure_and_no_buttons(opened: Callable[..., Page]) -> None:
    page = opened()
    assert not page.locator("#who-leads img").is_visible()
    page.emulate_media(media="print")
    assert page.locator("#who-leads img").is_visible()
    assert not page.locator(".switch").is_visible()
    assert not page.locator(".switch-drawn").is_visible()


def test_what_is_drawn_is_what_can_be_downloaded(
    book: Path, soup: BeautifulSoup, choices: list[dict[str, Any]]
) -> None:
    [link] = soup.select("a.download[href$='who-leads.csv']")
    text = (book / PAGE.parent / link["href"]).read_text(encoding="utf-8")
    table = pd.read_csv(io.StringIO(text)).set_index(["choice", "area"])
    for choice in choices:
        for row in choice["rows"]:
            found = table.loc[(choice["label"], row["name"])]
            assert dict(found) == pytest.approx(
                {key: row[key] for key in ("value", "low", "high")}
            )


def test_switch_needs_no_inline_code_and_loads_only_where_it_is_used(
    book: Path, soup: BeautifulSoup
) -> None:
    box = soup.select_one(".switch")
    assert not box.select("[style], [onchange], [onclick], [onload]")
    [script] = box.select("script")
    assert script["type"] == "application/json"
    loaded = soup.select("script[src*='switch.js']")
    assert [tag.has_attr("defer") for tag in loaded] == [True]
    assert "switch.js" not in (book / OTHER).read_text(encoding="utf-8")
