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
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pandas as pd
from cycler import cycler
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib import pyplot as plt

from creative_clusters.data import describe
from creative_clusters.record import FIGURE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ACCENT", "CONTEXT", "INK", "SECOND", "THIRD", "figure", "use"]

# One palette for the whole book. The three colours keep apart in grey print (their
# lightness runs 30, 45 and 60 of 100) and for colour-blind readers; context is grey.
INK = "#22282f"
CONTEXT = "#a3a9b1"
SECOND = "#164f7c"
ACCENT = "#b8431f"
THIRD = "#3f9c84"

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

FEWEST_ALT_LETTERS = 60
MOST_TWIN_ROWS = 60


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
    whole = [c for c in frame if _is_whole(frame[c])]
    frame = frame.astype(dict.fromkeys(whole, "Int64"))
    body = frame.to_html(
        border=0, index=False, na_rep="–", justify="unset", classes="table"
    )
    body = body.replace(' style="text-align: unset;"', "").replace(' border="0"', "")
    body = body.replace("<th>", '<th scope="col">')
    body = re.sub(
        r"(<tr>\s*)<td>(.*?)</td>", r'\1<th scope="row">\2</th>', body, flags=re.DOTALL
    )
    said = html.escape(caption)
    body = body.replace("<thead>", f"<caption>{said}</caption>\n  <thead>", 1)
    return (
        f'<div class="table-scroll" role="group" tabindex="0" aria-label="{said}">\n'
        f"{body}\n</div>"
    )


def _is_whole(values: "pd.Series[Any]") -> bool:
    """Whether a column of floats holds whole numbers only, as counts with gaps do."""
    if not pd.api.types.is_float_dtype(values):
        return False
    known = values.dropna()
    return bool((known.mod(1) == 0).all() and known.size)


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
    credit = " ".join(
        dict.fromkeys(describe(table)["attribution"] for table in sources)
    )
    data = _with_index(data)
    twin = data.head(MOST_TWIN_ROWS)
    left = len(data) - len(twin)
    note = f" (first {len(twin)} of {len(data)} rows)" if left else ""
    svg = _svg(fig)
    plt.close(fig)
    if get_ipython() is None:
        return
    picture = base64.b64encode(svg.encode()).decode()
    said = {
        "name": name,
        "caption": caption,
        "alt": alt,
        "credit": credit,
        "tables": sources,
        "svg": svg,
        "csv": data.to_csv(index=False, lineterminator="\n"),
        "table": table_html(twin, f"Data behind “{caption.split('. ')[0]}”{note}"),
    }
    fallback = (
        f'<figure><img src="data:image/svg+xml;base64,{picture}" '
        f'alt="{html.escape(alt)}" style="width:100%;max-width:40rem;background:white">'
        f"<figcaption>{html.escape(caption)} <em>Source: {html.escape(credit)}</em>"
        f"</figcaption></figure><details><summary>Data</summary>{said['table']}"
        "</details>"
    )
    display({FIGURE: said, "text/html": fallback, "text/plain": alt}, raw=True)


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


def _svg(fig: "Figure") -> str:
    """The figure as SVG, without prologue and date: same data, same bytes."""
    buffer = io.StringIO()
    fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()[buffer.getvalue().index("<svg") :]
