"""How the book's figures and tables look, and what each of them carries.

A figure is a picture that says one thing, a caption that says it in words, an
alternative text for those who cannot see it, the tables it rests on, and those very
numbers to read or download. :func:`figure` takes all of it or refuses.
"""

import base64
import html
import io
import re
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from cycler import cycler
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from creative_clusters.data import credit
from creative_clusters.palette import ACCENT, CONTEXT, INK, SECOND, THIRD
from creative_clusters.record import FIGURE, SWITCH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "ACCENT",
    "CONTEXT",
    "HALO",
    "INK",
    "SECOND",
    "THIRD",
    "Choice",
    "figure",
    "switch",
    "use",
]

# Sizes are in points of a figure 5 inches wide. On a phone it is shown at some 70 per
# cent, which leaves the smallest letters at about 9 pixels.
RULES: Any = {
    "figure.figsize": (5.0, 3.2),
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8.5,  # clear of a tick label at the top
    "axes.labelsize": 9.5,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=[ACCENT, SECOND, THIRD, CONTEXT]),
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "savefig.transparent": True,
    "svg.fonttype": "path",  # no fonts to load, the same letters everywhere
    "svg.hashsalt": "creative-clusters",  # the same figure gives the same file
}

# path_effects of letters and strokes that lie on lines or bars.
HALO = [withStroke(linewidth=3, foreground="white")]

FEWEST_ALT_LETTERS = 60
MOST_TWIN_ROWS = 60
MISSING = "–"
MANY = 10_000  # from here on, thousands are set apart in all of a column
LONG_NAME = 16  # letters of a row's name that a phone may break
CODES = re.compile(r"code|naics|sic\b|nace|zip|\bid\b|year")  # not to be counted with
NEAR_EDGE = 0.03  # part of the axes' width or height that a dot may take
MARGIN = 0.05  # inches above and below what is drawn
ABOVE_AXES = 2.6  # matplotlib draws them at 2.5


def use() -> None:
    """Set the house style, and show every DataFrame as an accessible table."""
    mpl.rcParams.update(RULES)
    shell: Any = get_ipython()
    if shell is not None:
        formatters = shell.display_formatter.formatters
        formatters["text/html"].for_type(pd.DataFrame, table_html)


def table_html(frame: pd.DataFrame, caption: str | None = None) -> str:
    """Write a DataFrame as an HTML table that a screen reader can walk.

    Parameters
    ----------
    frame : DataFrame
        One level of columns. A named index becomes the first columns.
    caption : str, optional
        The table's caption; without it ``frame.attrs["title"]``, and without that a
        count of rows and columns.

    Returns
    -------
    str
        A table with caption, header cells with scope and no style of its own, inside
        a box that scrolls sideways and can be reached by keyboard.

    Raises
    ------
    ValueError
        If the columns have more than one level, which no reader can follow.
    """
    if frame.columns.nlevels > 1:
        raise ValueError("table_html() takes one level of columns: flatten them first.")
    if caption is None:
        rows, columns = frame.shape
        caption = frame.attrs.get("title", f"Table: {rows} rows, {columns} columns")
    frame = _with_index(frame).rename_axis(columns=None)
    frame = frame.rename(columns=lambda name: str(name).replace("_", " "))
    number = [n > 0 and _counts(frame[c]) for n, c in enumerate(frame)]
    long = frame.iloc[:, 0].astype(str).str.len().max() > LONG_NAME
    whole = [c for c in frame if _is_whole(frame[c])]
    counts = frame[whole].astype("Int64").astype(object)
    for name in whole:
        if not CODES.search(str(name)) and frame[name].abs().max() >= MANY:
            counts[name] = counts[name].map("{:,}".format, na_action="ignore")
    # pandas writes <NA> for a missing whole number and nothing for an empty text.
    frame = frame.assign(**counts.where(counts.notna(), MISSING)).replace("", MISSING)
    # pandas writes 10.000000 where another row of the column has 5.625771.
    frame = frame.assign(
        **{c: frame[c].map("{:.7g}".format, na_action="ignore") for c in _mixed(frame)}
    )
    body = frame.to_html(
        border=0,
        index=False,
        na_rep=MISSING,
        justify="unset",
        classes="table long-names" if long else "table",
    )
    body = body.replace(' style="text-align: unset;"', "").replace(' border="0"', "")
    body = body.replace("<th>", '<th scope="col">')
    body = re.sub(
        r"(<tr>\s*)<td>(.*?)</td>", r'\1<th scope="row">\2</th>', body, flags=re.DOTALL
    )
    place = count()
    body = re.sub(
        r"<t[dh](?=[ >])",
        lambda cell: cell[0] + ' class="number"' * number[next(place) % len(number)],
        body,
    )
    said = html.escape(caption)
    body = body.replace("<thead>", f"<caption>{said}</caption>\n  <thead>", 1)
    return (
        f'<div class="table-scroll" role="group" tabindex="0" aria-label="{said}">\n'
        f"{body}\n</div>"
    )


def _counts(values: "pd.Series[Any]") -> bool:
    """Whether a column holds numbers, which stand flush right."""
    dtype = values.dtype
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(
        dtype
    )


def _is_whole(values: "pd.Series[Any]") -> bool:
    """Whether a column holds whole numbers only, as counts with gaps do."""
    if pd.api.types.is_integer_dtype(values):
        return True
    if not pd.api.types.is_float_dtype(values):
        return False
    known = values.dropna()
    return bool((known.mod(1) == 0).all() and known.size)


def _mixed(frame: pd.DataFrame) -> list[Any]:
    """The columns in which some numbers are whole and others have long fractions."""
    numbers = frame.select_dtypes("float")
    whole, short = numbers.mod(1) == 0, numbers.round(3) == numbers
    mixed = whole.any() & (~short & numbers.notna()).any()
    return list(numbers.columns[mixed])


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Make an index that says something a column; drop mere row numbers."""
    numbers = frame.index.names == [None] and pd.api.types.is_integer_dtype(frame.index)
    return frame.reset_index(drop=numbers)


def figure(
    fig: "Figure",
    *,
    name: str,
    caption: str,
    alt: str,
    source: str | Sequence[str],
    data: pd.DataFrame,
) -> None:
    """Show a figure with everything the book owes its readers.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The picture, with labelled axes. It is closed afterwards.
    name : str
        Label for cross-references, lower case with hyphens, unique in the book.
    caption : str
        What the figure shows, in a sentence or two of plain text.
    alt : str
        Chart type, data and finding, for readers who cannot see the picture. Build
        it from the data, so that it stays true.
    source : str or sequence of str
        Names of the tables that the figure rests on. Their attribution becomes the
        source line.
    data : DataFrame
        The numbers that are drawn: shown below the figure and offered as CSV.

    Raises
    ------
    ValueError
        If the name is not a label, the caption or the data are empty, the alternative
        text is too short to say anything, or an axis has no label.
    DataError
        If a source is not a table of the book.
    """
    sources = [source] if isinstance(source, str) else list(source)
    _refuse_half_a_figure(fig, name, caption, alt, sources, data)
    said = _carried(fig, name, caption, alt, sources, data)
    if get_ipython() is not None:
        display(
            {FIGURE: said, "text/html": _in_a_notebook(said), "text/plain": alt},
            raw=True,
        )


def _carried(
    fig: "Figure",
    name: str,
    caption: str,
    alt: str,
    sources: list[str],
    data: pd.DataFrame,
    twin: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """All that leaves the kernel with a picture, which is closed."""
    data = _with_index(data)
    rows = data if twin is None else _with_index(twin)
    shown = rows.head(MOST_TWIN_ROWS)
    left = len(rows) - len(shown)
    note = f" (first {len(shown)} of {len(rows)} rows)" if left else ""
    svg = _svg(fig)
    plt.close(fig)
    return {
        "name": name,
        "caption": caption,
        "alt": alt,
        "credit": credit(sources),
        "tables": sources,
        "svg": svg,
        "csv": data.to_csv(index=False, lineterminator="\n"),
        "table": table_html(shown, f"Data behind “{caption.split('. ')[0]}”{note}"),
    }


def _in_a_notebook(said: dict[str, Any]) -> str:
    """The figure where no book is built around it, as in JupyterLab."""
    picture = base64.b64encode(said["svg"].encode()).decode()
    caption, sources = html.escape(said["caption"]), html.escape(said["credit"])
    return (
        f'<figure><img src="data:image/svg+xml;base64,{picture}" '
        f'alt="{html.escape(said["alt"])}" '
        'style="width:100%;max-width:40rem;background:white">'
        f"<figcaption>{caption} <em>Source: {sources}</em>"
        f"</figcaption></figure><details><summary>Data</summary>{said['table']}"
        "</details>"
    )


class Choice(NamedTuple):
    """One way to count, among those a reader may choose from.

    Parameters
    ----------
    label : str
        What the reader clicks, in a few words.
    values : DataFrame, index the names of the rows
        ``value``, ``low`` and ``high``, none negative, ``low <= value <= high``.
    axis : str
        What the values measure, with its unit. Choices with one axis share one scale.
    said : str
        What this choice shows, in a sentence or two. It is read out when chosen.
    mark : float, optional
        A cut-off to draw.
    digits : int
        Decimal places of the printed values.
    """

    label: str
    values: pd.DataFrame
    axis: str
    said: str
    mark: float | None = None
    digits: int = 2


def switch(
    fig: "Figure",
    *,
    name: str,
    caption: str,
    alt: str,
    source: str | Sequence[str],
    question: str,
    choices: Sequence[Choice],
    shown: int = 12,
) -> None:
    """Show a figure that the reader can ask in more than one way.

    In the book the reader chooses, and a small script draws the first rows of that
    choice as dots with intervals. Without the script, in print and in a notebook the
    picture of the first choice stands there, with the numbers of all.

    Parameters
    ----------
    fig, name, caption, alt, source
        As for `figure`: the picture of the first choice.
    question : str
        What is being chosen.
    choices : sequence of Choice
        Two or more, the first as drawn in ``fig``; all name the same rows.
    shown : int
        Rows drawn, those with the largest values. A row that is not among those of
        the first choice is marked as new.

    Raises
    ------
    ValueError
        As `figure`; or fewer than two choices, a label twice, an empty text, other
        rows than in the first choice, a number that is missing, negative or outside
        its interval.
    """
    sources = [source] if isinstance(source, str) else list(source)
    _refuse_half_a_switch(name, question, choices)
    parts = {choice.label: choice.values for choice in choices}
    index = ["choice", str(choices[0].values.index.name or "name")]
    data = pd.concat(list(parts.values()), keys=list(parts), names=index)
    data = data[["value", "low", "high"]].reset_index()
    _refuse_half_a_figure(fig, name, caption, alt, sources, data)
    wide = pd.DataFrame(
        {label: values["value"].round(2) for label, values in parts.items()}
    )
    wide = wide.sort_values(choices[0].label, ascending=False)
    said = _carried(fig, name, caption, alt, sources, data.round(4), wide)
    first = set(choices[0].values["value"].nlargest(shown).index)
    said["switch"] = {
        "question": question,
        "choices": [_drawn(choice, choices, first, shown) for choice in choices],
    }
    if get_ipython() is not None:
        display(
            {SWITCH: said, "text/html": _in_a_notebook(said), "text/plain": alt},
            raw=True,
        )


def _drawn(
    choice: Choice, choices: Sequence[Choice], first: set[Any], shown: int
) -> dict[str, Any]:
    """What the script draws of one choice."""
    peers = [other.values for other in choices if other.axis == choice.axis]
    rows = choice.values.nlargest(shown, "value")[["value", "low", "high"]].round(4)
    return {
        "label": choice.label,
        "axis": choice.axis,
        "said": choice.said,
        "mark": choice.mark,
        "digits": choice.digits,
        "most": max(float(v.nlargest(shown, "value")["high"].max()) for v in peers),
        "rows": [
            {"name": str(name), **numbers, "new": name not in first}
            for name, numbers in zip(rows.index, rows.to_dict("records"), strict=True)
        ],
    }


def _refuse_half_a_switch(name: str, question: str, choices: Sequence[Choice]) -> None:
    where = f"Switch {name!r}"
    labels = [choice.label for choice in choices]
    if len(choices) < 2 or len(set(labels)) < len(labels):
        raise ValueError(f"{where} needs two or more choices, each with its own label.")
    if not question.strip():
        raise ValueError(f"{where} has no question: say what is being chosen.")
    rows = set(choices[0].values.index)
    for choice in choices:
        its = f"{where}, choice {choice.label!r}"
        if not all(text.strip() for text in (choice.label, choice.axis, choice.said)):
            raise ValueError(f"{its} needs a label, an axis and a sentence.")
        if set(choice.values.index) != rows or not choice.values.index.is_unique:
            raise ValueError(
                f"{its} must name the rows of the first choice, once each."
            )
        v = choice.values[["value", "low", "high"]].astype(float)
        fine = (v["low"] >= 0) & (v["low"] <= v["value"]) & (v["value"] <= v["high"])
        if not fine.all():
            raise ValueError(
                f"{its}, row {v.index[~fine][0]!r}: a number is missing, negative or "
                "outside its interval."
            )


def _refuse_half_a_figure(
    fig: "Figure",
    name: str,
    caption: str,
    alt: str,
    sources: list[str],
    data: pd.DataFrame,
) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ValueError(f"Figure name {name!r}: use lower-case words and hyphens.")
    where = f"Figure {name!r}"
    if not caption.strip():
        raise ValueError(f"{where} has no caption: say in a sentence what it shows.")
    if len(alt.strip()) < FEWEST_ALT_LETTERS:
        raise ValueError(
            f"{where}: the alt text is too short. Give chart type, data and finding."
        )
    if not sources or data.empty:
        raise ValueError(f"{where} needs its source tables and the data it draws.")
    for axes in fig.axes:
        if axes.axison and axes.get_label() != "<colorbar>":
            for axis in (axes.xaxis, axes.yaxis):
                bare = not axis.get_label_text() and axis.get_ticklabels()
                if axis.get_visible() and bare and not _named_ticks(axis):
                    raise ValueError(
                        f"{where}: the {axis.axis_name} axis has no label. "
                        "Say what it measures, with its unit."
                    )


def _named_ticks(axis: "mpl.axis.Axis") -> bool:
    """Whether the ticks are names (bars, dots), which need no axis label."""
    texts = [label.get_text() for label in axis.get_ticklabels()]
    return not any(re.fullmatch(r"[-−+]?[\d.,\s]+%?", text) for text in texts if text)


def _set_titles_flush(fig: "Figure") -> None:
    """Begin titles where the labels of their column begin, not where its axes do."""
    fig.draw_without_rendering()
    fig.set_layout_engine("none")  # what stands now stays
    columns: dict[Any, list[Axes]] = {}
    for axes in fig.axes:
        spec = axes.get_subplotspec()
        columns.setdefault(spec and spec.colspan.start, []).append(axes)
    for stacked in columns.values():
        lefts = [axes.bbox.x0 for axes in stacked]
        lefts += [
            box.x0
            for axes in stacked
            if axes.axison and (box := axes.yaxis.get_tightbbox()) is not None
        ]
        for axes in stacked:
            title = axes.get_title(loc="left")
            for text in axes.get_children():
                if title and isinstance(text, Text) and text.get_text() == title:
                    text.set_x((min(lefts) - axes.bbox.x0) / axes.bbox.width)


def _show_dots_whole(fig: "Figure") -> None:
    """Let a dot on the edge of its axes stick out, rather than cut it in half."""
    for axes in fig.axes:
        for line in axes.lines:
            if line.get_marker() == "None" or not line.get_transform().is_separable:
                continue
            on_axes = line.get_transform() - axes.transAxes  # both from 0 to 1
            points = np.round(on_axes.transform(line.get_xydata()), 6)
            points = points[np.isfinite(points).all(axis=1)]
            inside = ((points >= 0) & (points <= 1)).all()
            if inside and (np.abs(points - 0.5) > 0.5 - NEAR_EDGE).any():
                line.set(clip_on=False, zorder=max(line.get_zorder(), ABOVE_AXES))


def _set_apostrophes(fig: "Figure") -> None:
    """Curl them, as the book does in its prose."""
    for text in fig.findobj(Text):
        text.set_text(text.get_text().replace("'", "’"))


def _svg(fig: "Figure") -> str:
    """The figure as SVG, without prologue and date: same data, same bytes."""
    _set_apostrophes(fig)
    _show_dots_whole(fig)
    _set_titles_flush(fig)
    buffer = io.StringIO()
    drawn = fig.get_tightbbox()  # maps leave room above and below
    box = Bbox.from_extents(0, drawn.y0 - MARGIN, fig.get_figwidth(), drawn.y1 + MARGIN)
    described = {"Date": None, "Creator": None}
    fig.savefig(buffer, format="svg", metadata=described, bbox_inches=box)
    return buffer.getvalue()[buffer.getvalue().index("<svg") :]
