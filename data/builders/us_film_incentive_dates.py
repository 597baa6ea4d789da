"""Keep the dates of American film incentives that a second source confirms.

The raw file is a state-by-state coding made by a student, without a licence; it misses
programmes that existed and conflicts with other sources in six states. It is not
published. Where a public page that can be cited gives the same year, that one date is
a fact, and is written here with that page as its source.
"""

import argparse
import csv
from pathlib import Path
from typing import NamedTuple


class Confirmation(NamedTuple):
    """Where a second source says the same, and what it says."""

    event: str
    bound: str
    source_id: str
    locator: str
    note: str


FIPS = {
    "Alaska": "02",
    "Georgia": "13",
    "Louisiana": "22",
    "Michigan": "26",
    "Nevada": "32",
    "North Carolina": "37",
}

CONFIRMED = {
    ("Alaska", "end_year"): Confirmation(
        "end",
        "about",
        "ncsl-film-2016",
        "first page",
        "the page of April 2016 names it among the states that most recently cut "
        "their programmes; it gives no year",
    ),
    ("Georgia", "start_year"): Confirmation(
        "start", "", "ga-audit-2020", "p. 1 summary", "raised to 20 percent in 2008"
    ),
    ("Louisiana", "start_year"): Confirmation(
        "expansion",
        "",
        "ncsl-film-2018",
        "body",
        "the first programme dates from 1992, according to the same page",
    ),
    ("Michigan", "end_year"): Confirmation(
        "end", "", "mi-northernexpress-2022", "body", ""
    ),
    ("Nevada", "start_year"): Confirmation(
        "start", "", "afscme-ncsl-2014", "summary", "available from 1 January 2014"
    ),
    ("North Carolina", "end_year"): Confirmation(
        "end", "", "nc-wunc-2015", "body", "the tax credit expired at the end of 2014"
    ),
    ("North Carolina", "reinstated_year"): Confirmation(
        "replacement",
        "",
        "nc-encore-2014",
        "body",
        "a grant fund of 10 million USD replaced the credit",
    ),
}

HEADER = [
    "fact_id",
    "area_id",
    "area",
    "event",
    "value",
    "bound",
    "source_id",
    "locator",
    "note",
]


def confirmed(raw: Path) -> list[dict[str, str]]:
    """Take from the raw coding the years that a second source gives too.

    Raises
    ------
    KeyError
        If a state with a confirmed date is missing from the raw file.
    """
    with raw.open(encoding="utf-8", newline="") as file:
        coded = {row["state"]: row for row in csv.DictReader(file)}
    return [
        {
            "fact_id": f"{state.lower().replace(' ', '_')}_{found.event}",
            "area_id": f"fips-{FIPS[state]}000",
            "area": state,
            "value": coded[state][column],
            **found._asdict(),
        }
        for (state, column), found in CONFIRMED.items()
    ]


def main() -> None:
    """Read the raw file's path, write the confirmed dates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw", type=Path, help="us_film_incentives_state.csv")
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    rows = confirmed(arguments.raw)  # all read before anything is written
    with arguments.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
