"""The picture of the landing page, drawn from a table at each build.

``{cover}`` draws how value added in publishing, film, television and broadcasting went
in every large area of Britain, as many times what it was in one year, with Salford in
the accent. It is drawn here and not by a cell, so that the landing page starts no
kernel, and stands in the page as SVG, so that it takes the page's colours and letters.
"""

import html
from collections.abc import Iterable
from itertools import pairwise
from math import log
from statistics import median
from typing import Any, NamedTuple

import pandas as pd
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from creative_clusters.data import credit, data_folder, describe, load
from creative_clusters.palette import ACCENT, CONTEXT, INK, SECOND

TABLE = "uk_area_gva"
COLUMN = "publishing_film_tv_broadcasting"
PLACE = "Salford"
BASE = 2010  # the last full year before the BBC opened in Salford
LAST = 2019  # later years are provisional, and the pandemic is in them
LEAST = 20  # GBP million in the base year: below, rounding makes zigzags of its own

# The drawing, in units of its own; a phone shows it at half the size.
WIDTH, HEIGHT = 720, 372
LEFT, RIGHT, TOP, BOTTOM = 50, 712, 16, 330
LOW, HIGH = 0.095, 16.0  # times the base year: room for every strand
RULES = {0.1: "0.1", 0.2: "0.2", 0.5: "0.5", 1: "1", 2: "2", 5: "5", 10: "10"}


class Growth(NamedTuple):
    """How the areas went.

    Parameters
    ----------
    times : DataFrame, a row a year, a column an area
        Value added as a multiple of the base year's.
    place, median : float
        That of the place, and of the area in the middle, in the last year.
    rank : int
        Of the place among all areas in the last year, 1 the highest.
    """

    times: pd.DataFrame
    place: float
    median: float
    rank: int


def growth(table: pd.DataFrame) -> Growth:
    """Multiples of the base year for areas with enough value added to have some."""
    wide = table[table["year"] <= LAST].pivot(
        index="year", columns="area", values=COLUMN
    )
    wide = wide.astype(float).dropna(axis="columns")
    wide = wide.loc[:, wide.loc[BASE] >= LEAST]
    times = wide / wide.loc[BASE]
    last = {str(area): float(times[area].loc[LAST]) for area in times}
    rank = 1 + sum(other > last[PLACE] for other in last.values())
    return Growth(times, last[PLACE], median(last.values()), rank)


def x_of(year: int, first: int) -> int:
    """Where a year lies."""
    return round(LEFT + (RIGHT - LEFT) * (year - first) / (LAST - first))


def y_of(times: float) -> int:
    """Where a multiple lies, on a scale on which doubling is the same step anywhere."""
    if not LOW <= times <= HIGH:
        raise ValueError(
            f"{times:.2f} times the value of {BASE} lies outside the cover's drawing: "
            "set LOW and HIGH in cover.py wider."
        )
    return round(BOTTOM - (BOTTOM - TOP) * log(times / LOW) / log(HIGH / LOW))


def strand(times: "pd.Series[Any]") -> str:
    """One area as a path of small steps, which weighs less than its coordinates."""
    years = [int(year) for year in times.index]
    points = [
        (x_of(year, years[0]), y_of(float(value)))
        for year, value in zip(years, times, strict=True)
    ]
    steps = [
        f"{x - before_x} {y - before_y}"
        for (before_x, before_y), (x, y) in pairwise(points)
    ]
    return f"M{points[0][0]} {points[0][1]}l" + " ".join(steps).replace(" -", "-")


def ordinal(rank: int) -> str:
    """``most`` for the first, else its place from above."""
    return "more than any other" if rank == 1 else f"number {rank} from above"


def described(found: Growth) -> str:
    """The picture in words, for readers who cannot see it."""
    first, areas = int(found.times.index[0]), found.times.shape[1]
    return (
        f"Line chart, {first} to {LAST}, on a scale of doublings: media value added of "
        f"{areas} British areas as a multiple of {BASE}. In {LAST} most stand between "
        f"{found.times.loc[LAST].quantile(0.1):.1f} and "
        f"{found.times.loc[LAST].quantile(0.9):.1f} times, the middle one at "
        f"{found.median:.1f}. {PLACE} climbs out of the bundle to {found.place:.0f} "
        f"times, {ordinal(found.rank)}."
    )


def caption(found: Growth) -> str:
    """What the picture shows."""
    areas = found.times.shape[1]
    return (
        f"{PLACE} and {areas - 1} other areas of Britain. In {LAST} value added in "
        f"publishing, film and broadcasting stood at {found.place:.0f} times that of "
        f"{BASE} in {PLACE}, {ordinal(found.rank)}, and at {found.median:.1f} times in "
        f"the area in the middle. {BASE} was the last full year before the BBC opened "
        "there. Whether its move made a cluster, and who paid for it, is another "
        "matter."
    )


def drawn(found: Growth) -> str:
    """The picture as SVG; colours are attributes, which a style sheet overrules."""
    times = found.times
    first = int(times.index[0])
    others = "".join(strand(times[area]) for area in times if area != PLACE)
    middle = times.drop(columns=PLACE).median(axis="columns")
    return "\n".join(
        [
            f'<svg class="cover-drawing" xmlns="http://www.w3.org/2000/svg" role="img" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="14" '
            f'fill="none" aria-label="{html.escape(described(found))}">',
            *rules(first),
            f'<path class="strands" stroke="{CONTEXT}" stroke-width="1" '
            f'stroke-opacity="0.55" d="{others}"/>',
            f'<path class="middle-strand" stroke="{SECOND}" stroke-width="2" '
            f'stroke-dasharray="6 4" d="{strand(middle)}"/>',
            f'<path class="place-strand" stroke="{ACCENT}" stroke-width="3.5" '
            f'stroke-linejoin="round" d="{strand(times[PLACE])}"/>',
            f'<text class="place-name" fill="{ACCENT}" font-weight="bold" '
            f'x="{RIGHT}" y="{y_of(found.place) - 22}" text-anchor="end">'
            f"{PLACE} × {found.place:.0f}</text>",
            f'<path class="middle-strand" stroke="{SECOND}" stroke-width="2" '
            f'stroke-dasharray="6 4" d="M{LEFT + 8} {y_of(LOW * 1.35)}h34"/>',
            f'<text class="middle-name" fill="{SECOND}" x="{LEFT + 50}" '
            f'y="{y_of(LOW * 1.35) + 5}">'
            f"area in the middle × {found.median:.1f}</text>",
            "</svg>",
        ]
    )


def rules(first: int) -> Iterable[str]:
    """Lines for some multiples, and the years below."""
    for times, name in RULES.items():
        y = y_of(times)
        yield (
            f'<path class="rule" stroke="{CONTEXT}" stroke-opacity="0.5" '
            f'd="M{LEFT} {y}H{RIGHT}"/>'
            f'<text fill="{INK}" x="{LEFT - 10}" y="{y + 5}" '
            f'text-anchor="end">{name}</text>'
        )
    for year, anchor in ((first, "start"), (BASE, "middle"), (LAST, "end")):
        label = f"{year} = 1" if year == BASE else str(year)
        yield (
            f'<text fill="{INK}" x="{x_of(year, first)}" y="{BOTTOM + 30}" '
            f'text-anchor="{anchor}">{label}</text>'
        )


class Cover(SphinxDirective):
    """``{cover}``: the picture, its caption with a link, its source."""

    required_arguments = 1  # the page that tells more

    def run(self) -> list[nodes.Node]:
        """Draw it, and draw it anew when the table changes."""
        passport = describe(TABLE)
        for path in (passport["path"], "datapackage.json"):
            self.env.note_dependency(str(data_folder() / path))
        found = growth(load(TABLE))
        said = nodes.paragraph(classes=["cover-caption"])
        said += nodes.Text(caption(found) + " ")
        target = {"refdomain": "std", "reftype": "doc", "refexplicit": True}
        link = addnodes.pending_xref("", nodes.inline("", "How we know."), **target)
        link["reftarget"] = "/" + self.arguments[0]
        said += link
        source = nodes.paragraph("", f"Source: {credit([TABLE])}")
        source["classes"].append("cover-source")
        box = nodes.container("", classes=["cover"])
        box += [nodes.raw("", drawn(found), format="html"), said, source]
        return [box]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("cover", Cover)
