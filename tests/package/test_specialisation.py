"""Behaviour of creative_clusters.specialisation, against published and hand sums."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import entropy, t, zscore
from statsmodels.api import OLS, add_constant

from creative_clusters.data import load
from creative_clusters.specialisation import (
    adjusted_rand,
    average_stability,
    concentration,
    dissimilarity,
    group_spread,
    left_out_forecasts,
    location_quotient,
    neighbour_forecasts,
    rank_intervals,
    skill,
    skill_interval,
    standardised,
    type_stability,
    types,
    year_draws,
)

PLACES = ["a", "b", "c", "d", "e", "f"]


def one_quotient(**changes: float) -> pd.DataFrame:
    """60 of 1 000 jobs here, 30 000 of a million in the nation: 6 over 3 per cent."""
    row = {
        "jobs": 60,
        "all_jobs": 1000,
        "nation_jobs": 30_000,
        "nation_all_jobs": 1_000_000,
        "rse": 0.1,
        "nation_rse": 0.02,
    }
    return pd.DataFrame([row | changes], index=["here"])


def test_quotient_worked_by_hand() -> None:
    found = location_quotient(one_quotient()).loc["here"]
    assert found["lq"] == pytest.approx(2)
    # A place that is 0.2 % of the nation: errors of place and nation all but add up.
    assert found["rse"] == pytest.approx(np.hypot(0.1, 0.02), rel=0.002)
    assert found["low"] == pytest.approx(2 * np.exp(-1.96 * found["rse"]), rel=1e-4)
    assert found["high"] == pytest.approx(2 * np.exp(1.96 * found["rse"]), rel=1e-4)


def test_error_of_a_place_that_is_half_the_nation_by_simulation() -> None:
    rng = np.random.default_rng(3)
    here = 500 * np.exp(0.05 * rng.standard_normal(40_000))
    rest = 500 * np.exp(0.03 * rng.standard_normal(40_000))
    simulated = np.log(here / (here + rest)).std()
    nation_rse = np.hypot(500 * 0.05, 500 * 0.03) / 1000
    table = one_quotient(jobs=500, nation_jobs=1000, rse=0.05, nation_rse=nation_rse)
    assert location_quotient(table)["rse"].item() == pytest.approx(simulated, rel=0.02)
    assert simulated < 0.05  # adding the two errors would say 0.058


def test_a_wider_level_gives_a_wider_interval_and_rounding_no_negative_rest() -> None:
    table = one_quotient(jobs=900, nation_jobs=1000, rse=0.2, nation_rse=0.1)
    # 0.9 of the nation with 20 per cent error cannot leave the nation 10: taken as 0.
    narrow, wide = location_quotient(table), location_quotient(table, 0.999)
    assert narrow["rse"].item() == pytest.approx(0.1 * 0.2)
    assert wide["high"].item() > narrow["high"].item()


def test_quotients_agree_with_the_bureau_of_labor_statistics() -> None:
    table = load("us_area_creative_occupations_2025")
    nation = table[table["area_type"] == "country"].set_index("occupation_code")
    metros = table[table["area_type"] == "metro"].dropna(subset=["employment"])
    whole = metros[metros["occupation_code"] == "00-0000"].set_index("area_id")
    parts = metros[metros["occupation_code"] != "00-0000"].reset_index(drop=True)
    code = parts["occupation_code"]
    found = location_quotient(
        pd.DataFrame(
            {
                "jobs": parts["employment"],
                "all_jobs": parts["area_id"].map(whole["employment"]),
                "nation_jobs": code.map(nation["employment"]),
                "nation_all_jobs": nation.loc["00-0000", "employment"],
                "rse": parts["employment_rse_pct"] / 100,
                "nation_rse": code.map(nation["employment_rse_pct"]) / 100,
            }
        )
    )
    assert len(found) > 4000
    # Published jobs are rounded to 10, published quotients to two places.
    jobs = parts["employment"].astype(float)
    slack = 0.006 + found["lq"] * (5.5 / jobs + 0.002)
    assert ((found["lq"] - parts["published_lq"]).abs() <= slack).all()


def test_quotients_agree_with_the_national_endowment_for_the_arts() -> None:
    table = load("us_state_artists_2015_2019")
    nation = table[table["area_id"] == "US"].set_index("artist_type")
    states = table[(table["area_id"] != "US") & table["artists"].gt(0)]
    states = states.dropna(subset=["published_lq"]).reset_index(drop=True)
    found = location_quotient(
        pd.DataFrame(
            {
                "jobs": states["artists"],
                "all_jobs": states["labour_force"],
                "nation_jobs": states["artist_type"].map(nation["artists"]),
                "nation_all_jobs": nation["labour_force"].iloc[0],
                "rse": 0.0,
                "nation_rse": 0.0,
            }
        )
    )
    assert len(found) > 600
    slack = 0.0051 + found["lq"] * 5 / states["artists"].astype(float)
    assert ((found["lq"] - states["published_lq"]).abs() <= slack).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"jobs": np.nan}, "column 'jobs', row 'here': nan"),
        ({"jobs": 0}, "column 'jobs', row 'here': 0"),
        ({"rse": -0.1}, "column 'rse', row 'here'"),
        ({"nation_rse": np.inf}, "column 'nation_rse'"),
        ({"jobs": 1001}, "'jobs' is larger than 'all_jobs'"),
        ({"nation_jobs": 50}, "'jobs' is larger than 'nation_jobs'"),
        ({"nation_all_jobs": 900}, "'all_jobs' is larger than 'nation_all_jobs'"),
    ],
)
def test_wrong_counts_are_refused(changes, message) -> None:
    with pytest.raises(ValueError, match=message):
        location_quotient(one_quotient(**changes))


def test_quotient_without_a_column_or_with_an_odd_level_is_refused() -> None:
    with pytest.raises(ValueError, match="no column 'rse'"):
        location_quotient(one_quotient().drop(columns="rse"))
    with pytest.raises(ValueError, match="level=95"):
        location_quotient(one_quotient(), 95)


@pytest.fixture
def shares() -> pd.DataFrame:
    """Six places, four classes, rows that add up to one."""
    values = np.random.default_rng(5).dirichlet(np.ones(4), size=6)
    return pd.DataFrame(values, index=PLACES, columns=list("wxyz"))


def test_dissimilarity_agrees_with_scipy(shares) -> None:
    expected = cdist(shares, shares, "cityblock") / 2
    np.testing.assert_allclose(dissimilarity(shares), expected, atol=1e-12)
    # What is left to one is a class of its own: leaving a column out changes nothing.
    np.testing.assert_allclose(
        dissimilarity(shares[["w", "x", "y"]]), expected, atol=1e-12
    )


def test_missing_share_joins_the_rest_of_both_places() -> None:
    shares = pd.DataFrame(
        {"x": [0.5, 0.2, 0.5], "y": [0.3, np.nan, 0.1]}, index=["a", "b", "c"]
    )
    found = dissimilarity(shares)
    # Without y, a and b leave 0.5 and 0.8 to the rest: 0.3 would have to move.
    assert found.loc["a", "b"] == pytest.approx(0.3)
    assert found.loc["a", "c"] == pytest.approx(0.2)
    assert np.diag(found).tolist() == [0, 0, 0]


def test_suppression_never_adds_a_difference(shares) -> None:
    full = dissimilarity(shares)
    holed = shares.mask(np.random.default_rng(6).random(shares.shape) < 0.3)
    assert (dissimilarity(holed) <= full + 1e-12).all(axis=None)
    assert (dissimilarity(holed) < full - 1e-6).any(axis=None)


def test_dissimilarity_refuses(shares) -> None:
    with pytest.raises(ValueError, match="'c' add up to more than 1"):
        dissimilarity(shares.mul([1, 1, 2, 1, 1, 1], axis=0))
    with pytest.raises(ValueError, match="negative number in column 'w'"):
        dissimilarity(shares.assign(w=-shares["w"]))
    with pytest.raises(ValueError, match="row 'a' twice"):
        dissimilarity(pd.concat([shares, shares.iloc[:1]]))
    with pytest.raises(ValueError, match=r"2 row\(s\)"):
        dissimilarity(shares.iloc[:2])


def test_group_spread_agrees_with_all_possible_groups(shares) -> None:
    apart = dissimilarity(shares)
    group = ["a", "c", "d"]
    every = {
        trio: np.mean([apart.loc[p, q] for p, q in combinations(trio, 2)])
        for trio in combinations(PLACES, 3)
    }
    own = every["a", "c", "d"]
    found = group_spread(apart, group, draws=4000, seed=1)
    assert found.within == pytest.approx(own)
    assert found.others == pytest.approx(every["b", "e", "f"])
    assert found.drawn.mean() == pytest.approx(np.mean(list(every.values())), abs=0.01)
    below = np.mean([value <= own + 1e-12 for value in every.values()])
    above = np.mean([value >= own - 1e-12 for value in every.values()])
    assert found.p_alike == pytest.approx(below, abs=0.03)
    assert found.p_unlike == pytest.approx(above, abs=0.03)
    assert group_spread(apart, group, 50, 2).p_alike >= 1 / 51


@pytest.mark.parametrize(
    ("group", "message"),
    [
        (["a", "Leeds"], "'Leeds'"),
        (["a"], "1 names for 1 of 6"),
        (["a", "a", "b"], "3 names for 2 of 6"),
        (["a", "b", "c", "d", "e"], "at least two others"),
    ],
)
def test_group_spread_refuses(shares, group, message) -> None:
    with pytest.raises(ValueError, match=message):
        group_spread(dissimilarity(shares), group, 10, 1)


def clouds(distance: float) -> pd.DataFrame:
    """Three clouds of ten places each, so far apart in units of their own spread."""
    rng = np.random.default_rng(8)
    centres = np.repeat([[0.0, 0], [1, 0], [0, 1]], 10, axis=0) * distance
    points = centres + rng.standard_normal((30, 2))
    return pd.DataFrame(points, index=[f"p{i}" for i in range(30)])


def test_planted_types_are_found_and_come_back() -> None:
    planted = pd.Series(np.repeat([1, 2, 3], 10), index=clouds(20).index)
    assert adjusted_rand(types(clouds(20), 3), planted) == 1
    assert type_stability(clouds(20), 3, 40, 1).tolist() == [1, 1, 1]
    one_cloud = type_stability(clouds(0), 3, 40, 1)
    assert one_cloud.max() < 0.9
    assert one_cloud.index.tolist() == [1, 2, 3]


def test_type_stability_agrees_with_sets_counted_one_by_one() -> None:
    points, draws, seed = clouds(2), 25, 11
    kinds = types(points, 3)
    rng, found = np.random.default_rng(seed), {1: [], 2: [], 3: []}
    for _ in range(draws):
        sample = points.iloc[np.unique(rng.integers(30, size=30))]
        again = types(sample, 3)
        for kind in found:
            old = set(kinds.index[kinds == kind]) & set(sample.index)
            news = [set(again.index[again == k]) for k in (1, 2, 3)]
            if old:
                found[kind].append(max(len(old & n) / len(old | n) for n in news))
    expected = [np.mean(values) for values in found.values()]
    assert type_stability(points, 3, draws, seed).tolist() == pytest.approx(expected)
    assert 0.4 < min(expected) < max(expected) < 1


def test_average_stability_weighs_each_type_by_its_places() -> None:
    points = clouds(2)
    found = average_stability(points, [2, 3, 5], 25, 11)
    for count in (2, 3, 5):
        each = type_stability(points, count, 25, 11)
        assert found[count] == pytest.approx(types(points, count).map(each).mean())


def test_types_refuse() -> None:
    twins = pd.DataFrame([[0.0], [0], [1], [1]], index=list("abcd"))
    with pytest.raises(ValueError, match="only 2 groups differ"):
        types(twins, 3)
    with pytest.raises(ValueError, match="count=30: use 2 to 29"):
        types(clouds(1), 30)
    with pytest.raises(ValueError, match="column 0, row 'p3'"):
        types(clouds(1).mask(clouds(1).index.to_series() == "p3"), 3)


def test_adjusted_rand_agrees_with_the_manual_of_an_r_package() -> None:
    # partitionComparison 0.2.6, adjustedRandIndex: this example gives 1/6.
    first = pd.Series([0, 0, 0, 1, 1], index=PLACES[:5])
    second = pd.Series([0, 0, 1, 1, 1], index=PLACES[:5])
    assert adjusted_rand(first, second) == pytest.approx(1 / 6)
    assert adjusted_rand(first, second.iloc[::-1]) == pytest.approx(1 / 6)
    assert adjusted_rand(first, first.map({0: "x", 1: "y"})) == 1


def test_adjusted_rand_refuses() -> None:
    first = pd.Series([0, 0, 1], index=["a", "b", "c"])
    with pytest.raises(ValueError, match="the same places"):
        adjusted_rand(first, first.iloc[:2])
    with pytest.raises(ValueError, match="one type only"):
        adjusted_rand(first * 0, first * 0)


def test_rank_intervals_of_three_places_worked_by_hand() -> None:
    # "a" beats "b" where its weight on x is above 0.3, which random weights exceed
    # seven times in ten; "c" is last in both.
    scores = pd.DataFrame({"x": [7, 0, -9], "y": [0, 3, -9]}, index=["a", "b", "c"])
    fives = rank_intervals(scores, 4000, 1, level=0.5)
    assert fives.loc["c"].tolist() == [3, 3, 3]
    assert fives.loc["a"].tolist() == [1, 1, 2]
    assert fives.loc["b"].tolist() == [1, 2, 2]
    # Seven in ten: an interval of 0.38 ends before the three in ten.
    assert rank_intervals(scores, 4000, 1, level=0.38).loc["a", "high"] == 1
    equal = rank_intervals(scores, 500, 1, concentration=1e6)
    assert equal.loc["a"].tolist() == [1, 1, 1]


def test_ranks_of_one_indicator_told_twice_do_not_move(shares) -> None:
    twice = pd.DataFrame({"x": shares["w"], "y": 2 * shares["w"]})
    found = rank_intervals(twice, 200, 1)
    expected = shares["w"].rank(ascending=False)
    for column in ("low", "middle", "high"):
        pd.testing.assert_series_equal(found[column], expected, check_names=False)


def test_rank_intervals_refuse(shares) -> None:
    with pytest.raises(ValueError, match="one column"):
        rank_intervals(shares[["w"]], 10, 1)
    with pytest.raises(ValueError, match="level between 0 and 1"):
        rank_intervals(shares, 10, 1, level=90)
    with pytest.raises(ValueError, match="concentration above 0"):
        rank_intervals(shares, 10, 1, concentration=0)
    holed = shares.mask(shares.index.to_series() == "b")
    with pytest.raises(ValueError, match="column 'w', row 'b'"):
        rank_intervals(holed, 10, 1)


@pytest.fixture
def line() -> tuple[pd.Series, pd.DataFrame]:
    """Thirty places whose outcome follows two predictors with noise."""
    rng = np.random.default_rng(9)
    names = [f"p{i}" for i in range(30)]
    x = pd.DataFrame(rng.standard_normal((30, 2)), names, ["x1", "x2"])
    return x @ [1.0, -2.0] + rng.standard_normal(30), x


def test_left_out_forecasts_agree_with_statsmodels(line) -> None:
    y, x = line
    found = left_out_forecasts(y.iloc[::-1], x)
    fit = OLS(y.to_numpy(), add_constant(x.to_numpy())).fit()
    # The error of a left-out place is the residual over one minus its leverage.
    press = fit.resid / (1 - fit.get_influence().hat_matrix_diag)
    np.testing.assert_allclose(found["actual"] - found["forecast"], press)
    assert found.loc["p7", "mean_of_others"] == pytest.approx(y.drop("p7").mean())


def test_a_group_left_out_is_not_seen_by_its_forecast(line) -> None:
    y, x = line
    country = pd.Series(np.repeat(["k", "l", "m"], 10), index=y.index)
    before = left_out_forecasts(y, x, country)
    wild = y.where(country != "l", y * 100)
    after = left_out_forecasts(wild, x, country)
    columns = ["forecast", "mean_of_others"]
    same = country == "l"
    pd.testing.assert_frame_equal(before.loc[same, columns], after.loc[same, columns])
    assert (before.loc[~same, columns] != after.loc[~same, columns]).all(axis=None)


def test_left_out_forecasts_refuse(line) -> None:
    y, x = line
    with pytest.raises(ValueError, match="the same places"):
        left_out_forecasts(y.iloc[1:], x)
    with pytest.raises(ValueError, match="does not name 'p0'"):
        left_out_forecasts(y, x, pd.Series(1, index=y.index[1:]))
    with pytest.raises(ValueError, match="only 0 places are left"):
        left_out_forecasts(y, x, pd.Series("k", index=y.index))
    with pytest.raises(ValueError, match="column 'outcome', row 'p4'"):
        left_out_forecasts(y.where(y.index != "p4"), x)


def test_neighbour_forecasts_worked_by_hand() -> None:
    at = np.array([[0.0], [1], [3], [10]])
    names = ["a", "b", "c", "d"]
    apart = pd.DataFrame(cdist(at, at), names, names)
    outcome = pd.Series([10.0, 20, 40, 80], names)
    found = neighbour_forecasts(outcome, apart, 1)
    assert found["forecast"].tolist() == [20, 10, 20, 40]
    found = neighbour_forecasts(outcome.iloc[::-1], apart[names[::-1]], 2)
    assert found["forecast"].tolist() == [30, 25, 15, 30]
    assert found.loc["d", "mean_of_others"] == pytest.approx(70 / 3)


def test_neighbour_forecasts_refuse(shares) -> None:
    apart = dissimilarity(shares)
    with pytest.raises(ValueError, match="neighbours=5: use 1 to 4"):
        neighbour_forecasts(shares["w"], apart, 5)
    with pytest.raises(ValueError, match="name one set"):
        neighbour_forecasts(shares["w"].iloc[:5], apart, 1)


def judged(forecast: list[float]) -> pd.DataFrame:
    actual = [1.0, 2, 3, 4, 5, 6]
    mean = [(21 - value) / 5 for value in actual]
    return pd.DataFrame(
        {"actual": actual, "forecast": forecast, "mean_of_others": mean}, index=PLACES
    )


def test_skill_worked_by_hand() -> None:
    assert skill(judged([1, 2, 3, 4, 5, 6])) == 1
    assert skill(judged([(21 - value) / 5 for value in range(1, 7)])) == 0
    # The rival's squared errors add up to 25.2, those of a forecast of 3.5 to 17.5.
    assert skill(judged([3.5] * 6)) == pytest.approx(1 - 17.5 / 25.2)
    assert skill(judged([6, 5, 4, 3, 2, 1])) < 0


def test_skill_interval_holds_the_skill_and_widens_with_groups() -> None:
    rng = np.random.default_rng(4)
    # The forecast misses whole countries; what it is measured against does not.
    shock = np.repeat(rng.standard_normal(20), 10)
    actual = 2 * rng.standard_normal(200)
    table = pd.DataFrame(
        {"actual": actual, "forecast": actual - shock, "mean_of_others": 0.0}
    )
    country = pd.Series(np.repeat(np.arange(20), 10), index=table.index)
    low, high = skill_interval(table, 2000, 1)
    group_low, group_high = skill_interval(table, 2000, 1, country)
    assert low < skill(table) < high
    assert group_high - group_low > 1.3 * (high - low)
    assert skill_interval(table, 2000, 1) == (low, high)


def test_skill_refuses() -> None:
    with pytest.raises(ValueError, match="no column 'forecast'"):
        skill(judged([1] * 6).drop(columns="forecast"))
    with pytest.raises(ValueError, match="nothing to forecast"):
        skill(judged([1] * 6).assign(actual=1.0, mean_of_others=1.0))
    two = pd.Series(list("kkklll"), index=PLACES)
    with pytest.raises(ValueError, match=r"2 group\(s\)"):
        skill_interval(judged([1] * 6), 10, 1, two)
    with pytest.raises(ValueError, match="does not name 'f'"):
        skill_interval(judged([1] * 6), 10, 1, two.iloc[:5])


def test_standardised_quotients_are_the_z_scores_of_scipy() -> None:
    rng = np.random.default_rng(5)
    quotients = pd.DataFrame(np.exp(rng.standard_normal((40, 2))), columns=["a", "b"])
    assert standardised(quotients).to_numpy() == pytest.approx(
        zscore(quotients.to_numpy(), ddof=1)
    )
    assert standardised(quotients, log=True).to_numpy() == pytest.approx(
        zscore(np.log(quotients.to_numpy()), ddof=1)
    )


def test_standardised_quotients_ask_for_spread_and_logarithms() -> None:
    quotients = pd.DataFrame({"a": [1.0, 1.0, 1.0], "b": [0.0, 1.0, 2.0]})
    with pytest.raises(ValueError, match="the same in column 'a'"):
        standardised(quotients)
    with pytest.raises(ValueError, match="no logarithm in column 'b'"):
        standardised(quotients, log=True)


def test_concentration_agrees_with_scipy_and_with_equal_places() -> None:
    amounts = pd.Series([50.0, 30, 20, 0])
    found = concentration(amounts)
    assert found.herfindahl == pytest.approx(0.25 + 0.09 + 0.04)
    assert found.entropy == pytest.approx(entropy(amounts))
    assert found.effective == pytest.approx(1 / 0.38)
    equal = concentration(pd.Series([7.0] * 5))
    assert (equal.effective, equal.effective_entropy) == pytest.approx((5, 5))


@pytest.mark.parametrize("amounts", [[1.0, -1], [0.0, 0], [1.0, np.nan]])
def test_concentration_of_no_amounts_is_refused(amounts: list[float]) -> None:
    with pytest.raises(ValueError, match="known and not negative"):
        concentration(pd.Series(amounts))


def yearly() -> pd.DataFrame:
    """Three places, seven years, a definition and its double."""
    rng = np.random.default_rng(6)
    once = rng.standard_normal((3, 7))
    columns = pd.MultiIndex.from_product([["wide", "narrow"], range(2015, 2022)])
    return pd.DataFrame(np.hstack([once, 2 * once]), list("abc"), columns)


def test_drawn_averages_have_the_interval_of_student() -> None:
    table = yearly()
    drawn = year_draws(table, 40_000, seed=1)
    assert drawn.shape == (40_000, 3, 2)
    years = table["wide"]
    reach = t.ppf(0.975, 6) * years.std(axis=1) / np.sqrt(7)
    low, high = np.quantile(drawn[:, :, 0], [0.025, 0.975], axis=0)
    assert low == pytest.approx(years.mean(axis=1) - reach, abs=0.03)
    assert high == pytest.approx(years.mean(axis=1) + reach, abs=0.03)


def test_definitions_that_share_their_jobs_err_together() -> None:
    drawn = year_draws(yearly(), 50, seed=1)
    assert drawn[:, :, 1] == pytest.approx(2 * drawn[:, :, 0])


def test_years_must_be_the_same_and_more_than_one() -> None:
    table = yearly()
    with pytest.raises(ValueError, match="two or more years"):
        year_draws(table.drop(columns=("narrow", 2021)), 5, seed=1)
    with pytest.raises(ValueError, match="two or more years"):
        year_draws(table.loc[:, (slice(None), 2015)], 5, seed=1)
