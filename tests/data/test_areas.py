"""Value added by area: every year there, parts that add up, nothing impossible."""

import pandas as pd
import pytest

from creative_clusters.data import describe, load

NAMES = ["uk_area_gva", "uk_itl3_gva_2024_vintage"]
MONEY = "GBP million"


def money(name: str) -> pd.DataFrame:
    """The columns of a table that hold money at current prices."""
    fields = describe(name)["schema"]["fields"]
    current = [f["name"] for f in fields if f.get("unit") == f"{MONEY}, current prices"]
    assert "all_industries" in current
    return load(name)[current]


@pytest.mark.parametrize("name", NAMES)
def test_totals_are_positive_and_no_industry_exceeds_them(name: str) -> None:
    table = money(name)
    assert (table["all_industries"] > 0).all()
    assert (table.fillna(0) >= 0).all(axis=None)
    assert (table.fillna(0).le(table["all_industries"], axis=0)).all(axis=None)


@pytest.mark.parametrize("name", NAMES)
def test_industries_add_up_to_their_section(name: str) -> None:
    table = money(name).dropna()
    parts = table["publishing_film_tv_broadcasting"] + table["telecoms_it"]
    # Each figure is rounded to a million by itself.
    assert (table["information_communication"] - parts).abs().max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_each_area_has_each_year_once(name: str) -> None:
    table = load(name)
    by_area = table.groupby("area_id")["year"].agg(["nunique", "size"])
    assert (by_area == table["year"].nunique()).all(axis=None)
    assert table.groupby("area_id")["area"].nunique().eq(1).all()
    assert table.groupby("area")["area_id"].nunique().eq(1).all()


@pytest.mark.parametrize("name", NAMES)
def test_passport_counts_areas_and_years_rightly(name: str) -> None:
    table, passport = load(name), describe(name)
    assert f" {table['area_id'].nunique()} areas" in passport["title"]
    years = sorted(table["year"].unique())
    listed = ", ".join(map(str, years))
    assert passport["period"] in (listed, f"{years[0]}-{years[-1]}")


def test_greater_manchester_has_its_ten_boroughs_and_no_other() -> None:
    table = load("uk_area_gva")
    assert table.groupby("area")["greater_manchester"].nunique().eq(1).all()
    marked = table.query("greater_manchester")
    boroughs = "Bolton Bury Manchester Oldham Rochdale Salford Stockport Tameside "
    assert set(marked["area"]) == set((boroughs + "Trafford Wigan").split())


def test_areas_were_chosen_by_the_rule_the_passport_gives() -> None:
    table = load("uk_area_gva").query("year == 2010")
    small = table.query("all_industries < 3000 and not greater_manchester")
    assert list(small["area"]) == []


def test_gaps_are_those_the_passport_admits() -> None:
    table = load("uk_area_gva")
    with_gaps = table[table.isna().any(axis=1)]
    assert with_gaps["area"].nunique() == 1
    assert "One area has no figures" in " ".join(describe("uk_area_gva")["knownGaps"])
    assert not load("uk_itl3_gva_2024_vintage").isna().any(axis=None)
