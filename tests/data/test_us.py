"""The United States: whole panels, quotients recomputed, known errors named."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from creative_clusters.data import data_folder, describe, load

PANELS = {
    "us_area_film_qcew_year": None,
    "us_state_film_qcew_quarter": 53,
    "us_state_sector_qcew": 51,
    "us_state_sector_cbp": 51,
    "us_metro_sector_cbp_2019": 113,
    "us_metro_firm_age_2016": 50,
    "us_metro_self_employed_2017": 112,
    "us_state_business_dynamics": 47,
    "us_state_artists_2015_2019": 53,
    "us_area_creative_occupations_2025": None,
}
TERRITORIES = ["Puerto Rico", "Virgin Islands"]


@pytest.mark.parametrize("name", PANELS)
def test_areas_have_one_code_and_codes_one_area(name: str) -> None:
    table = load(name)
    kinds = ["area_type"] if "area_type" in table else []
    assert table.groupby("area_id")["area"].nunique().eq(1).all()
    assert table.groupby(["area", *kinds])["area_id"].nunique().eq(1).all()
    assert table["area_id"].str.fullmatch(r"US|fips-\d{5}|cbsa-(\d{5}|all)").all()
    assert PANELS[name] in (None, table["area_id"].nunique())


@pytest.mark.parametrize("name", PANELS)
def test_codes_of_industries_stay_text(name: str) -> None:
    codes = load(name).filter(["naics", "occupation_code"])
    assert (codes.dtypes == "str").all()
    if "naics" in codes and "metro" in name:
        assert "00" in set(codes["naics"])  # a number would have lost its zero


@pytest.mark.parametrize("name", PANELS)
def test_passport_covers_the_years_in_the_table(name: str) -> None:
    table, passport = load(name), describe(name)
    if "year" in table:
        assert (table["year"].min(), table["year"].max()) == (
            passport["from"],
            passport["to"],
        )
    assert str(passport["to"]) in passport["period"]


def test_film_years_are_made_from_the_quarters() -> None:
    years = load("us_area_film_qcew_year").query("area_type == 'state'")
    quarters = load("us_state_film_qcew_quarter")
    quarters["pay"] = quarters["employment"] * quarters["weekly_wage_usd"]
    by_year = quarters.groupby(["area_id", "year"]).agg(
        jobs=("employment", "mean"),
        shown=("employment", "count"),
        lq=("employment_lq", "mean"),
        pay=("pay", "sum"),
        weight=("employment", "sum"),
    )
    both = years.set_index(["area_id", "year"]).join(by_year, validate="1:1")
    assert len(both) == len(by_year)
    assert (both["quarters_disclosed"] == both["shown"]).all()
    assert (both["employment"] - both["jobs"]).abs().max() < 0.1
    assert (both["employment_lq"] - both["lq"]).abs().max() < 0.001
    weighted = both["pay"] / both["weight"]
    assert (both["weekly_wage_usd"] - weighted).abs().max() <= 0.5


def test_suppressed_film_cells_are_empty_and_flagged() -> None:
    table = load("us_area_film_qcew_year")
    hidden = table["quarters_disclosed"] == 0
    assert (table["employment"].isna() == hidden).all()
    assert (table["quarters_disclosed"] <= table["quarters_in_file"]).all()
    assert (table["flag"].isna() == table["quarters_disclosed"].eq(4)).all()
    zero = table[table["employment"] == 0]
    assert list(zero["area"]) == ["Clayton County, Georgia"]
    assert zero["flag"].str.startswith("zero").all()


def test_states_add_up_to_the_nation_of_film_workers() -> None:
    table = load("us_area_film_qcew_year")
    states = table[table["area_type"].eq("state") & ~table["area"].isin(TERRITORIES)]
    total = states.groupby("year")["employment"].sum()
    nation = table.query("area_id == 'US'").set_index("year")["employment"]
    ratio = total / nation  # suppressed states are small
    assert ratio.between(0.995, 1.001).all(), ratio


def test_strike_quarter_is_as_the_audit_found_it() -> None:
    table = load("us_state_film_qcew_quarter").query("quarter == 3")
    jobs = table.pivot(index="area", columns="year", values="employment")
    change = (100 * (jobs[2023] / jobs[2022] - 1)).round()
    audited = {"Louisiana": -73, "New Mexico": -64, "Georgia": -55}
    audited |= {"California": -42, "New York": -39, "Texas": -3}
    assert change[list(audited)].to_dict() == audited


def test_qcew_quotients_are_reproduced_where_no_state_is_hidden() -> None:
    table = load("us_state_sector_qcew")
    whole = table.groupby(["naics", "year"])["employment"].transform("count").eq(51)
    nation = table.groupby(["naics", "year"])["employment"].transform("sum")
    every = table[table["naics"] == "10"].set_index(["area_id", "year"])
    keys = pd.MultiIndex.from_frame(table[["area_id", "year"]])
    local = table["employment"] / every["employment"].reindex(keys).to_numpy()
    total = every.groupby("year")["employment"].sum().reindex(table["year"]).to_numpy()
    private = every["employment_lq"].reindex(keys).to_numpy()
    own = local / (nation / total) * private
    off = (own - table["employment_lq"])[whole].abs()
    assert whole.sum() > 500
    # Both quotients are rounded to two decimals.
    assert (off <= 0.006 + 0.006 * own[whole]).all(), off.max()


def test_suppressed_jobs_of_business_patterns_keep_their_class() -> None:
    table = load("us_state_sector_cbp")
    hidden = table["employment"].isna()
    assert hidden.mean() == pytest.approx(0.14, abs=0.005)
    assert (table["employment_class"].notna() == hidden).all()
    assert (table["noise"].notna() == table["year"].ge(2007)).all()
    withheld = table["noise"].str.contains("withheld", na=False)
    assert hidden[withheld].all()
    assert not hidden[table["year"].ge(2007) & ~withheld].any()


@pytest.mark.parametrize("column", ["employment", "establishments"])
def test_parts_of_a_sector_never_exceed_it(column: str) -> None:
    wide = load("us_state_sector_cbp").pivot(
        index=["area_id", "year"], columns="naics", values=column
    )
    parts = ["5111", "5112", "5121", "5122", "5151"]
    pairs = [("5121", "51211"), ("total", "51"), *(("51", part) for part in parts)]
    for whole, part in pairs:
        assert not (wide[part] > wide[whole]).any(), (whole, part)
    metro = load("us_metro_sector_cbp_2019")
    wide = metro.pivot(index="area_id", columns="naics", values=column)
    for whole, part in [("5121", "512110"), ("00", "51"), ("51", "5121")]:
        assert not (wide[part] > wide[whole]).any(), (whole, part)


def test_salt_lake_city_is_kept_and_flagged() -> None:
    table = load("us_metro_sector_cbp_2019").set_index(["area_id", "naics"])
    assert table.loc[("cbsa-41620", "5121"), "employment"] == 8202
    assert table.loc[("cbsa-41620", "512110"), "employment"] == 263
    doubtful = table["flag"].str.startswith("doubtful", na=False)
    assert set(table.index[doubtful]) == {
        ("cbsa-41620", "5121"),
        ("cbsa-41620", "512110"),
    }
    film = load("us_area_film_qcew_year").query("area_id == 'fips-49035'")
    assert 1400 < film.query("year == 2019")["employment"].item() < 1600


def test_age_bands_add_up_to_all_firms() -> None:
    table = load("us_metro_firm_age_2016")
    wide = table.pivot(
        index=["area_id", "naics"], columns="firm_age", values="employer_firms"
    )
    off = wide.drop(columns="all").sum(axis=1) / wide["all"] - 1
    assert off.abs().max() < 0.01
    assert (table["rse_firms_pct"].gt(50) == table["flag"].str[:3].eq("low")).all()


def test_sectors_of_the_self_employed_stay_within_the_total() -> None:
    wide = load("us_metro_self_employed_2017").pivot(
        index=["area_id", "legal_form"], columns="naics", values="nonemployer_firms"
    )
    assert (wide[["51", "54", "71"]].sum(axis=1) < wide["00"]).all()
    assert wide["00"].notna().all()


def test_entry_and_exit_rates_are_reproduced() -> None:
    table = load("us_state_business_dynamics")
    entered, exited = table["establishments_entered"], table["establishments_exited"]
    base = table["establishments"] - (entered - exited) / 2
    assert (100 * entered / base - table["entry_rate_pct"]).abs().max() < 0.001
    assert (100 * exited / base - table["exit_rate_pct"]).abs().max() < 0.001


def test_states_of_business_dynamics_match_another_count_of_jobs() -> None:
    """The copy's names are wrong; with ours the jobs agree, with its names not."""
    patterns = load("us_state_sector_cbp").query("naics == 'total'")
    jobs = patterns.set_index(["area", "year"])["employment"]
    table = load("us_state_business_dynamics").query("2000 <= year <= 2011")

    def gap(names: str) -> "pd.Series[float]":
        keys = pd.MultiIndex.from_frame(table[[names, "year"]])
        there = jobs.reindex(keys).to_numpy()
        ratio = np.log(table["employment_base"] / there).abs()
        return ratio.groupby(table["area"]).max()

    assert gap("area").max() < 0.08, gap("area").nlargest(5)
    assert gap("state_in_copy").gt(0.12).sum() >= 40
    assert table.query("label_corrected")["area"].nunique() == 45
    assert (table["label_corrected"] == table["area"].ne(table["state_in_copy"])).all()


def test_artists_add_up_and_their_quotients_are_reproduced() -> None:
    table = load("us_state_artists_2015_2019")
    counts = table.pivot(index="area", columns="artist_type", values="artists")
    parts = counts.drop(columns="All artists")
    full = parts.notna().all(axis=1)
    assert (parts.sum(axis=1) == counts["All artists"])[full].all()
    nation = table.query("area_id == 'US'").set_index("artist_type")
    share = table["artists"] / table["labour_force"]
    base = nation["artists"] / nation["labour_force"]
    own = share / base.reindex(table["artist_type"]).to_numpy()
    assert (own - table["published_lq"]).abs().max() < 0.001


def test_occupation_quotients_are_reproduced_and_errors_are_there() -> None:
    table = load("us_area_creative_occupations_2025")
    assert not table["occupation_code"].str.startswith("27-202").any()
    nation = table.query("area_id == 'US'").set_index("occupation_code")["employment"]
    share = 1000 * nation / nation["00-0000"]
    own = table["jobs_per_1000"] / share.reindex(table["occupation_code"]).to_numpy()
    # Jobs per 1,000 come with three decimals, the quotient with two.
    slack = 0.006 + 0.0006 / share.reindex(table["occupation_code"]).to_numpy()
    off = (own - table["published_lq"]).abs()
    assert (off.fillna(0) <= slack + 0.005 * own.fillna(0)).all()
    assert (table["employment"].isna() == table["employment_rse_pct"].isna()).all()
    assert (table["employment"].isna() == table["flag"].notna()).all()
    actors = table.query("area_id == 'cbsa-31080' and occupation_code == '27-2011'")
    assert actors["published_lq"].item() == pytest.approx(11, abs=0.5)
    assert actors["employment_rse_pct"].item() == pytest.approx(39, abs=1)


def test_no_table_joins_the_two_counts_of_film_jobs_in_silence() -> None:
    for name in PANELS:
        fields = [field["name"] for field in describe(name)["schema"]["fields"]]
        if "film" in name or ("cbp" in name and "naics" in fields):
            assert "to be joined in levels" in " ".join(describe(name)["knownGaps"])


def test_each_area_is_a_place() -> None:
    places = Path(__file__).parents[1] / "places.csv"
    if not places.is_file():
        places = data_folder() / "places.csv"
    with places.open(encoding="utf-8", newline="") as file:
        known = [row["place_id"] for row in csv.DictReader(file)]
    assert len(known) == len(set(known))
    areas = {area for name in PANELS for area in load(name)["area_id"]}
    assert areas <= set(known)
