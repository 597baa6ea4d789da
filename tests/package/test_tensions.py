"""Behaviour of creative_clusters.tensions, against published examples and sums by hand.

Published: agreement A from the documentation of the R package agrmt (D. Ruedin); the
chart from the NIST/SEMATECH e-Handbook, 6.3.2.2. Second libraries: scipy, statsmodels.
"""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.formula.api import ols

from creative_clusters.tensions import (
    agreement,
    alarm_shares,
    detectable_gap,
    group_gap,
    individuals_chart,
    revisions,
    slip_slope,
)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([30, 40, 210, 130, 530, 50, 10], 0.6113333),  # agrmt, example of agreement()
        ([0, 0, 100, 0, 0], 1),  # one category
        ([100, 0, 0], 1),
        ([20, 20, 20, 20, 20], 0),  # all equally full
        ([50, 0, 0, 0, 50], -1),  # half at each end
        ([50, 0, 50], -1),
        # A block of two in five without a gap: 1 - (2 - 1) / (5 - 1).
        ([0, 10, 10, 0, 0], 0.75),
        ([10, 10, 10, 10, 0], 0.25),
        # Full, empty, full, full in four. Triples in order: 1-0-1, 1-0-1, 1-1-1, 0-1-1:
        # two apart, one together; (2 * 1 - 3 * 2) / (2 * 3) * (1 - 2 / 3).
        ([7, 0, 7, 7], -2 / 9),
    ],
)
def test_agreement_of_known_answers(counts: list[int], expected: float) -> None:
    assert agreement(pd.Series(counts)) == pytest.approx(expected, abs=1e-6)


def by_levels(counts: list[int]) -> float:
    """Independent: cut the bars at each height, weigh each cut by what it holds."""
    total, size = 0.0, len(counts)
    for level in range(max(counts)):
        full = [c > level for c in counts]
        width = sum(full)
        if width == 1:
            total += 1
        if width in (1, size):
            continue
        triples = [
            (full[a], full[b], full[c])
            for c in range(size)
            for b in range(c)
            for a in range(b)
        ]
        good = sum(t in ((1, 1, 0), (0, 1, 1)) for t in triples)
        bad = triples.count((1, 0, 1))
        u = ((size - 2) * good - (size - 1) * bad) / ((size - 2) * (good + bad))
        total += width * u * (1 - (width - 1) / (size - 1))
    return total / sum(counts)


def test_agreement_agrees_with_an_independent_computation() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        counts = rng.integers(0, 12, size=rng.integers(3, 9)).tolist()
        if sum(counts):
            expected = by_levels(counts)
            assert agreement(pd.Series(counts)) == pytest.approx(expected)
            assert agreement(pd.Series(counts[::-1])) == pytest.approx(expected)
            assert agreement(10 * pd.Series(counts)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([3, 4], "has 2 categories: A needs 3"),
        ([3, -4, 1], "category 1 is negative"),
        ([0, 0, 0], "nobody answered"),
        ([3, None, 1], "row 1 holds nan"),
        ([3, "many", 1], "row 1 holds 'many'"),
    ],
)
def test_agreement_refuses(counts: list[object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        agreement(pd.Series(counts))


ITEMS = list("abcdefghijkl")


@pytest.fixture
def items() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"moved": rng.exponential(size=12)}, index=ITEMS)
    frame["named"] = [name in "aceg" for name in ITEMS]
    return frame


def test_gap_worked_by_hand() -> None:
    values = pd.Series([1, 2, 3, 10.0], index=list("abcd"))
    gap = group_gap(values, values > 2)
    # Means 6.5 and 1.5. Gaps of the six splits: 5, 4, -3 and their mirrors.
    assert gap.gap == 5
    assert gap.p_value == pytest.approx(2 / 6)
    assert gap.smallest_p == pytest.approx(2 / 6)
    assert (gap.low, gap.high) == (-math.inf, math.inf)  # no shift can be rejected


def test_gap_agrees_with_scipy_and_its_interval_with_its_p_value(
    items: pd.DataFrame,
) -> None:
    result = group_gap(items["moved"], items["named"])
    inside, rest = (items.loc[items["named"] == k, "moved"] for k in (True, False))
    expected = stats.permutation_test(
        (inside, rest),
        lambda a, b: abs(a.mean() - b.mean()),
        alternative="greater",
        n_resamples=np.inf,
    )
    assert result.p_value == pytest.approx(expected.pvalue)
    assert result.gap == pytest.approx(inside.mean() - rest.mean())
    assert result.smallest_p == 1 / math.comb(12, 4)
    for edge, inwards in ((result.low, 1e-6), (result.high, -1e-6)):
        for step, rejected in ((inwards, False), (-inwards, True)):
            moved = items["moved"] - (edge + step) * items["named"]
            assert (group_gap(moved, items["named"]).p_value <= 0.05) is rejected


def test_gap_of_many_items_is_drawn_and_never_zero() -> None:
    values = pd.Series(np.arange(60.0))
    result = group_gap(values, values >= 30, seed=1)
    assert result.p_value == result.smallest_p == 1e-4
    assert result.gap == 30
    assert 20 < result.low < 30 < result.high < 40


def test_gap_of_equal_values_is_nought(items: pd.DataFrame) -> None:
    result = group_gap(items["moved"] * 0 + 4, items["named"])
    assert result.p_value == 1
    assert (result.low, result.gap, result.high) == pytest.approx((0, 0, 0))


def test_detectable_gap_is_seen_as_often_as_it_says(items: pd.DataFrame) -> None:
    least = detectable_gap(items["moved"], items["named"], simulations=200, seed=4)
    rng = np.random.default_rng(8)
    for factor, seen_in in ((1.01, (0.72, 0.88)), (0.3, (0, 0.4)), (3, (0.99, 1))):
        hits = 0
        for _ in range(200):
            dealt = pd.Series(rng.permutation(items["named"]), items.index)
            lifted = items["moved"] + factor * least * dealt
            hits += group_gap(lifted, dealt).p_value <= 0.05
        assert seen_in[0] <= hits / 200 <= seen_in[1]
    assert detectable_gap(10 * items["moved"], items["named"], seed=4) == pytest.approx(
        10 * detectable_gap(items["moved"], items["named"], seed=4), rel=1e-5
    )


def test_too_few_items_can_detect_nothing() -> None:
    values = pd.Series([1, 2, 3, 10.0])
    assert detectable_gap(values, values > 2, simulations=5) == math.inf
    with pytest.raises(ValueError, match="power=80"):
        detectable_gap(values, values > 2, power=80)


@pytest.mark.parametrize("call", [group_gap, detectable_gap])
def test_wrong_items_are_named(call, items: pd.DataFrame) -> None:
    moved, named = items["moved"], items["named"]
    wrong = {
        "row 'b' holds nan": (moved.where(moved.index != "b"), named),
        "different rows": (moved, named.reset_index(drop=True)),
        "'a' stands twice": (moved.rename({"b": "a"}), named.rename({"b": "a"})),
        "row 'c' holds 'yes'": (moved, named.astype(object).replace({True: "yes"})),
        "0 of 12 rows": (moved, named & False),
        "12 of 12 rows": (moved, named | True),
    }
    wrong["row 'c' holds 'yes'"][1]["a"] = False
    for message, (values, members) in wrong.items():
        with pytest.raises(ValueError, match=message):
            call(values, members)


@pytest.fixture
def announced() -> pd.DataFrame:
    rows = [
        ("hall", 2014.0, 2020),
        ("hall", 2016.0, 2021),
        ("hall", 2020.0, 2021),
        ("studio", 2015.0, 2018),
        ("studio", 2017.5, 2017),
        ("school", 2016.0, 2019),
    ]
    return pd.DataFrame(rows, columns=["building", "said", "opens"])


COLUMNS = ("building", "said", "opens")


def test_revisions_worked_by_hand(announced: pd.DataFrame) -> None:
    table = revisions(announced.sample(frac=1, random_state=1), *COLUMNS)
    assert table["item"].tolist() == ["hall", "studio", "hall"]
    assert table["slip"].tolist() == [1, -1, 0]
    assert table["waited"].tolist() == [2, 2.5, 4]
    assert table["rate"].tolist() == pytest.approx([0.5, -0.4, 0])


def test_slope_agrees_with_statsmodels(announced: pd.DataFrame) -> None:
    extra = pd.DataFrame([("studio", 2019.0, 2021)], columns=announced.columns)
    table = pd.concat([announced, extra], ignore_index=True)
    result = slip_slope(table, *COLUMNS)
    used = table[table["building"] != "school"]
    fit = ols("opens ~ said + C(building)", used).fit()
    assert result.slope == pytest.approx(fit.params["said"])
    low, high = fit.conf_int().loc["said"]
    assert (result.low, result.high) == pytest.approx((low, high))
    slopes = [
        ols("opens ~ said + C(building)", used.drop(index=row)).fit().params["said"]
        for row in used.index
    ]
    assert result.one_left_out_low == pytest.approx(min(slopes))
    assert result.one_left_out_high == pytest.approx(max(slopes))
    assert result.points == 6


@pytest.mark.parametrize(("pace", "slope"), [(0, 0), (1, 1), (0.7, 0.7)])
def test_slope_of_promises_kept_and_put_off(pace: float, slope: float) -> None:
    said = np.array([2014, 2015.5, 2018, 2021])
    table = pd.DataFrame({"item": "hall", "said": said, "due": 2020 + pace * said})
    result = slip_slope(table, "item", "said", "due")
    assert result.slope == pytest.approx(slope, abs=1e-9)
    assert result.low == pytest.approx(result.high, abs=1e-6)


@pytest.mark.parametrize("call", [revisions, slip_slope])
def test_wrong_announcements_are_named(call, announced: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="no column 'due'"):
        call(announced, "building", "said", "due")
    undated = announced.assign(opens=announced["opens"].where(announced.index != 2))
    with pytest.raises(ValueError, match="opens: row 2 holds nan"):
        call(undated, *COLUMNS)
    nameless = announced["building"].where(announced.index != 1)
    with pytest.raises(ValueError, match="row 1 names no item"):
        call(announced.assign(building=nameless), *COLUMNS)
    with pytest.raises(ValueError, match="'hall' is announced twice at 2014"):
        call(pd.concat([announced, announced.iloc[:1]]), *COLUMNS)


def test_too_few_announcements_are_refused(announced: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="no item was announced twice"):
        revisions(announced.drop_duplicates("building"), *COLUMNS)
    with pytest.raises(ValueError, match=r"2 announcements of 1 item"):
        slip_slope(announced.iloc[:2], *COLUMNS)


# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: flow rate of ten batches.
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]


def test_chart_of_the_nist_handbook() -> None:
    chart = individuals_chart(pd.Series(FLOW, index=range(1, 11)), baseline=10)
    line = chart.loc[1]
    assert line["centre"] == pytest.approx(50.81)
    assert line["upper"] == pytest.approx(55.8041, abs=5e-5)
    assert line["lower"] == pytest.approx(45.8159, abs=5e-5)
    assert not chart["outside"].any()
    assert not chart["run"].any()


def test_later_points_do_not_move_the_limits_and_may_lie_outside() -> None:
    chart = individuals_chart(pd.Series([*FLOW, 60.0, 45.0]), baseline=10)
    assert chart["upper"].iloc[0] == pytest.approx(55.8041, abs=5e-5)
    assert chart["outside"].tolist() == [False] * 10 + [True, True]


def test_a_target_replaces_the_mean_and_keeps_the_distance() -> None:
    own = individuals_chart(pd.Series(FLOW), baseline=10)
    aim = individuals_chart(pd.Series(FLOW), baseline=10, centre=40)
    assert (aim["upper"] - 40).tolist() == pytest.approx(own["upper"] - own["centre"])
    assert aim["outside"].sum() == 10
    assert aim["run"].tolist() == [False] * 7 + [True] * 3


@pytest.mark.parametrize(
    ("values", "flags"),
    [
        ([1, 1, 1, 1], [False, False, True, True]),
        ([-1, -2, -1, 1], [False, False, True, False]),
        ([1, 1, 0, 1, 1], [False] * 5),  # a point on the line ends a run
        ([0, 0, 0, 0], [False] * 4),
        ([1, 1, -1, -1, -1], [False] * 4 + [True]),
    ],
)
def test_runs_worked_by_hand(values: list[int], flags: list[bool]) -> None:
    chart = individuals_chart(pd.Series(values), baseline=3, centre=0, run=3)
    assert chart["run"].tolist() == flags


def test_false_alarms_agree_with_theory() -> None:
    # A long baseline knows the limits: 0.27 per cent a point lie outside.
    shares = alarm_shares(2020, 2000, simulations=3000, seed=1)
    assert shares["outside"] == pytest.approx(1 - 0.9973**20, abs=0.012)
    # Eight fair coins in a row: 14 throws hold 2 * (2 ** 6 + 6 * 2 ** 5) / 2 ** 14.
    exact = 2 * (2**6 + 6 * 2**5) / 2**14
    shares = alarm_shares(14, 6, centre=0, simulations=40_000, seed=2)
    assert shares["run"] == pytest.approx(exact, abs=0.004)
    assert shares["either"] <= shares["outside"] + shares["run"]
    assert shares["either"] >= max(shares["outside"], shares["run"])


def test_alarm_shares_agree_with_the_chart_itself() -> None:
    for centre in (None, 0.0):
        shares = alarm_shares(12, 5, centre, 5, 1.0, simulations=60, seed=9)
        series = np.random.default_rng(9).normal(size=(60, 12))
        series[:, 0 if centre is not None else 5 :] += 1
        charts = [
            individuals_chart(pd.Series(one), 5, centre, 5).iloc[5:] for one in series
        ]
        for flag in ("outside", "run"):
            assert shares[flag] == np.mean([chart[flag].any() for chart in charts])


def test_larger_shifts_are_seen_more_often() -> None:
    for centre in (None, 0.0):
        seen = [alarm_shares(14, 6, centre, shift=s)["either"] for s in (0, 1, 2, 4)]
        assert seen == sorted(seen)
        assert seen[0] < 0.3 < 0.95 < seen[-1]


@pytest.mark.parametrize("baseline", [2, 11])
def test_chart_refuses_a_baseline_that_is_none(baseline: int) -> None:
    with pytest.raises(ValueError, match=f"baseline={baseline} of 10 points"):
        individuals_chart(pd.Series(FLOW), baseline)
    with pytest.raises(ValueError, match=f"baseline={baseline} of 10 points"):
        alarm_shares(10, baseline)


def test_chart_refuses_holes_and_no_run() -> None:
    with pytest.raises(ValueError, match="row 1 holds nan"):
        individuals_chart(pd.Series([1, None, 2, 3.0]), 3)
    with pytest.raises(ValueError, match="run=1"):
        individuals_chart(pd.Series(FLOW), 5, run=1)
