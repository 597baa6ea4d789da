"""Totals of Polish public-private partnership, from a table that may not be shipped.

Table 3.4 of a Polish monograph lists, for each voivodeship, the procedures announced,
the contracts signed, the published signing rate and the value of contracts, 2009-2019.
The table is protected; its totals and the lowest and highest rate are facts. Run

    python poland_ppp_totals.py poland_ppp_voivodeship.csv poland_ppp_totals.csv
"""

import argparse
import csv
from decimal import Decimal
from pathlib import Path

SOURCE = {"source_id": "ppp-pl-table34", "locator": "Table 3.4"}
PUBLISHED_VALUE = Decimal("9375.32")
"""Total value that the book prints, in million PLN."""


def totals(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Reduce the table to five figures, none of which names a voivodeship.

    Parameters
    ----------
    rows : list of dict
        The sixteen rows of the table, as read from its CSV file.

    Returns
    -------
    list of dict
        One figure each: two counts, one sum, and two rates in percent.

    Raises
    ------
    ValueError
        If there are not sixteen voivodeships, or their values do not add up to the
        published total within rounding.
    """
    if len({row["voivodeship"] for row in rows}) != 16:
        raise ValueError(f"Expected 16 voivodeships, found {len(rows)} rows.")
    value = sum((Decimal(row["contract_value"]) for row in rows), Decimal(0))
    if abs(value - PUBLISHED_VALUE) > Decimal("0.05"):
        raise ValueError(f"Values add up to {value}, not to {PUBLISHED_VALUE}.")
    rates = [Decimal(row["success_rate_published"]) * 100 for row in rows]
    announced = sum(int(row["procedures_announced"]) for row in rows)
    signed = sum(int(row["contracts_signed"]) for row in rows)
    figures = [
        ("procedures", "Procedures announced", str(announced), "procedures"),
        ("contracts", "Contracts signed", str(signed), "contracts"),
        ("value", "Value of contracts", str(PUBLISHED_VALUE), "million PLN"),
        (
            "lowest_signing_rate",
            "Lowest share of procedures that ended in a contract, of 16 voivodeships",
            f"{min(rates):.0f}",
            "percent",
        ),
        (
            "highest_signing_rate",
            "Highest share of procedures that ended in a contract, of 16 voivodeships",
            f"{max(rates):.0f}",
            "percent",
        ),
    ]
    names = ("figure_id", "indicator", "value", "unit")
    return [dict(zip(names, figure, strict=True)) | SOURCE for figure in figures]


def main() -> None:
    """Read the table, write the totals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path, help="CSV file of the protected table")
    parser.add_argument("result", type=Path, help="CSV file to write")
    paths = parser.parse_args()
    with paths.table.open(encoding="utf-8", newline="") as file:
        figures = totals(list(csv.DictReader(file)))
    with paths.result.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(figures[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(figures)


if __name__ == "__main__":
    main()
