"""Add Brazil's audiovisual firms, projects and fund contracts up by state and period.

The raw files (register of firms, tax-waiver projects, fund contracts, all of ANCINE)
are not published, for their licence was not seen. What is kept are totals by state
and period. An amount of money that rests on fewer than three projects or contracts is
left out, so that no firm can be read from it.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

STATES = {
    "AC": "Acre",
    "AL": "Alagoas",
    "AM": "Amazonas",
    "AP": "Amapá",
    "BA": "Bahia",
    "CE": "Ceará",
    "DF": "Distrito Federal",
    "ES": "Espírito Santo",
    "GO": "Goiás",
    "MA": "Maranhão",
    "MG": "Minas Gerais",
    "MS": "Mato Grosso do Sul",
    "MT": "Mato Grosso",
    "PA": "Pará",
    "PB": "Paraíba",
    "PE": "Pernambuco",
    "PI": "Piauí",
    "PR": "Paraná",
    "RJ": "Rio de Janeiro",
    "RN": "Rio Grande do Norte",
    "RO": "Rondônia",
    "RR": "Roraima",
    "RS": "Rio Grande do Sul",
    "SC": "Santa Catarina",
    "SE": "Sergipe",
    "SP": "São Paulo",
    "TO": "Tocantins",
}
FOUNDED = [(1985, 1994), (1995, 2004), (2005, 2014), (2015, 2024)]
APPROVED = [(1993, 2002), (2003, 2012), (2013, 2022)]
CALLED = [(2008, 2014), (2015, 2020)]
FEWEST = 3
"""Fewest projects or contracts for which an amount of money is given."""

MONEY_RESTS_ON = {
    "tax_waiver_raised": "tax_waiver_projects",
    "fund_contract_value": "fund_contracts",
}
HEADER = [
    "area_id",
    "area",
    "indicator",
    "year_from",
    "year_to",
    "value",
    "unit",
    "flag",
    "source_id",
    "locator",
]
Key = tuple[str, tuple[int, int], str, str, str]


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Read a CSV file row by row."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def period(year: str, periods: list[tuple[int, int]]) -> tuple[int, int]:
    """Find the period that a year lies in."""
    return next(span for span in periods if span[0] <= int(year) <= span[1])


def is_tie(contract: dict[str, str]) -> bool:
    """Whether a contract joins two different firms whose municipalities are known."""
    return bool(
        contract["producer_municipality"]
        and contract["partner_municipality"]
        and contract["producer_id"] != contract["partner_id"]
    )


def totals(
    agents: Path, projects: Path, contracts: Path
) -> dict[Key, dict[str, float]]:
    """Sums by indicator, period, unit and source, for each state and for Brazil."""
    sums: dict[Key, dict[str, float]] = defaultdict(lambda: defaultdict(float))

    def add(
        indicator: str,
        span: tuple[int, int],
        state: str,
        amount: float,
        row: dict[str, str],
        unit: str = "count",
    ) -> None:
        where = row["locator"].partition(" row ")[0]
        cell = sums[indicator, span, unit, row["source_id"], where]
        cell["BR"] += amount
        if state:
            cell[state] += amount

    for row in rows(agents):
        span, state = period(row["founding_year"], FOUNDED), row["state_code"]
        add("registered_firms", span, state, int(row["registered_agents"]), row)
        independent = int(row["independent_brazilian"])
        add("independent_brazilian_firms", span, state, independent, row)
    for row in rows(projects):
        span, state = period(row["approval_year"], APPROVED), row["state_code"]
        add("tax_waiver_projects", span, state, int(row["projects"]), row)
        add("tax_waiver_raised", span, state, float(row["raised_brl"]), row, "BRL")
    for row in rows(contracts):
        span, state = period(row["call_year"], CALLED), row["producer_state"]
        add("fund_contracts", span, state, 1, row)
        add("fund_contract_value", span, state, float(row["contract_brl"]), row, "BRL")
        if is_tie(row):
            add("fund_ties_of_producers", span, state, 1, row)
            add("fund_ties_of_partners", span, row["partner_state"], 1, row)
    return sums


def table(sums: dict[Key, dict[str, float]]) -> list[dict[str, str]]:
    """One row a state, indicator and period; small amounts of money left out."""
    counts = {(key[0], key[1]): cell for key, cell in sums.items()}
    out = []
    for (indicator, span, unit, source_id, locator), cell in sorted(sums.items()):
        base = counts[MONEY_RESTS_ON.get(indicator, indicator), span]
        for state, amount in sorted(cell.items()):
            hidden = unit == "BRL" and base[state] < FEWEST
            out.append(
                {
                    "area_id": "BR" if state == "BR" else f"BR-{state}",
                    "area": "Brazil" if state == "BR" else STATES[state],
                    "indicator": indicator,
                    "year_from": str(span[0]),
                    "year_to": str(span[1]),
                    "value": "" if hidden else str(round(amount)),
                    "unit": unit,
                    "flag": "withheld: fewer than three" if hidden else "",
                    "source_id": source_id,
                    "locator": locator,
                }
            )
    return out


def main() -> None:
    """Read the raw files' paths, write the totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("agents", type=Path, help="firms by founding year")
    parser.add_argument("projects", type=Path, help="tax-waiver projects")
    parser.add_argument("contracts", type=Path, help="fund contracts")
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    sums = totals(arguments.agents, arguments.projects, arguments.contracts)
    with arguments.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table(sums))


if __name__ == "__main__":
    main()
