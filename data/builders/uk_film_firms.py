"""Make uk_film_firms.csv: totals that may be published, from regional film figures.

The workbook of the BFI Research and Statistics Unit (data/IDBR.xlsx, sheet "Regional
Data 2015-23", https://github.com/BFI-RSU/employment) states no licence, so the table
itself is not part of this book. Save the sheet as a long CSV file with the columns
area_name, sic5, year, indicator (enterprises or turnover) and value, then run

    python data/builders/uk_film_firms.py regional.csv data/firms/uk_film_firms.csv

Only the totals of the United Kingdom and the share of London leave this script.
"""

import argparse
from pathlib import Path

import pandas as pd

MEASURES = ["enterprises", "turnover"]


def aggregate(regional: pd.DataFrame) -> pd.DataFrame:
    """Reduce the regional figures to one row a year.

    Parameters
    ----------
    regional : DataFrame
        Columns ``area_name``, ``sic5``, ``year``, ``indicator``, ``value``; the rows
        of all film and video industries together have ``sic5`` equal to ``Total``.

    Returns
    -------
    DataFrame
        ``year``; ``enterprises`` and ``turnover`` (thousand GBP) of the United
        Kingdom; and the share of London in each, in percent, to one decimal.

    Raises
    ------
    ValueError
        If the regions do not add up to the United Kingdom in some year.
    """
    totals = regional[regional["sic5"] == "Total"]
    wide = totals.pivot(
        index=["indicator", "year"], columns="area_name", values="value"
    )
    apart = wide.drop(columns="UK").sum(axis="columns") - wide["UK"]
    if apart.abs().max() > 0:
        raise ValueError(f"Regions do not add up to the UK: {apart[apart != 0]}")
    share = (wide["London"] / wide["UK"] * 100).round(1)
    columns = {name: wide["UK"][name].astype(int) for name in MEASURES}
    shares = {f"london_share_{name}": share[name] for name in MEASURES}
    return pd.DataFrame(columns | shares).reset_index()


def main() -> None:
    """Read the long CSV file and write the aggregate."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("regional", type=Path, help="long CSV file of the sheet")
    parser.add_argument("to", type=Path, help="file to write")
    chosen = parser.parse_args()
    regional = pd.read_csv(chosen.regional, dtype={"sic5": str})
    aggregate(regional).to_csv(chosen.to, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
