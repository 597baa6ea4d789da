"""Make uk_arts_council_total.csv: the total of awards a fiscal year, and only that.

The download of LG Inform that is stored as artscouncilfunding_overtime_localauthorities
.csv in https://github.com/DanOlner/ukcompare (folder data) states no licence, so its
rows for single authorities are not part of this book. To make TO from
that FILE, run

    python data/builders/uk_arts_council_total.py FILE TO
"""

import argparse
import csv
import re
from pathlib import Path

AUTHORITY = "B) Lower Tier Local Authorities"
WIDEST_GAP = 200  # GBP, as the amounts of single authorities carry stray fractions


def pounds(cell: str) -> float:
    """Read an amount such as ``£309201.0000000000``."""
    return float(cell.strip().lstrip("£").replace(",", ""))


def totals(rows: list[list[str]]) -> list[tuple[str, int]]:
    """Total of awards in England a fiscal year, in pounds, oldest first.

    Parameters
    ----------
    rows : list of list of str
        The lines of the download: a heading; a line ``National Comparator, England``;
        and a line for each authority. A column a fiscal year, named
        ``Total amount awarded (2018/19)``.

    Returns
    -------
    list of tuple
        Fiscal year, such as ``2018/19``, and pounds.

    Raises
    ------
    ValueError
        If the authorities do not add up to England.
    """
    heading, *body = rows
    [england] = [row for row in body if row[:2] == ["National Comparator", "England"]]
    authorities = [row for row in body if row[0] == AUTHORITY]
    found = []
    for column, name in enumerate(heading[2:], start=2):
        year = re.search(r"\d{4}/\d{2}", name)
        total = pounds(england[column])
        parts = sum(pounds(row[column]) for row in authorities)
        if year is None or abs(parts - total) > WIDEST_GAP:
            raise ValueError(f"{name}: authorities add up to {parts}, England {total}")
        found.append((year.group(), round(total)))
    return sorted(found)


def main() -> None:
    """Read the download and write the totals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("download", type=Path, help="CSV file of LG Inform")
    parser.add_argument("to", type=Path, help="file to write")
    chosen = parser.parse_args()
    with chosen.download.open(encoding="utf-8-sig", newline="") as file:
        found = totals(list(csv.reader(file)))
    with chosen.to.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["fiscal_year", "awards"])
        writer.writerows(found)


if __name__ == "__main__":
    main()
