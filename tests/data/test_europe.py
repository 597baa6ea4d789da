"""The European tables: regions, cities, mediapark, Warsaw, Mannheim, Leipzig."""

import pandas as pd
import pytest

from creative_clusters.data import describe, fact, load, tables

FACTS = [
    "mediapark_promises",
    "mediapark_events",
    "mediapark_network",
    "brussels_media_sector",
    "warsaw_poland_facts",
    "germany_cases",
    "germany_creative_sector",
    "cccm_facts",
    "poland_ppp_totals",
]
BOXES = {  # latitude and longitude, generously
    "BE001C": (50.7, 51.0, 4.2, 4.6),
    "DE001C": (52.3, 52.7, 13.0, 13.8),
    "DE008C": (51.2, 51.5, 12.2, 12.6),
    "PL001C": (52.0, 52.4, 20.8, 21.3),
}


def indexed(name: str) -> pd.DataFrame:
    """A table by its primary key."""
    return load(name).set_index(describe(name)["schema"]["primaryKey"])


def test_regions_add_up_to_their_country() -> None:
    jobs = load("eu_region_cultural_jobs")
    regions = jobs[jobs.nuts_level.gt(0)].groupby(["country", "year"]).cultural_jobs
    whole = regions.sum()[regions.count() == regions.size()]
    country = jobs[jobs.nuts_level.eq(0)].set_index(["country", "year"]).cultural_jobs
    ratio = (whole / country).dropna()
    assert len(ratio) > 200
    france = ratio.xs("FR", level="country")
    assert france.between(0.975, 0.99).all()  # its regions overseas are missing
    assert ratio.drop("FR", level="country").between(0.99, 1.01).all()


def test_breaks_and_low_reliability_are_flagged() -> None:
    jobs = load("eu_region_cultural_jobs")
    flags = jobs["flag"].fillna("")
    assert jobs.series_break.equals(flags.str.contains("b"))
    assert jobs.low_reliability.equals(flags.str.contains("u"))
    assert jobs[jobs.year.eq(2021)].series_break.mean() > 0.7
    sectors = load("eu_region_sector_jobs")
    assert sectors[sectors.year.eq(2008)].series_break.mean() > 0.85
    assert sectors[sectors.year.eq(2012)].series_break.sum() == 0


def test_share_and_jobs_imply_the_same_employment_as_the_country() -> None:
    jobs = load("eu_region_cultural_jobs").dropna(subset=["cultural_jobs"])
    total = jobs.cultural_jobs / jobs.cultural_share * 100
    germany = total[jobs.area_id.eq("DE") & jobs.year.eq(2019)].item()
    assert 38_000 < germany < 45_000  # thousand people in work
    assert jobs.cultural_share.between(0.1, 20).all()


def test_sectors_never_exceed_all_sectors() -> None:
    table = load("eu_region_sector_jobs")
    columns = list(table.columns)
    parts = table[columns[4 : columns.index("all_sectors")]]
    assert parts.shape[1] == 10
    gap = table.all_sectors - parts.sum(axis=1)
    assert (gap >= -0.5).all()  # rounding of ten figures
    share = (gap / table.all_sectors)[parts.notna().all(axis=1)]
    assert (share < 0.125).all()


def test_retired_codes_stop_in_2009() -> None:
    table = load("eu_region_sector_jobs")
    last = table.groupby("area_id").year.max()
    assert (last == 2009).sum() == 17
    assert table.gdp[table.year.eq(2015)].isna().all()


def test_codes_are_well_formed_and_known() -> None:
    jobs = load("eu_region_cultural_jobs")
    cities = load("eu_city_regions")
    known = cities.panel_area_id.dropna()
    assert len(known) == 630
    assert set(known) <= set(jobs.area_id[jobs.nuts_level.gt(0)])
    assert set(load("eu_city_culture").area_id) == set(cities.area_id)
    assert set(load("eu_case_city_series").area_id) <= set(cities.area_id)
    for table in (jobs, cities, load("eu_region_sector_jobs")):
        prefix = table.area_id.str[:2].replace({"UK": "GB", "EL": "GR"})
        assert (prefix == table.country).all()


def test_cities_lie_where_they_are() -> None:
    cities = indexed("eu_city_regions")
    for area_id, (south, north, west, east) in BOXES.items():
        city = cities.loc[area_id]
        assert south < city.latitude < north
        assert west < city.longitude < east
    near = cities[~cities.overseas].dropna(subset=["latitude"])
    assert near.latitude.between(34, 72).all()
    assert near.longitude.between(-12, 35).all()
    assert cities.overseas.sum() == 8
    assert cities.loc["PT004C", "doubt"] == "centre at sea"


def test_known_source_errors_are_kept_and_flagged() -> None:
    culture = indexed("eu_city_culture")
    beds = culture.loc[("UK008C", "tourist_beds_per_1000")]
    assert (beds.value, beds.doubt) == (13211, "source error")
    series = indexed("eu_case_city_series").loc["UK008C"].loc["tourist_bed_places"]
    wrong = series[series.doubt.eq("source error")]
    assert list(wrong.index) == [2013, 2014]
    assert wrong.value.gt(6e6).all()
    assert series.drop(wrong.index).value.lt(1e5).all()


def test_every_doubtful_city_value_is_named() -> None:
    table = load("eu_city_culture")
    doubt = table.doubt.fillna("")
    assert doubt[table.value.eq(0)].isin(["zero", "contradiction"]).all()
    assert (doubt.eq("zero") & table.value.ne(0)).sum() == 0
    cars = table.indicator.eq("cars_per_1000") & table.value.gt(1000)
    assert doubt[cars].eq("implausible").all()
    wide = table[doubt.eq("")].pivot(
        index="area_id", columns="indicator", values="value"
    )
    nights = wide.tourist_nights_per_resident * 1000 / wide.tourist_beds_per_1000
    assert nights.dropna().between(20, 366).all()


def test_only_the_implied_population_is_derived() -> None:
    table = load("eu_city_culture")
    assert table.derived.equals(table.indicator.eq("implied_population"))
    assert table.derived.equals(table.indicator_code.isna())
    assert "derived" in describe("eu_city_culture")["description"]


@pytest.mark.parametrize("name", FACTS)
def test_every_fact_has_a_source_and_a_locator(name: str) -> None:
    table = load(name)
    assert table.locator.notna().all()
    assert set(table.source_id) <= set(load("sources").source_id)


@pytest.mark.parametrize(
    "name", ["mediapark_promises", "mediapark_events", "warsaw_poland_facts"]
)
def test_dates_are_dates_in_order(name: str) -> None:
    table = load(name)
    pd.to_datetime(table.date.dropna(), format="ISO8601")
    length = {"day": 10, "month": 7, "year": 4}
    exact = table[table.date_precision.isin(length)]
    assert (exact.date.str.len() == exact.date_precision.map(length)).all()
    if "date_end" in table:
        assert (table.date_end >= table.date)[table.date_end.notna()].all()


def test_promised_ranges_run_upwards_and_openings_only_slip() -> None:
    promises = load("mediapark_promises")
    ranges = promises.dropna(subset=["value_high"])
    assert (ranges.value_high > ranges.value).all()
    for item in ("Frame opening", "RTBF opening", "VRT opening"):
        opening = promises[promises["item"].eq(item)].sort_values("date")
        assert opening.value.is_monotonic_increasing
        assert opening.value.between(2020, 2027).all()


def test_conflicts_at_mediapark_are_flagged() -> None:
    promises = indexed("mediapark_promises")
    frame = promises[promises["item"].eq("Frame cost")]
    assert frame["flag"].eq("basis differs").all()
    assert frame.note.str.contains("no like-for-like overrun").all()
    assert "55 000" in promises.loc["vrt_building_area_2021_06", "note"]
    assert "44 000" in promises.loc["rtbf_building_area_2020_02", "note"]


def test_network_has_no_loop_and_no_double_tie() -> None:
    ties = load("mediapark_network")
    assert ties.actor_a.ne(ties.actor_b).all()
    pairs = [
        (*sorted(pair), layer)
        for *pair, layer in ties[["actor_a", "actor_b", "layer"]].itertuples(
            index=False
        )
    ]
    assert len(set(pairs)) == len(pairs) == 59
    assert len({*ties.actor_a, *ties.actor_b}) == 49
    assert (ties.to_year >= ties.from_year)[ties.to_year.notna()].all()


def test_brussels_media_figures_agree_and_the_misprint_is_out() -> None:
    value = indexed("brussels_media_sector").value
    employees = value["media_employees_2015"] + value["media_self_employed_2015"]
    assert employees == value["media_workers_2015"]
    media = value["media_net_value_added_2014"]
    region = value["net_value_added_of_the_whole_regional_economy_2014"]
    share = value["media_share_of_regional_net_value_added_2014"]
    assert round(media / region * 100, 1) == share == 2.4
    country = value["belgium_media_net_value_added_2014"]
    assert round(media / country * 100) == 39
    assert not value.eq(1.4).any()


def test_published_sums_of_the_cases() -> None:
    warsaw = indexed("warsaw_poland_facts").value
    planned = warsaw[["zpr_planned_social", "zpr_planned_culture"]].sum()
    planned += warsaw[["zpr_planned_exclusion", "zpr_planned_participation"]].sum()
    assert planned == 1373  # the page's heading says 1.4 billion
    germany = load("germany_creative_sector")
    parts = germany[germany.definition.str.contains("sub-sector")]
    assert parts.value.sum() == 17539
    total = germany.set_index("figure_id").value["berlin_turnover_2006"] * 1000
    assert 0.98 < parts.value.sum() / total < 1


def test_polish_partnerships_are_totals_only() -> None:
    table = indexed("poland_ppp_totals")
    assert len(table) == 5
    assert table.value["contracts"] / table.value["procedures"] < 0.6
    assert fact("poland_ppp_totals.procedures")[0] == "598"
    assert "poland_ppp_voivodeship" not in tables()
