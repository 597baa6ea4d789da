"""Promises and outcomes are rows, and are compared only where they may be."""

import pandas as pd

from creative_clusters.data import load

PAIRS = load("promises_and_outcomes").astype(object).fillna("")


def row(table: str, name: str) -> "pd.Series":
    frame = load(table)
    return frame.set_index(frame.columns[0]).loc[name]


def unit(table: str, name: str) -> str:
    return row(table, name)["unit"]


def test_each_promise_and_outcome_is_a_row_of_its_table() -> None:
    for pair in PAIRS.itertuples():
        assert len(row(pair.promised_in, pair.promise_row))
        if pair.came_in:
            assert len(row(pair.came_in, pair.came_row))


def test_an_outcome_is_named_whole_or_not_at_all() -> None:
    found = PAIRS[["came_in", "came_row", "came_by"]].ne("")
    assert found.nunique(axis=1).eq(1).all()
    assert not found.loc[PAIRS["basis"].eq("none found"), "came_row"].any()
    assert found.loc[
        PAIRS["basis"].isin(["same", "missed", "differs"]), "came_row"
    ].all()


def test_what_is_compared_has_one_unit_and_the_rest_a_reason() -> None:
    same = PAIRS["basis"].eq("same")
    for pair in PAIRS[same].itertuples():
        units = {
            unit(pair.promised_in, pair.promise_row),
            unit(pair.came_in, pair.came_row),
        }
        assert len(units) == 1, pair.promise_row
    assert (PAIRS["why"].eq("") == same).all()
