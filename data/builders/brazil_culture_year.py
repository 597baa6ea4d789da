"""Keep the national totals a year of the atlas of Brazil's cultural economy.

The raw files are a panel of states and chains, without a licence; they are not
published. What is kept are the totals of the whole country, as cited facts.
"""

import argparse
import csv
from pathlib import Path

INDICATORS = {
    "firms": "count",
    "micro_firms": "count",
    "share_of_all_firms": "fraction",
    "value_added_brl_thousand": "BRL thousand",
    "value_added_share_of_gdp": "fraction",
    "public_culture_funding_brl": "BRL",
    "of_which_mecenato_brl": "BRL",
    "projects_proposed": "count",
    "projects_funded": "count",
}
NAMES = {
    "value_added_brl_thousand": "value_added",
    "public_culture_funding_brl": "public_funding",
    "of_which_mecenato_brl": "public_funding_mecenato",
}
HEADER = ["fact_id", "indicator", "year", "value", "unit", "source_id", "locator"]


def fact(
    indicator: str, year: str, value: str, unit: str, row: dict[str, str]
) -> dict[str, str]:
    """Write one national figure with its source; whole numbers as whole numbers."""
    number = float(value)
    return {
        "fact_id": f"{indicator}_{year}",
        "indicator": indicator,
        "year": year,
        "value": str(int(number)) if number.is_integer() else value,
        "unit": unit,
        "source_id": row["source_id"],
        "locator": row["locator"],
    }


def national(atlas: Path, employment: Path) -> list[dict[str, str]]:
    """Totals of all chains for Brazil, and formal jobs, a row a figure and year."""
    facts = []
    with atlas.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["state_code"] == "BR" and row["chain_id"] == "0":
                facts += [
                    fact(NAMES.get(name, name), row["year"], row[name], unit, row)
                    for name, unit in INDICATORS.items()
                    if row[name]
                ]
    with employment.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["breakdown"] == "sector" and row["label"] == "Total":
                facts.append(
                    fact("formal_jobs", row["year"], row["employment"], "jobs", row)
                )
    return sorted(facts, key=lambda item: (item["indicator"], item["year"]))


def main() -> None:
    """Read the raw files' paths, write the national totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("atlas", type=Path, help="brazil_culture_state_chain_year.csv")
    parser.add_argument("employment", type=Path, help="brazil_culture_employment_year")
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    rows = national(
        arguments.atlas, arguments.employment
    )  # all read before anything is written
    with arguments.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
