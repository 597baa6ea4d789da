"""Behaviour of creative_clusters.entrepreneurship, against a second way each."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from creative_clusters.entrepreneurship import (
    cohort_survival,
    log_growth,
    period_survival,
    rank_correlation,
    reversal_noise,
    smallest_detectable_correlation,
    survey_reliability,
)

AGES = {age: f"after {age}" for age in range(1, 6)}

# ONS, Business demography 2012, table 4: firms born in the United Kingdom in 2007, and
# the rates it publishes. The counts are those of StatsWales, from the same register.
BORN_2007 = [280_730, 267_850, 227_790, 176_910, 145_985, 125_205]
RATES_2007 = [95.4, 81.1, 63.0, 52.0, 44.6]


def cohorts(rows: list[list[object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["industry", "born in", "births", *AGES.values()])


def published() -> pd.DataFrame:
    return cohorts([["all", 2007, *BORN_2007]])


def survive(table: pd.DataFrame) -> pd.DataFrame:
    return cohort_survival(table, ["industry", "born in"], "births", AGES)


def test_survival_agrees_with_the_published_rates() -> None:
    result = survive(published())
    assert result["age"].tolist() == [0, 1, 2, 3, 4, 5]
    assert (100 * result["share"]).round(1).tolist() == [100.0, *RATES_2007]


def test_intervals_agree_with_scipy() -> None:
    table = cohorts(
        [["film", 2019, 40, 39, 33, 26, 22, 19], ["arts", 2019, 9, 9, 7, 3, 1, 0]]
    )
    for row in survive(table).itertuples():
        test = stats.binomtest(int(row.alive), int(row.born))
        low, high = test.proportion_ci(method="wilson")
        assert (row.low, row.high) == pytest.approx((low, high), abs=1e-9)


def test_an_age_that_has_not_come_yields_no_row() -> None:
    table = cohorts([["film", 2021, 100, 95, 80, None, None, None]])
    result = survive(table)
    assert result["age"].tolist() == [0, 1, 2]
    assert result["born"].tolist() == [100, 100, 100]


def staircase() -> pd.DataFrame:
    """Five cohorts as they stand in 2024; only the diagonal of 2024 is used."""
    rows = []
    for age, (before, after) in enumerate(
        [(200, 188), (150, 120), (90, 66), (70, 58), (64, 51)], start=1
    ):
        counts = [300.0] * age + [after] + [None] * (5 - age)
        counts[age - 1] = before
        counts[:age] = [max(c, before) for c in counts[: age - 1]] + [before]
        rows.append(["film", 2024 - age, *counts])
    return cohorts(rows)


def test_period_survival_agrees_with_the_product_limit_of_statsmodels() -> None:
    result = period_survival(
        staircase(), "industry", "born in", "births", AGES, 2024, level=0.9
    )
    entry, time, closed = [], [], []
    for age, (before, after) in enumerate(
        [(200, 188), (150, 120), (90, 66), (70, 58), (64, 51)], start=1
    ):
        entry += [age - 1] * before
        time += [age] * before
        closed += [1] * (before - after) + [0] * after
    other = SurvfuncRight(time, closed, entry=np.array(entry) + 0.5)
    assert result["share"].to_numpy() == pytest.approx(other.surv_prob)
    # Greenwood's standard error, put on the log-log scale by hand.
    share, error = other.surv_prob, other.surv_prob_se
    reach = stats.norm.ppf(0.95) * error / (share * -np.log(share))
    assert result["low"].to_numpy() == pytest.approx(share ** np.exp(reach))
    assert result["high"].to_numpy() == pytest.approx(share ** np.exp(-reach))


def test_period_survival_asks_for_the_whole_diagonal() -> None:
    with pytest.raises(ValueError, match=r"born in 2022 are not counted in 2023"):
        period_survival(
            staircase().drop(index=1), "industry", "born in", "births", AGES, 2023
        )
    with pytest.raises(ValueError, match=r"ages \[1, 3\]: give 1, 2, 3"):
        period_survival(
            staircase(),
            "industry",
            "born in",
            "births",
            {1: "after 1", 3: "after 3"},
            24,
        )


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("births", 0, "0 births"),
        ("births", None, "no number in column 'births'"),
        ("after 2", -5, "-5 at the lowest"),
        ("after 1", 280_735, "more firms at age 1 than before"),
        ("after 3", 230_000, "more firms at age 3 than before"),
    ],
)
def test_impossible_cohorts_are_refused(column, value, message) -> None:
    table = published().astype({"births": object, column: object})
    table.loc[0, column] = value
    with pytest.raises(ValueError, match=message):
        survive(table)


def test_doubled_cohorts_and_missing_columns_are_named() -> None:
    with pytest.raises(ValueError, match="all, 2007 stands twice"):
        survive(pd.concat([published(), published()]))
    with pytest.raises(ValueError, match="no column 'after 4'"):
        survive(published().drop(columns="after 4"))
    with pytest.raises(ValueError, match="give ages of 1 and more"):
        cohort_survival(published(), ["industry"], "births", {0: "births"})
    with pytest.raises(ValueError, match="no rows"):
        survive(published().iloc[:0])


def places(n: int, rho: float, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n)
    return pd.DataFrame({"x": x, "y": np.exp(y)})  # ranks do not mind the exp


def test_correlation_and_its_interval_agree_with_scipy() -> None:
    table = places(60, 0.5)
    result = rank_correlation(table, "x", "y", draws=1999)
    theirs = stats.spearmanr(table["x"], table["y"])
    assert result.rho == pytest.approx(theirs.statistic)
    other = stats.bootstrap(
        (table["x"], table["y"]),
        lambda a, b: stats.spearmanr(a, b).statistic,
        paired=True,
        vectorized=False,
        n_resamples=1999,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert (result.low, result.high) == pytest.approx(tuple(other), abs=0.03)
    # And against the formula of Bonett and Wright (2000).
    reach = 1.96 * np.sqrt((1 + result.rho**2 / 2) / 57)
    formula = np.tanh(np.arctanh(result.rho) + reach * np.array([-1, 1]))
    assert (result.low, result.high) == pytest.approx(tuple(formula), abs=0.06)


def test_bootstrap_is_that_of_samples_written_out_ties_and_all() -> None:
    table = places(30, 0.4).round(0)
    result = rank_correlation(table, "x", "y", draws=20, seed=3)
    rows = np.random.default_rng(3).integers(0, 30, (20, 30))
    x, y = table["x"].to_numpy(), table["y"].to_numpy()
    expected = [stats.spearmanr(x[chosen], y[chosen]).statistic for chosen in rows]
    assert result.draws.tolist() == pytest.approx(expected)


def test_p_value_agrees_with_scipy_and_is_never_zero() -> None:
    table = places(25, 0.35, seed=8)
    result = rank_correlation(table, "x", "y", draws=3999)
    theirs = stats.spearmanr(table["x"], table["y"]).pvalue
    assert result.p_value == pytest.approx(theirs, abs=0.02)
    assert rank_correlation(places(60, 0.95), "x", "y", draws=99).p_value == 0.01


def test_p_values_are_uniform_when_nothing_is_there() -> None:
    found = [
        rank_correlation(places(12, 0, seed), "x", "y", draws=99).p_value
        for seed in range(200)
    ]
    assert np.mean(np.array(found) <= 0.1) == pytest.approx(0.1, abs=0.06)


def test_partial_correlation_agrees_with_the_textbook_formula() -> None:
    table = places(80, 0.2, seed=3)
    table["z"] = table["x"] + np.random.default_rng(4).normal(size=80)
    table["y"] = np.log(table["y"]) + table["z"]
    ranks = table.rank().corr()
    xy, xz, yz = ranks.loc["x", "y"], ranks.loc["x", "z"], ranks.loc["y", "z"]
    expected = (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
    result = rank_correlation(table, "x", "y", given="z", draws=99)
    assert result.rho == pytest.approx(expected)
    assert result.rho < xy


def grouped(effect: float, seed: int = 2) -> pd.DataFrame:
    """Twenty groups of eight that differ in level; a shared swing within each."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(20), 8)
    x = rng.normal(size=160) + 5 * group
    slope = effect + rng.normal(0, 0.5, 20)[group]  # the link differs by group
    y = slope * (x - 5 * group) + rng.normal(size=160) - 9 * group
    return pd.DataFrame({"x": x, "y": y, "group": group.astype(str)})


def test_within_groups_levels_do_not_count() -> None:
    table = grouped(0.6)
    assert rank_correlation(table, "x", "y", draws=9).rho < -0.9
    result = rank_correlation(table, "x", "y", within="group", draws=99)
    centred = table[["x", "y"]] - table.groupby("group")[["x", "y"]].transform("mean")
    assert result.rho == pytest.approx(stats.spearmanr(*centred.to_numpy().T).statistic)
    assert result.rho > 0.2


def test_whole_groups_are_drawn() -> None:
    # Where groups differ in their link, drawing single places is too sure of itself.
    table = grouped(0.0)
    clustered = rank_correlation(table, "x", "y", within="group", draws=499)
    centred = table[["x", "y"]] - table.groupby("group")[["x", "y"]].transform("mean")
    single = rank_correlation(centred, "x", "y", draws=499)
    assert clustered.rho == pytest.approx(single.rho)
    assert clustered.draws.std() > 1.15 * single.draws.std()


def test_groups_of_one_are_left_out() -> None:
    table = grouped(0.6)
    lonely = pd.DataFrame({"x": [1e6], "y": [1e6], "group": ["alone"]})
    with_it = pd.concat([table, lonely], ignore_index=True)
    result = rank_correlation(with_it, "x", "y", within="group", draws=99)
    assert result.n == 160
    assert result.rho == rank_correlation(table, "x", "y", within="group", draws=9).rho


def test_correlations_refuse_bad_tables() -> None:
    table = places(20, 0.5)
    with pytest.raises(ValueError, match="no column 'density'"):
        rank_correlation(table, "density", "y")
    with pytest.raises(ValueError, match="'x' does not vary"):
        rank_correlation(table.assign(x=1.0), "x", "y")
    with pytest.raises(ValueError, match="3 rows"):
        rank_correlation(table.head(3), "x", "y")
    with pytest.raises(ValueError, match="in 1 groups"):
        rank_correlation(table.assign(country="BE"), "x", "y", within="country")
    with pytest.raises(ValueError, match="'country' is missing"):
        rank_correlation(table, "x", "y", within="country")
    table.loc[7, "y"] = np.nan
    with pytest.raises(ValueError, match="column 'y', row 7"):
        rank_correlation(table, "x", "y")


@pytest.mark.parametrize("n", [20, 50, 150])
def test_smallest_detectable_is_seen_as_often_as_promised(n: int) -> None:
    target = smallest_detectable_correlation(n, power=0.8)
    rng = np.random.default_rng(n)
    rho = 2 * np.sin(np.pi * target / 6)  # the normal correlation with that Spearman
    x = rng.normal(size=(1500, n))
    y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=(1500, n))
    a, b = stats.rankdata(x, axis=1), stats.rankdata(y, axis=1)
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    seen = (a * b).sum(1) / np.sqrt((a**2).sum(1) * (b**2).sum(1))
    t = seen * np.sqrt((n - 2) / (1 - seen**2))
    power = np.mean(2 * stats.t.sf(np.abs(t), n - 2) <= 0.05)
    assert power == pytest.approx(0.8, abs=0.045)


def test_smallest_detectable_by_hand_and_at_the_edges() -> None:
    # power one half: the mark itself, tanh(1.96 / sqrt(47)) at n = 50
    mark = smallest_detectable_correlation(50, power=0.5)
    assert mark == pytest.approx(np.tanh(1.959964 / np.sqrt(47)), abs=1e-6)
    with pytest.raises(ValueError, match="n=4"):
        smallest_detectable_correlation(4)
    with pytest.raises(ValueError, match=r"power=80: give a share"):
        smallest_detectable_correlation(50, power=80)


def test_reliability_recovers_the_known_share() -> None:
    rng = np.random.default_rng(6)
    truth, error = rng.normal(0, 3, 4000), np.full(4000, 2.0)
    seen = pd.Series(truth + rng.normal(0, error))
    assert survey_reliability(seen, pd.Series(error)) == pytest.approx(9 / 13, abs=0.03)
    noise_only = pd.Series(rng.normal(0, error))
    assert survey_reliability(noise_only, pd.Series(error)) == pytest.approx(
        0, abs=0.07
    )


def test_reliability_refuses() -> None:
    seen = pd.Series([1.0, 2.0, 4.0])
    for errors, message in [
        (pd.Series([1.0, 1.0]), "one error an estimate"),
        (pd.Series([1.0, -1.0, 1.0]), "negative"),
        (pd.Series([1.0, np.nan, 1.0]), "'standard_errors', row 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            survey_reliability(seen, errors)
    with pytest.raises(ValueError, match="do not vary"):
        survey_reliability(seen * 0, seen)


def test_growth_is_between_means() -> None:
    panel = pd.DataFrame(
        {2014: [10, 8], 2015: [14, 8], 2018: [20, 4], 2019: [28, np.nan]}, ["a", "b"]
    )
    growth = log_growth(panel, [2014, 2015], [2018, 2019])
    assert growth["a"] == pytest.approx(np.log(2))
    assert np.isnan(growth["b"])
    with pytest.raises(ValueError, match="no period 2016"):
        log_growth(panel, [2016], [2019])
    with pytest.raises(ValueError, match="separate periods"):
        log_growth(panel, [2014, 2015], [2015, 2018])
    with pytest.raises(ValueError, match="'b' has a value of zero"):
        log_growth(panel.replace(4, 0), [2014], [2018])


def test_noise_is_recovered_from_reversals() -> None:
    rng = np.random.default_rng(9)
    trend = rng.normal(0, 0.05, (3000, 6)).cumsum(axis=1)
    noise = rng.normal(0, 0.11, (3000, 6))
    assert reversal_noise(pd.DataFrame(trend + noise), 1) == pytest.approx(
        0.11, rel=0.05
    )
    assert reversal_noise(pd.DataFrame(trend + noise), 2) == pytest.approx(
        0.11, rel=0.05
    )
    assert reversal_noise(pd.DataFrame(trend), 2) < 0.02
    # Noise that is shared by neighbouring periods is seen from two steps on only.
    lasting = noise + np.roll(noise, 1, axis=1)
    true = 0.11 * np.sqrt(2)
    assert reversal_noise(pd.DataFrame(lasting[:, 1:]), 1) < 0.8 * true
    assert reversal_noise(pd.DataFrame(lasting[:, 1:]), 2) == pytest.approx(
        true, rel=0.05
    )
    with pytest.raises(ValueError, match="give three places and 5 periods"):
        reversal_noise(pd.DataFrame(trend[:, :4]), 2)
