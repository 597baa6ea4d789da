"""Count how many ties of Brazil's film fund stay within one municipality.

The raw file holds fund contracts with producer and partner (ANCINE). It is not
published, for its licence was not seen. What is kept are counts for the whole country
and two shares derived from them. Nothing is drawn at random: the expected share is
the exact mean over all ways to deal the partners out again.
"""

import argparse
import csv
from collections import Counter
from pathlib import Path

HEADER = [
    "fact_id",
    "indicator",
    "kind",
    "value",
    "unit",
    "year_from",
    "year_to",
    "source_id",
    "locator",
    "note",
]
SHARED = {
    "year_from": "2008",
    "year_to": "2020",
    "source_id": "ancine-fsa-2025",
    "locator": "data/2025/ProjetosContratadosFSAeDesembolso.csv",
}


def facts(raw: Path) -> list[dict[str, str]]:
    """Counts of contracts and ties, and shares within one municipality."""
    with raw.open(encoding="utf-8", newline="") as file:
        contracts = list(csv.DictReader(file))
    both = [c for c in contracts if c["producer_id"] and c["partner_id"]]
    ends = [
        (
            (c["producer_state"], c["producer_municipality"]),
            (c["partner_state"], c["partner_municipality"]),
            c["producer_id"] == c["partner_id"],
        )
        for c in both
        if c["producer_municipality"] and c["partner_municipality"]
    ]
    ties = [(home, partner) for home, partner, same in ends if not same]
    within = sum(home == partner for home, partner in ties)
    homes = Counter(home for home, _ in ties)
    partners = Counter(partner for _, partner in ties)
    expected = sum(homes[place] * partners[place] for place in homes) / len(ties) ** 2
    loops = len(ends) - len(ties)
    rows = [
        ("contracts", "Contracts in the file", "counted", len(contracts), ""),
        ("both_named", "Contracts that name producer and partner", "counted", len(both),
         ""),
        ("both_located", "of these, municipality of both known", "counted", len(ends),
         ""),
        ("self_ties", "of these, producer and partner are one firm", "counted", loops,
         "left out of the ties"),
        ("ties", "Ties between two firms with known municipalities", "counted",
         len(ties), "a pair that signed twice counts twice"),
        ("ties_within", "of these, within one municipality", "counted", within, ""),
        ("share_within", "Share of ties within one municipality", "derived",
         round(100 * within / len(ties), 1), "ties_within / ties"),
        ("share_within_with_self_ties",
         "The same share if a firm's ties to itself counted", "derived",
         round(100 * (within + loops) / len(ends), 1),
         "shown because it is the larger figure one meets"),
        ("share_expected",
         "Share expected if the partners were dealt out again at random", "derived",
         round(100 * expected, 1),
         "sum over municipalities of producers' share times partners' share; a firm "
         "may be dealt to itself"),
    ]  # fmt: skip
    return [
        {
            "fact_id": fact_id,
            "indicator": indicator,
            "kind": kind,
            "value": str(value),
            "unit": "count" if kind == "counted" else "percent",
            "note": note,
            **SHARED,
        }
        for fact_id, indicator, kind, value, note in rows
    ]


def main() -> None:
    """Read the raw file's path, write the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw", type=Path, help="fund contracts")
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    rows = facts(arguments.raw)  # all read before anything is written
    with arguments.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
