"""Behaviour of creative_clusters.outcomes, against pysyncon and sums done by hand."""

import numpy as np
import pandas as pd
import pytest

from creative_clusters import outcomes
from creative_clusters.outcomes import (
    difference_in_differences,
    leave_one_out,
    placebo_gaps,
    placebo_p_value,
    post_pre_ratio,
    post_rmse,
    pysyncon_weights,
    smallest_detectable_effect,
    synthetic_control,
)

FIT_UNTIL = 2010
DONORS = [f"donor {number:02d}" for number in range(12)]


def random_walks(scale: float = 1.0, donors: int = 12) -> pd.DataFrame:
    """26 years of random walks from a fixed seed; more years than needed to fit."""
    rng = np.random.default_rng(7)
    steps = rng.normal(0, 0.2, size=(26, donors)).cumsum(axis=0)
    levels = rng.uniform(0.5, 4, size=donors) + steps
    names = [f"donor {number:02d}" for number in range(donors)]
    return pd.DataFrame(levels * scale, index=range(1998, 2024), columns=names)


@pytest.fixture
def panel() -> pd.DataFrame:
    """A treated unit that is an exact mix of two donors, plus 5 after 2010."""
    walks = random_walks()
    walks["case"] = 0.7 * walks["donor 03"] + 0.3 * walks["donor 08"]
    walks.loc[FIT_UNTIL + 1 :, "case"] += 5
    return walks


def pre_rmse(walks: pd.DataFrame, treated: str, weights: pd.Series) -> float:
    """Error of fit of any weights, straight from its definition."""
    error = walks[treated] - walks[weights.index] @ weights
    return float(np.sqrt((error.loc[:FIT_UNTIL] ** 2).mean()))


# Shares of 0.001, percentages and sums in pounds: pysyncon's own stopping rule is an
# absolute one and would fail on the first and the last, were they not scaled.
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e9])
@pytest.mark.parametrize("treated", DONORS)
def test_weights_agree_with_pysyncon(treated: str, scale: float) -> None:
    walks = random_walks(scale)
    donors = [name for name in DONORS if name != treated]
    fit = synthetic_control(walks, treated, donors, FIT_UNTIL)
    rival = pysyncon_weights(walks, treated, donors, FIT_UNTIL)
    pd.testing.assert_series_equal(fit.weights, rival, atol=0.001, rtol=0)
    assert fit.pre_rmse == pytest.approx(pre_rmse(walks, treated, rival), rel=1e-5)


def test_fit_is_as_good_as_pysyncons_with_more_donors_than_years() -> None:
    walks = random_walks(donors=60)
    treated = "donor 00"
    donors = [name for name in walks if name != treated]
    fit = synthetic_control(walks, treated, donors, FIT_UNTIL)
    rival = pysyncon_weights(walks, treated, donors, FIT_UNTIL)
    assert fit.pre_rmse <= pre_rmse(walks, treated, rival) + 1e-6


def test_weights_worked_by_hand() -> None:
    # Distances (1, 0) and (0, 2): w * w + 4 * (1 - w) * (1 - w) is least at w = 0.8.
    panel = pd.DataFrame({"case": [5, 7, 9.0], "a": [6, 7, 0.0], "b": [5, 9, 0.0]})
    fit = synthetic_control(panel, "case", ["a", "b"], 1)
    assert fit.weights.tolist() == pytest.approx([0.8, 0.2])
    assert fit.pre_rmse == pytest.approx(np.sqrt((0.8**2 + 0.4**2) / 2))


def test_weights_that_are_not_the_best_are_refused(monkeypatch) -> None:
    equal = lambda rows, goal: (np.ones(rows.shape[1]), 0.0)  # noqa: E731
    monkeypatch.setattr(outcomes, "nnls", equal)
    with pytest.raises(ValueError, match="no best weights found for 'donor 00'"):
        synthetic_control(random_walks(), DONORS[0], DONORS[1:], FIT_UNTIL)


def test_donors_of_very_unlike_size_do_not_spoil_the_fit(panel: pd.DataFrame) -> None:
    # pysyncon finds no such weights here at any scale.
    panel["donor 11"] *= 1000
    fit = synthetic_control(panel, "case", DONORS, FIT_UNTIL)
    assert fit.weights["donor 03"] == pytest.approx(0.7, abs=0.01)
    assert fit.weights["donor 08"] == pytest.approx(0.3, abs=0.01)
    assert fit.pre_rmse < 0.01


def test_weights_are_a_mix_and_gap_is_what_is_left(panel: pd.DataFrame) -> None:
    fit = synthetic_control(panel, "case", DONORS, FIT_UNTIL)
    assert fit.weights.min() >= 0
    assert fit.weights.sum() == pytest.approx(1)
    assert list(fit.weights.index) == DONORS
    pd.testing.assert_series_equal(
        fit.gap + fit.synthetic, panel["case"], check_names=False
    )


def test_planted_effect_is_recovered(panel: pd.DataFrame) -> None:
    fit = synthetic_control(panel, "case", DONORS, FIT_UNTIL)
    assert fit.weights["donor 03"] == pytest.approx(0.7, abs=0.01)
    assert fit.weights["donor 08"] == pytest.approx(0.3, abs=0.01)
    assert fit.gap.loc[2011:].to_numpy() == pytest.approx(5, abs=0.05)
    assert fit.pre_rmse < 0.01


def test_years_after_the_treatment_never_touch_the_weights(panel: pd.DataFrame) -> None:
    changed = panel.copy()
    changed.loc[FIT_UNTIL + 1 :] = 99.0
    pd.testing.assert_series_equal(
        synthetic_control(panel, "case", DONORS, FIT_UNTIL).weights,
        synthetic_control(changed, "case", DONORS, FIT_UNTIL).weights,
    )


def test_order_of_years_and_a_year_without_differences_do_not_matter(
    panel: pd.DataFrame,
) -> None:
    expected = synthetic_control(panel, "case", DONORS, FIT_UNTIL)
    flat = pd.concat([panel.iloc[::-1], pd.DataFrame(0.0, [1997], panel.columns)])
    fit = synthetic_control(flat, "case", DONORS, FIT_UNTIL)
    pd.testing.assert_series_equal(fit.weights, expected.weights, atol=0.005)
    assert fit.gap.index.is_monotonic_increasing


def test_quarters_give_the_same_answer_as_years(panel: pd.DataFrame) -> None:
    quarters = panel.set_axis(pd.period_range("2010Q1", periods=26, freq="Q"))
    last = quarters.index[list(panel.index).index(FIT_UNTIL)]
    expected = placebo_gaps(panel, "case", DONORS, FIT_UNTIL)
    gaps = placebo_gaps(quarters, "case", DONORS, last)
    np.testing.assert_array_equal(gaps.to_numpy(), expected.to_numpy())
    pd.testing.assert_series_equal(
        post_rmse(gaps, last), post_rmse(expected, FIT_UNTIL)
    )
    with pytest.raises(ValueError, match="fit_until=2030Q1 is no period"):
        placebo_gaps(quarters, "case", DONORS, pd.Period("2030Q1"))


def test_a_donor_may_bear_any_name(panel: pd.DataFrame) -> None:
    named = panel.rename(columns={"donor 03": "treated", "donor 04": "synthetic"})
    donors = [name for name in named if name != "case"]
    fit = synthetic_control(named, "case", donors, FIT_UNTIL)
    assert fit.weights["treated"] == pytest.approx(0.7, abs=0.01)


def test_placebo_pools_exclude_the_treated_unit(panel: pd.DataFrame) -> None:
    gaps = placebo_gaps(panel, "case", DONORS, FIT_UNTIL)
    assert list(gaps.columns) == ["case", *DONORS]
    wild = panel.assign(case=panel["case"] * 1000)
    pd.testing.assert_frame_equal(
        gaps[DONORS], placebo_gaps(wild, "case", DONORS, FIT_UNTIL)[DONORS]
    )
    others = [name for name in DONORS if name != "donor 05"]
    pd.testing.assert_series_equal(
        gaps["donor 05"], synthetic_control(panel, "donor 05", others, FIT_UNTIL).gap
    )


def test_two_donors_are_too_few_for_placebos(panel: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="2 donors leave a placebo with one"):
        placebo_gaps(panel, "case", DONORS[:2], FIT_UNTIL)


def test_planted_effect_ranks_first_of_all_placebos(panel: pd.DataFrame) -> None:
    gaps = placebo_gaps(panel, "case", DONORS, FIT_UNTIL)
    assert placebo_p_value(post_rmse(gaps, FIT_UNTIL), "case") == 1 / 13


@pytest.mark.parametrize(
    ("alternative", "expected"),
    # The case has 3. At least 3: one placebo (3, a tie). At most 3: four. Beyond 3 in
    # either direction: -4 and 3.
    [("greater", 2 / 6), ("less", 6 / 6), ("two-sided", 3 / 6)],
)
def test_p_value_worked_by_hand(alternative: str, expected: float) -> None:
    statistics = pd.Series({"case": 3, "a": 3, "b": 1, "c": 0, "d": -4, "e": 2})
    p_value = placebo_p_value(statistics, "case", alternative)  # type: ignore[arg-type]
    assert p_value == pytest.approx(expected)


def test_p_value_is_never_zero() -> None:
    assert placebo_p_value(pd.Series({"case": 9.0, "a": 1.0}), "case") == 0.5


def test_errors_before_and_after_worked_by_hand() -> None:
    gaps = pd.DataFrame(
        {"a": [3, -4, 5, -12.0], "b": [1, 1, 2, 2.0]}, index=[1, 2, 3, 4]
    )
    after = post_rmse(gaps, 2)
    assert after.to_dict() == pytest.approx({"a": np.sqrt(84.5), "b": 2})
    assert post_pre_ratio(gaps, 2).to_dict() == pytest.approx(
        {"a": np.sqrt(84.5 / 12.5), "b": 2}
    )


def test_smallest_detectable_effect_worked_by_hand() -> None:
    # 39 placebos with gaps -19 .. 19: p <= 0.05 leaves room for one other unit, so
    # the second most extreme is the mark: 18 upwards, 19 (its twin -19) either way.
    placebos = pd.DataFrame([np.arange(-19.0, 20.0)], index=[2016])
    effect = smallest_detectable_effect
    assert effect(placebos, "greater").loc[2016] == 18
    assert effect(placebos, "less").loc[2016] == -18
    assert effect(placebos).loc[2016] == 19
    assert effect(placebos, "greater", significance=1 / 40).loc[2016] == 19
    # Eight in ten placebos lie above -11.4: an effect of 29.4 lifts them past 18.
    assert effect(placebos, "greater", power=0.8).loc[2016] == pytest.approx(29.4)
    assert effect(placebos, "less", power=0.8).loc[2016] == pytest.approx(-29.4)


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_detectable_effect_and_p_value_agree(alternative: str) -> None:
    gaps = pd.Series(np.random.default_rng(1).normal(size=40))
    kind = alternative
    mark = smallest_detectable_effect(gaps.to_frame().T, kind).iloc[0]  # type: ignore[arg-type]
    for factor, seen in ((1.001, True), (0.999, False)):
        units = pd.concat([gaps, pd.Series({"case": mark * factor})])
        p_value = placebo_p_value(units, "case", kind)  # type: ignore[arg-type]
        assert (p_value <= 0.05) is seen


def test_leave_one_out_drops_each_weighted_donor(panel: pd.DataFrame) -> None:
    gaps = leave_one_out(panel, "case", DONORS, FIT_UNTIL)
    assert list(gaps.columns[:2]) == ["donor 03", "donor 08"]
    assert gaps.shape[1] < len(DONORS)
    others = [name for name in DONORS if name != "donor 03"]
    fit = synthetic_control(panel, "case", others, FIT_UNTIL)
    pd.testing.assert_series_equal(gaps["donor 03"], fit.gap, check_names=False)
    assert (gaps.loc[:FIT_UNTIL, "donor 03"] ** 2).mean() ** 0.5 > 0.02


def test_difference_in_differences_worked_by_hand() -> None:
    panel = pd.DataFrame(
        {"case": [5, 7, 9, 20.0], "a": [1, 2, 3, 4.0], "b": [3, 4, 5, 6.0]},
        index=[2009, 2010, 2011, 2012],
    )
    # Donor mean 2, 3, 4, 5; difference 3, 4, 5, 15; its mean up to 2010 is 3.5.
    gap = difference_in_differences(panel, "case", ["a", "b"], 2010)
    assert gap.tolist() == [-0.5, 0.5, 1.5, 11.5]


CALLS = [
    synthetic_control,
    pysyncon_weights,
    placebo_gaps,
    leave_one_out,
    difference_in_differences,
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("treated", "donors", "fit_until", "message"),
    [
        ("Salfrod", DONORS, 2010, "'Salfrod' is no column"),
        ("case", [*DONORS, "case"], 2010, "donors contain .* 'case'"),
        ("case", [*DONORS, "Leeds"], 2010, "donor 'Leeds' is no column"),
        ("case", [*DONORS, "donor 01"], 2010, "'donor 01' is listed twice"),
        ("case", ["donor 01"], 2010, "'case' has 1 donor"),
        ("case", DONORS, 1990, "fit_until=1990 is no period"),
        ("case", DONORS, 2023, "fit_until=2023 leaves 26 .* and 0 to judge"),
        ("case", DONORS, 1998, "fit_until=1998 leaves 1 period"),
    ],
)
def test_wrong_questions_are_refused(
    panel, call, treated, donors, fit_until, message
) -> None:
    with pytest.raises(ValueError, match=message):
        call(panel, treated, donors, fit_until)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_a_hole_is_named_by_unit_and_year(panel, call, hole) -> None:
    panel.loc[2004, "donor 02"] = hole
    with pytest.raises(ValueError, match=r"unit 'donor 02' in 2004: leave .* out"):
        call(panel, "case", DONORS, FIT_UNTIL)
    unused = [name for name in DONORS if name != "donor 02"]
    call(panel, "case", unused, FIT_UNTIL)


def test_doubled_labels_are_named(panel: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="unit 'case' twice"):
        synthetic_control(
            pd.concat([panel, panel["case"]], axis=1), "case", DONORS, FIT_UNTIL
        )
    with pytest.raises(ValueError, match="period '1998' twice"):
        synthetic_control(pd.concat([panel, panel.iloc[:1]]), "case", DONORS, FIT_UNTIL)


def test_panel_without_variation_is_refused() -> None:
    flat = pd.DataFrame(1.0, index=range(5), columns=["case", "a", "b"])
    with pytest.raises(ValueError, match="all donors equal 'case'"):
        synthetic_control(flat, "case", ["a", "b"], 2)


@pytest.mark.parametrize(
    ("statistics", "alternative", "message"),
    [
        ({"a": 1.0, "b": 2.0}, "greater", "'case' among them"),
        ({"case": 1.0}, "greater", "no placebo"),
        ({"case": 1.0, "a": np.nan}, "greater", "unit 'a'"),
        ({"case": 1.0, "a": 1.0}, "both", "alternative='both'"),
    ],
)
def test_p_value_refuses(statistics, alternative, message) -> None:
    with pytest.raises(ValueError, match=message):
        placebo_p_value(pd.Series(statistics), "case", alternative)


def test_too_few_placebos_are_refused_with_the_number_needed() -> None:
    placebos = pd.DataFrame(np.zeros((1, 18)))
    with pytest.raises(ValueError, match=r"18 placebos .* at least 19"):
        smallest_detectable_effect(placebos)
    with pytest.raises(ValueError, match="alternative='up'"):
        smallest_detectable_effect(placebos, "up")  # type: ignore[arg-type]
    assert smallest_detectable_effect(pd.DataFrame(np.zeros((1, 19)))).iloc[0] == 0


def test_ratio_of_a_perfect_fit_is_refused() -> None:
    gaps = pd.DataFrame({"case": [0, 0, 1.0]}, index=[1, 2, 3])
    with pytest.raises(ValueError, match="'case' fits without error"):
        post_pre_ratio(gaps, 2)
    with pytest.raises(ValueError, match="fit_until=9"):
        post_rmse(gaps, 9)
