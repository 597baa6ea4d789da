"""The Americas: claims, line-ups, ZIP codes and totals that can be, and add up."""

from itertools import combinations

import pandas as pd
import pytest

from creative_clusters.data import data_folder, describe, load


def value(name: str) -> "pd.Series[float]":
    """The figures of a table by the name that pages call them."""
    return load(name).set_index(describe(name)["schema"]["primaryKey"])["value"]


@pytest.mark.parametrize("name", ["us_claims_and_outcomes", "south_america_cases"])
def test_dates_are_in_order_and_only_plans_lie_in_the_future(name: str) -> None:
    table = load(name).dropna(subset="date")
    for date in table["date"]:
        assert len(date) in (4, 7, 10)
        pd.Timestamp(date)
    later = table[table["date"] > describe(name)["seen"]]
    assert set(later["kind"]) <= {"target", "promised", "projected", "event"}
    if "date_end" in table:
        spans = table.dropna(subset="date_end")
        assert (spans["date"] < spans["date_end"]).all()


@pytest.mark.parametrize("name", ["us_claims_and_outcomes", "south_america_cases"])
def test_shares_lie_between_nought_and_a_hundred(name: str) -> None:
    table = load(name)
    percent = table[table["unit"].str.startswith("percent", na=False)]
    assert len(percent) > 5
    assert percent["value"].between(0, 100).all()


def test_a_case_without_a_value_is_an_event_or_a_promised_date() -> None:
    table = load("south_america_cases")
    bare = table[table["value"].isna()]
    assert bare["kind"].isin(["event", "promised"]).all()
    assert bare["date"].notna().all()
    assert bare["unit"].isin(["event", "date"]).all()


def test_published_ratios_are_reproduced() -> None:
    us, cases = value("us_claims_and_outcomes"), value("south_america_cases")
    returned = us["louisiana_direct_tax_revenue_returned_audited_2010"]
    share = returned / us["louisiana_tax_credits_issued_2010"]
    assert share == pytest.approx(1 - 0.85, abs=0.015)
    share = us["louisiana_state_revenue_returned_per_dollar_study_2014"]
    assert share == pytest.approx(51 / 222, abs=0.005)
    rate = (
        us["georgia_tax_credits_earned_2016"] / us["georgia_production_spending_2016"]
    )
    assert rate == pytest.approx(0.3, abs=0.01)
    assert us["georgia_jobs_claimed_2016"] == 92_000
    assert us["georgia_jobs_audited_2016"] == 9_130
    working = cases["ba_tecnologico_firms_actually_working"]
    assert cases["ba_tecnologico_firms_listed"] - working == 67


def test_doubtful_rows_are_flagged_and_not_removed() -> None:
    us = load("us_claims_and_outcomes").set_index("source_id")["flag"]
    for source in ("variety-ga-2023", "filmla-soprio-2025", "ca-li-2025"):
        assert us[source].notna().all()
    cases = load("south_america_cases")
    region = cases[cases["source_id"] == "valpo-mercurio-2016"]
    assert len(region) == 3
    assert (region["area_id"] == "cl-valparaiso-region").all()
    assert region["flag"].str.contains("not of the city").all()
    undated = cases[cases["date"].isna()]
    assert undated["flag"].str.contains("undated").all()


def test_incentive_counts_and_dates_are_not_read_as_one_list() -> None:
    counts = value("us_film_incentive_counts")
    ended = counts["states_ended_2009_2018"]
    assert counts["states_2009"] - ended == counts["states_2018"]
    dates = load("us_film_incentive_dates")
    assert dates["area_id"].str.fullmatch(r"fips-\d{2}000").all()
    assert dates["area_id"].nunique() < 10
    assert "film-incentive-coding" not in set(load("sources")["source_id"])


BOXES = {
    "Manhattan": (40.68, 40.88, -74.05, -73.91),
    "Bronx": (40.78, 40.92, -73.94, -73.75),
    "Brooklyn": (40.56, 40.74, -74.05, -73.85),
    "Queens": (40.54, 40.80, -73.97, -73.69),
    "Staten Island": (40.49, 40.66, -74.27, -74.05),
}


def test_zip_codes_lie_in_their_borough() -> None:
    table = load("newyork_arts_businesses").dropna(subset="latitude")
    assert set(table["borough"]) == set(BOXES)
    for row in table.drop_duplicates("area_id").itertuples():
        south, north, west, east = BOXES[row.borough]
        assert south < row.latitude < north, row
        assert west < row.longitude < east, row


def test_arts_businesses_add_up() -> None:
    table, passport = (f("newyork_arts_businesses") for f in (load, describe))
    fields = passport["schema"]["fields"]
    counted = [f["name"] for f in fields if f.get("unit") == "establishments"]
    kinds = [name for name in counted if not name.startswith("establishments")]
    assert len(kinds) == 11
    assert table[kinds].sum(axis=1).eq(table["establishments"]).all()
    small = table["establishments_1_to_4_employees"]
    assert small.le(table["establishments"]).all()
    film = table.groupby("year")["film_video_production"].sum()
    assert (film[2005], film[2015]) == (1210, 1574)


def test_oddities_of_new_york_are_flagged() -> None:
    table = load("newyork_arts_businesses")
    negative = table["arts_nonprofit_revenue"] < 0
    assert negative.sum() == 2
    assert (table["flag"] == "negative revenue in the source").eq(negative).all()
    gaps = " ".join(describe("newyork_arts_businesses")["knownGaps"])
    assert f"{table['latitude'].isna().sum()} rows" in gaps
    begun = table[table["flag"].str.startswith("code first", na=False)]
    for row in begun.groupby("area_id").first().itertuples():
        assert row.flag.endswith(str(row.year))
    assert "state_arts_grants" not in table.columns


def test_line_ups_are_those_the_passport_counts() -> None:
    table, passport = (f("blue_note_line_ups") for f in (load, describe))
    assert f"{table['lineup_id'].nunique():,} line-ups" in passport["description"]
    assert f"{table['musician'].nunique()} musicians" in passport["description"]
    one = table.groupby("lineup_id")[["recorded_year", "tracks", "source_line"]]
    assert one.nunique().eq(1).all(axis=None)
    notice = (data_folder() / "networks/blue_note_line_ups.LICENSE").read_text("utf-8")
    assert notice.startswith("MIT License\n\nCopyright (c) 2022 Xurxo Adrián\n")
    assert "THE SOFTWARE IS PROVIDED" in notice


def test_pairs_of_musicians_are_reproduced() -> None:
    table = load("blue_note_line_ups").query("1955 <= recorded_year <= 1967")
    groups = table.groupby("lineup_id")["musician"]
    met = pd.Series([p for _, g in groups for p in combinations(sorted(g), 2)])
    pairs = met.value_counts()
    assert (groups.ngroups, table["musician"].nunique()) == (669, 484)
    assert len(pairs) == 3798
    assert (pairs > 1).mean() == pytest.approx(0.45, abs=0.005)


def test_states_of_brazil_add_up_to_the_country() -> None:
    table = load("brazil_audiovisual_state_period")
    keys = ["indicator", "year_from"]
    country = table.query("area_id == 'BR'").set_index(keys)["value"]
    states = table.query("area_id != 'BR'").groupby(keys)["value"].sum()
    exact = [k for k in country.index if k[0].endswith(("firms", "projects", "ers"))]
    assert len(exact) == 15
    assert states[exact].eq(country[exact]).all()
    assert states.le(country).all()
    contracts = (country - states)["fund_contracts"].sum()
    gaps = " ".join(describe("brazil_audiovisual_state_period")["knownGaps"])
    assert f"{contracts:.0f} of 3,986 fund contracts" in gaps


def test_money_on_fewer_than_three_projects_is_withheld() -> None:
    table = load("brazil_audiovisual_state_period")
    wide = table.pivot(
        index=["area_id", "year_from"], columns="indicator", values="value"
    )
    for money, count in (
        ("tax_waiver_raised", "tax_waiver_projects"),
        ("fund_contract_value", "fund_contracts"),
    ):
        few = wide[count].lt(3)
        assert few.any()
        assert wide.loc[few.fillna(False), money].isna().all()
    assert table["value"].isna().eq(table["flag"].notna()).all()


def test_fund_ties_agree_with_their_shares_and_with_the_states() -> None:
    ties = value("brazil_film_fund_ties")
    assert ties["both_located"] - ties["self_ties"] == ties["ties"]
    share = 100 * ties["ties_within"] / ties["ties"]
    assert share == pytest.approx(ties["share_within"], abs=0.05)
    assert ties["share_expected"] < ties["share_within"]
    states = load("brazil_audiovisual_state_period")
    for end in ("producers", "partners"):
        rows = states[states["indicator"] == f"fund_ties_of_{end}"]
        assert rows.query("area_id != 'BR'")["value"].sum() == ties["ties"]


def test_national_culture_totals_are_plausible() -> None:
    culture = load("brazil_culture_year")
    wide = culture.pivot(index="year", columns="indicator", values="value")
    assert (wide["micro_firms"] < wide["firms"]).all()
    assert wide["share_of_all_firms"].between(0.02, 0.04).all()
    assert wide["formal_jobs"].dropna().between(5e5, 8e5).all()
    mecenato = wide.dropna(subset="public_funding")
    assert (mecenato["public_funding_mecenato"] <= mecenato["public_funding"]).all()
    assert (mecenato["projects_funded"] <= mecenato["projects_proposed"]).all()
