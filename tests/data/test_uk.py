"""The United Kingdom and the printed volume: sums, survivors, ties, dates, doubts."""

import pandas as pd
import pytest

from creative_clusters.data import describe, load

JOBS = "uk_itl2_creative_jobs"
VALUE_ADDED = "uk_creative_gva_2010_2016"
INDUSTRIES = "uk_industry_business_demography"
AREAS = "uk_area_business_demography"
TOTALS = ["all_industries", "creative_industries"]
OWN = [JOBS, VALUE_ADDED, INDUSTRIES, AREAS, "uk_film_firms", "uk_arts_council_total"]


def nine_sub_sectors() -> list[str]:
    columns = load(VALUE_ADDED).columns.drop(["year", *TOTALS])
    assert len(columns) == 9
    return list(columns)


@pytest.mark.parametrize(("name", "rounding"), [(JOBS, 0), (VALUE_ADDED, 0.25)])
def test_sub_sectors_add_up_to_the_creative_industries(
    name: str, rounding: float
) -> None:
    table = load(name)
    gap = table[nine_sub_sectors()].sum(axis=1) - table["creative_industries"]
    assert gap.abs().max() <= rounding


def test_no_part_of_the_jobs_exceeds_its_whole() -> None:
    table = load(JOBS)
    assert (table["tv_radio"] <= table["film_tv_radio_photo"]).all()
    assert (table["creative_industries"] < table["all_industries"]).all()


def test_jobs_are_rounded_to_five_and_the_passport_says_so() -> None:
    jobs = load(JOBS).drop(columns=["area_id", "area", "year"])
    assert jobs.mod(5).eq(0).all(axis=None)
    assert "rounded to five" in " ".join(describe(JOBS)["knownGaps"])


def test_creative_shares_of_jobs_are_those_first_read() -> None:
    table = load(JOBS).query("year == 2021").set_index("area")
    share = table["creative_industries"] / table["all_industries"] * 100
    assert share.agg(["min", "median", "max"]).round(1).tolist() == [1.4, 3.0, 13.0]
    assert share["Greater Manchester"] == pytest.approx(3.9, abs=0.05)


def test_value_added_of_2016_is_the_92_billion_quoted_at_the_time() -> None:
    table = load(VALUE_ADDED).set_index("year")
    assert round(table["creative_industries"][2016] / 1000) == 92


@pytest.mark.parametrize("name", [JOBS, AREAS])
def test_areas_keep_one_name_and_have_each_year_once(name: str) -> None:
    table = load(name)
    assert not table.duplicated(["area_id", "year"]).any()
    assert table.groupby("area_id")["area"].nunique().eq(1).all()
    assert table.groupby("area")["area_id"].nunique().eq(1).all()
    assert f" {table['area_id'].nunique()} areas" in describe(name)["title"]


def test_firms_by_area_are_those_of_the_value_added_table() -> None:
    named = [load(n)[["area_id", "area"]] for n in (AREAS, "uk_area_gva")]
    firms, value_added = (set(t.itertuples(index=False, name=None)) for t in named)
    assert firms == value_added


def test_only_reformed_authorities_lack_years_and_all_are_named() -> None:
    years = load(AREAS).groupby("area")["year"].agg(["size", "max"])
    late = years[years["size"] < 6]
    assert len(late) == 7
    assert late["max"].eq(2024).all()
    gaps = " ".join(describe(AREAS)["knownGaps"])
    assert all(area.split()[-1] in gaps for area in late.index)


@pytest.mark.parametrize("name", [INDUSTRIES, AREAS])
def test_survivors_become_fewer_and_never_exceed_the_born(name: str) -> None:
    table = load(name)
    order = ["births", *(c for c in table if c.startswith("survivors"))]
    assert len(order) >= 4
    steps = table[order].astype("Float64").diff(axis=1).iloc[:, 1:]
    assert not (steps > 0).fillna(False).any(axis=None)
    # A cohort's survivors are known for as many years as have passed, and no more.
    for column in order[1:]:
        passed = table["year"] + int(column[-2]) <= 2024
        assert (table[column].notna() == passed).all(), column


def test_five_year_survival_is_that_first_read() -> None:
    born = load(INDUSTRIES).query("year == 2019").set_index("industry_id")
    survival = (born["survivors_5y"] / born["births"] * 100).astype(float).round()
    read = {"591": 49, "900": 50, "742": 53, "561": 39, "620": 35, "all": 38}
    assert survival[list(read)].to_dict() == read


def test_industries_are_parts_of_all_and_broad_ones_are_marked() -> None:
    table = load(INDUSTRIES)
    whole = table.query("industry_id == 'all'").set_index("year")
    parts = table.query("industry_id != 'all'").groupby("year")
    for column in ("births", "deaths", "active", "high_growth"):
        assert (parts[column].sum() < whole[column]).all()
    by_group = table.groupby("group")["industry_id"].agg(set)
    assert by_group["broader than creative"] == {"620", "702", "711"}
    assert by_group.map(len).to_dict() == {
        "all": 1,
        "broader than creative": 3,
        "comparison": 5,
        "creative": 12,
    }


def test_london_books_a_larger_share_of_turnover_than_of_film_firms() -> None:
    table = load("uk_film_firms")
    assert (table["london_share_turnover"] > table["london_share_enterprises"]).all()
    fall = table.set_index("year")["turnover"].diff()
    assert fall[2022] < 0
    assert "2022" in " ".join(describe("uk_film_firms")["knownGaps"])


def test_arts_awards_peak_in_the_pandemic_and_hold_no_single_place() -> None:
    table = load("uk_arts_council_total").set_index("fiscal_year")["awards"]
    assert table.idxmax() == "2020/21"
    assert table["2020/21"] > 2 * table["2019/20"]
    years = table.index.str.split("/")
    assert all(int(start[2:]) + 1 == int(end) for start, end in years)
    assert table.index.is_unique


def test_six_organisations_join_more_than_one_cluster() -> None:
    ties = load("cicp_partners")
    clusters = ties.groupby("organisation")["cluster_id"].nunique()
    assert len(clusters) == 134
    assert clusters[clusters > 1].sort_values(ascending=False).to_dict() == {
        "BBC": 6,
        "Sony": 3,
        "British Fashion Council": 2,
        "British Film Institute": 2,
        "Scottish Funding Council": 2,
        "University of Leeds": 2,
    }
    assert ties.groupby("organisation")["partner_type"].nunique().eq(1).all()


def test_each_cluster_is_led_by_the_university_it_names() -> None:
    ties = load("cicp_partners").query("role == 'lead'")
    led = ties.set_index("cluster_id")["organisation"]
    clusters = load("cicp_clusters").set_index("cluster_id")
    assert led.to_dict() == clusters["lead_university"].to_dict()
    without_scope = clusters["funding_scope"].isna()
    assert (clusters["funding"].isna() == without_scope).all()


def test_outcomes_that_contradict_each_other_stand_side_by_side_and_flagged() -> None:
    table = load("cicp_outcomes").set_index("figure_id")
    jobs = table[table.index.str.startswith("creative_informatics_jobs_")]
    assert sorted(jobs["value"]) == [429, 445, 455]
    assert jobs["flag"].eq("sources disagree").all()
    assert jobs["source_id"].is_unique
    copied = table[table["source_id"] == "chitty-repost"]
    assert copied["flag"].eq("doubtful copy").all()
    assert len(copied) == 2
    known = set(load("cicp_clusters")["cluster_id"])
    assert set(table["cluster_id"].dropna()) == known


def test_bids_become_fewer_from_stage_to_stage() -> None:
    value = load("cicp_outcomes").set_index("figure_id")["value"]
    stages = ["statements_of_intent", "shortlisted_proposals", "partnerships_funded"]
    funnel = [value[f"programme_{stage}"] for stage in stages]
    assert funnel == sorted(funnel, reverse=True)
    assert funnel[-1] == len(load("cicp_clusters"))


@pytest.mark.parametrize("name", ["research_events", "research_figures"])
def test_dates_can_be_and_end_after_they_begin(name: str) -> None:
    table = load(name)
    seen = describe(name)["seen"]
    for column in ("date", "date_end"):
        dates = table[column].dropna()
        assert pd.to_datetime(dates, format="ISO8601").le(pd.Timestamp(seen)).all()
    spans = table.dropna(subset="date_end")
    assert (spans["date"] < spans["date_end"]).all()
    assert len(spans) >= 2


def test_events_of_the_research_stand_in_order_and_are_as_exact_as_they_say() -> None:
    table = load("research_events")
    assert table["date"].is_monotonic_increasing
    exact = table["date"].str.len().map({4: "year", 7: "month", 10: "day"})
    assert (exact == table["date_precision"]).all()


def test_the_promise_of_2007_reads_alike_in_both_tables() -> None:
    promise = load("mediacity_figures").set_index("figure_id")
    here = load("research_figures").set_index("figure_id")
    ours, theirs = (
        here.loc["mediacityuk_value_added_promised_2007"],
        promise.loc["value_added_promised_2007"],
    )
    assert theirs["unit"] == "GBP million"
    assert ours["unit"] == "GBP"
    assert ours["value"] == theirs["value"] * 1e6
    for row in (ours, theirs):
        assert "to the British economy" in row["indicator"]
        assert row["stance"] == "planned"


def test_employees_in_brussels_fell_while_firms_of_one_rose() -> None:
    table = load("research_figures").query("topic == 'mediapark.brussels'")
    workers = table[table["indicator"].str.contains("media workers")]
    by = workers.assign(year=workers["date"].str[:4]).pivot_table(
        index="year", columns="indicator", values="value"
    )
    employees = by["media workers"] - by["self-employed media workers"]
    assert employees["2015"] - employees["2011"] == -1365


def test_weak_figures_are_left_out_or_flagged() -> None:
    table = load("research_figures")
    assert not table["source_id"].str.contains("postsen").any()
    flags = table.set_index("figure_id")["flag"]
    assert flags["wales_turnover_as_share_of_welsh_gdp_as_stated_2022"] == (
        "not a share of value added"
    )
    sizes = table[table["flag"] == "parts add up to 101"]
    assert sizes["value"].sum() == 101


def test_what_is_unknown_of_the_printed_volume_is_empty() -> None:
    table = load("printed_chapters").set_index("chapter_id")
    for column in ("title", "number"):
        unknown = table[f"{column}_certainty"] == "unknown"
        assert (table[column].isna() == unknown).all(), column
    # Chapter 1 stands before Part A: its place is known, and it has no section.
    authors = table["authors_certainty"] == "unknown"
    assert (table["authors"].isna() == authors).all()
    numbers = table["number"].dropna().tolist()
    assert numbers == list(range(1, len(numbers) + 1))
    assert table.loc[table["kind"] != "chapter", "title"].isna().all()


def test_each_row_on_the_printed_volume_has_its_sources() -> None:
    chapters = load("printed_chapters")[["chapter_id", "source_id"]]
    listed = load("printed_chapter_sources")[["chapter_id", "source_id"]]
    pairs = set(listed.itertuples(index=False, name=None))
    assert set(chapters.itertuples(index=False, name=None)) <= pairs
    assert {chapter for chapter, _ in pairs} == set(chapters["chapter_id"])


def test_concepts_of_a_list_are_counted_without_a_gap() -> None:
    lists = load("research_concepts").groupby(["frame", "year"])["position"]
    assert all(list(places) == list(range(1, len(places) + 1)) for _, places in lists)
    counts = load("research_figures").set_index("figure_id")["value"]
    assert (
        lists.size()["media cluster types", 2017]
        == counts["typology_cluster_types_2017"]
    )


@pytest.mark.parametrize("name", OWN)
def test_passport_says_which_years_are_there(name: str) -> None:
    table, passport = load(name), describe(name)
    years = table["year"] if "year" in table else table["fiscal_year"].str[:4]
    years = years.astype(int)
    last = passport["to"] - ("fiscal_year" in table)
    assert (passport["from"], last) == (years.min(), years.max())
