"""Toronto and the rest of Canada: codes, places, sums, conflicts kept, no persons."""

import re

import pandas as pd
import pytest

from creative_clusters.data import describe, load

AREAS = ["toronto_neighbourhoods", "toronto_traffic_zones"]
PLACED = [*AREAS, "toronto_coworking_spaces", "civictech_venues"]
CIVIC = ["civictech_meetups", "civictech_ties", "civictech_venues"]
CITED = [
    "toronto_hub_facts",
    "canada_cluster_facts",
    "coworking_surveys",
    "canada_province_culture",
]


def value(table: str) -> "pd.Series[float]":
    """Published values by the short name of the fact."""
    return load(table).set_index("fact_id")["value"]


@pytest.mark.parametrize("name", PLACED)
def test_positions_lie_in_toronto(name: str) -> None:
    table = load(name)
    assert table["latitude"].isna().eq(table["longitude"].isna()).all()
    placed = table.dropna(subset="latitude")
    assert placed["latitude"].between(43.58, 43.86).all()
    assert placed["longitude"].between(-79.64, -79.11).all()


@pytest.mark.parametrize("name", ["toronto_coworking_spaces", "civictech_venues"])
def test_a_position_says_how_it_was_found(name: str) -> None:
    table = load(name)
    assert table["latitude"].notna().eq(table["geo_precision"].notna()).all()


def test_neighbourhoods_add_up_to_the_city_of_the_census() -> None:
    table = load("toronto_neighbourhoods")
    assert len(table) == 140
    assert table["population_2011"].sum() == 2615060
    assert table["population_2016"].sum() == 2731571
    assert table["population_2021"].sum() == 2794356


@pytest.mark.parametrize("column", ["fulltime_jobs_2016", "fulltime_workers_2016"])
def test_zones_and_neighbourhoods_agree_on_the_city(column: str) -> None:
    zones, hoods = (load(name)[column].sum() for name in reversed(AREAS))
    assert hoods == pytest.approx(zones, rel=0.001)


def test_income_bands_do_not_exceed_their_whole() -> None:
    table = load("toronto_traffic_zones").dropna(subset="persons_income_known")
    bands = table["persons_income_125k_or_more"] + table["persons_income_under_40k"]
    assert (bands <= table["persons_income_known"]).all()


def test_a_zone_without_workers_has_no_transit_share() -> None:
    table = load("toronto_traffic_zones")
    nobody = table["fulltime_workers_2016"] == 0
    assert nobody.sum() == 74
    assert table["transit_share_of_work_trips"].isna().eq(nobody).all()


def test_nothing_from_foursquare_is_left() -> None:
    spaces = load("toronto_coworking_spaces").set_index("space_id")
    assert "cw48" not in spaces.index
    launchpad = spaces.loc["cw10", ["latitude", "longitude", "neighbourhood_id"]]
    assert launchpad.isna().all()
    columns = {column for name in PLACED for column in load(name).columns}
    assert not [c for c in columns if c.startswith("venues_") or "listed" in c]
    assert not load("sources")["source_id"].str.contains("foursquare").any()


def test_spaces_open_before_they_close() -> None:
    spaces = load("toronto_coworking_spaces").dropna(subset=["opened", "closed"])
    assert len(spaces) >= 3
    for space in spaces.itertuples():
        assert space.opened[:4] <= space.closed[:4], space


def test_closings_that_the_audit_found_are_in() -> None:
    spaces = load("toronto_coworking_spaces").set_index("space_id")
    assert spaces.loc["cw20", "closed"] == "2024-06"
    assert pd.isna(spaces.loc["cw04", "closed"])
    assert "2020-10-26" in spaces.loc["cw04", "flag"]
    further = load("toronto_coworking_further_sources")
    assert {("cw20", "dylmye-2024"), ("cw04", "catchdaflava-2020")} <= set(
        zip(further["space_id"], further["source_id"], strict=True)
    )


@pytest.mark.parametrize("name", ["toronto_hub_facts", "canada_cluster_facts"])
def test_spans_run_forwards_and_shares_can_be(name: str) -> None:
    facts = load(name)
    spans = facts.dropna(subset="date_end")
    assert (spans["date"] < spans["date_end"]).all()
    undated = facts["flag"].fillna("").str.contains("undated")
    assert undated.eq(facts["date"].isna()).all()
    assert facts[facts["unit"].str.startswith("percent")]["value"].between(0, 100).all()
    assert (facts["value"] > 0).all()


def test_public_support_of_mars_adds_up() -> None:
    mars = value("toronto_hub_facts").filter(like="mars_")
    parts = [
        "mars_provincial_construction_loan_2011",
        "mars_buy_out_of_us_developer_2014",
        "mars_debt_service_payments_by_province_2014",
        "mars_land_payment_by_province_2014",
    ]
    before = mars["mars_support_before_credit_line_2014"]
    assert mars[parts].sum() == before
    credit = mars["mars_provincial_line_of_credit_2014_12"]
    assert before + credit == mars["mars_provincial_support_in_total_2015_09"]


def test_known_source_errors_are_flagged_and_kept() -> None:
    facts = load("toronto_hub_facts").set_index("fact_id")
    whole = facts.loc["oneeleven_floor_area_2017"]
    assert (whole["value"], whole["flag"]) == (250000, "counts a wider thing")
    assert facts.loc["oneeleven_floor_area_2020_05", "value"] == 125000
    assert facts.loc["desk_wework_monthly_price_2024", "flag"] == "promotion price"
    clusters = load("canada_cluster_facts").set_index("fact_id")
    ubisoft = clusters.loc["games_quebec_public_investment_in_ubisoft_2005"]
    assert ubisoft["flag"] == "not found again"


def test_provinces_do_not_exceed_canada_in_games() -> None:
    games = value("canada_cluster_facts")
    for what in ("firms_admin_2022", "studios_esac_2024", "employees_esac_2024"):
        parts = [
            games[f"games_{place}_{what}"] for place in ("ontario", "bc", "quebec")
        ]
        assert sum(parts) <= games[f"games_canada_{what}"]


def test_of_the_deskmag_slides_only_headline_counts_are_published() -> None:
    survey = load("coworking_surveys").query("source_id == 'deskmag-2017'")
    assert len(survey) == 14
    assert set(survey["unit"]) == {"spaces", "members"}
    assert survey.query("year >= 2015")["basis"].eq("projection").all()
    assert survey.query("year < 2015")["basis"].eq("estimate").all()


def test_provinces_have_their_codes_and_do_not_exceed_canada() -> None:
    table = load("canada_province_culture")
    assert table.groupby("area")["area_id"].nunique().le(1).all()
    assert set(table[table["area_id"].isna()]["area"]) == {"Average province"}
    shares = table.query("indicator == 'culture GDP share of economy' and year == 2010")
    product = shares.query("perspective == 'product'").set_index("area_id")["value"]
    assert len(product) == 14
    assert product.min() < product["CA"] < product.max()
    levels = table.query("indicator == 'culture GDP' and year == 2017")
    by_area = levels.set_index("area_id")["value"]
    assert by_area.drop("CA").sum() < by_area["CA"]


def test_events_stand_in_order_with_honest_precision() -> None:
    events = load("canada_hub_events")
    assert events["date"].is_monotonic_increasing
    length = events["date_precision"].map({"year": 4, "month": 7, "day": 10})
    assert events["date"].str.len().eq(length).all()
    assert events["value"].notna().eq(events["value_unit"].notna()).all()


@pytest.mark.parametrize("name", CIVIC)
def test_civic_tech_tables_hold_no_persons_and_keep_their_licence(name: str) -> None:
    passport = describe(name)
    assert [item["name"] for item in passport["licenses"]] == ["CC-BY-NC-SA-4.0"]
    assert passport["path"].startswith("civictech/")
    assert "Adapted" in passport["description"]
    cells = map(str, load(name).to_numpy().ravel())
    assert not [cell for cell in cells if re.fullmatch(r"p\d+", cell)]
    if name == "civictech_ties":
        assert set(load(name)["tie"]) == {
            "venue",
            "host organisation",
            "speaker organisation",
        }


def test_civic_tech_hosts_before_and_after_the_pandemic_are_reproduced() -> None:
    meetups = load("civictech_meetups").dropna(subset="venue_id")
    year = meetups["date"].str[:4].astype(int)
    for first, last, venues, herfindahl in [
        (2015, 2019, 48, 0.03),
        (2023, 2026, 15, 0.22),
    ]:
        share = meetups[year.between(first, last)]["venue_id"].value_counts(
            normalize=True
        )
        assert len(share) == venues
        assert (share**2).sum() == pytest.approx(herfindahl, abs=0.005)


def test_civic_tech_ties_say_the_same_as_its_meetups() -> None:
    meetups = load("civictech_meetups")
    held = meetups.dropna(subset="venue_id")
    ties = load("civictech_ties").query("tie == 'venue'")
    assert set(zip(held["meetup_number"], held["venue_id"], strict=True)) == set(
        zip(ties["meetup_number"], ties["node"], strict=True)
    )
    assert (meetups["n_first_time_speakers"] <= meetups["n_speakers"]).all()
    assert meetups["date"].is_monotonic_increasing
    assert pd.to_datetime(meetups["date"]).dt.day_name().eq("Tuesday").all()


@pytest.mark.parametrize("name", CITED)
def test_passport_counts_its_years_rightly(name: str) -> None:
    table, passport = load(name), describe(name)
    kept = [c for c in ("date", "date_end", "year", "year_end") if c in table]
    years = pd.concat([table[c].dropna().astype("str").str[:4] for c in kept])
    assert passport["period"] == f"{years.min()}-{years.max()}"
    assert (passport["from"], passport["to"]) == (int(years.min()), int(years.max()))
