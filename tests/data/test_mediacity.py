"""MediaCityUK: dates that can be, in order, and figures that can be."""

import pandas as pd
import pytest

from creative_clusters.data import describe, load

FORMATS = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


def test_dates_of_events_are_as_exact_as_they_say() -> None:
    seen = pd.Timestamp(describe("mediacity_events")["seen"])
    for event in load("mediacity_events").itertuples():
        when = pd.to_datetime(event.date, format=FORMATS[event.date_precision])
        assert when.strftime(FORMATS[event.date_precision]) == event.date
        assert when <= seen, event


def test_events_stand_in_order() -> None:
    assert load("mediacity_events")["date"].is_monotonic_increasing


def test_period_covers_the_events() -> None:
    years = load("mediacity_events")["date"].str[:4]
    assert describe("mediacity_events")["period"] == f"{years.min()}-{years.max()}"


def test_periods_of_figures_are_dates_or_spans() -> None:
    day = r"\d{4}(-(0[1-9]|1[0-2])(-[0-3]\d)?)?"
    periods = load("mediacity_figures")["period"].dropna()
    spans = rf"{day}|[12]\d{{3}}-[12]\d{{3}}|\d{{4}}/\d{{2}}"
    assert list(periods[~periods.str.fullmatch(spans)]) == []
    turned = periods.str.extract(r"^(\d{4})-(\d{4})$").dropna().astype(int)
    assert (turned[0] < turned[1]).all()


def test_figures_are_values_that_can_be() -> None:
    table = load("mediacity_figures").dropna(subset="value")
    below_zero = table[table["value"] < 0]
    assert set(below_zero["unit"]) <= {"degrees east"}
    percent = table[table["unit"] == "percent"]
    shares = percent[~percent["indicator"].str.contains("growth|effect", case=False)]
    assert not shares.empty
    assert shares["value"].between(0, 100).all()


def test_a_figure_without_value_says_why() -> None:
    table = load("mediacity_figures")
    assert table[table["value"].isna()]["note"].notna().all()


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("bbc_recruits_2012", "bbc_staff_2012"),
        ("bbc_recruits_gm_2012", "bbc_recruits_2012"),
    ],
)
def test_a_part_does_not_exceed_its_whole(part: str, whole: str) -> None:
    value = load("mediacity_figures").set_index("figure_id")["value"]
    assert value[part] <= value[whole]
