"""Did it make a difference? Synthetic control, placebos and plain differences.

Every function takes a wide ``panel``: one row a period (unique, sortable: years, or
pandas periods such as quarters), one column a unit, values the outcome, all in one
unit of measurement. Gaps are treated minus synthetic, in that same unit.

Method: Abadie, Diamond and Hainmueller (2010, JASA 105; 2015, AJPS 59) and Abadie
(2021, Journal of Economic Literature 59). Predictors are the outcomes of the fitted
periods, each period counting the same.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pysyncon import Synth
from scipy.optimize import nnls
from threadpoolctl import ThreadpoolController

Table = NDArray[np.float64]
Alternative = Literal["greater", "less", "two-sided"]
When = int | pd.Period  # a year, or a quarter or month as pandas counts them

# An answer counts only if its squared error is proved to lie within this share of the
# best single donor's from the smallest possible one. scipy's nnls comes within 1e-12.
TOLERANCE = 1e-8
# pysyncon stops when its objective moves less than 1e-6, an absolute amount, and never
# reports failure: on shares it stops too early (a weight can be off by 0.5), blown up
# too far its line search breaks down. This scale suits problems of size one.
PYSYNCON_SCALE = 1e4
# Forty columns are too few to share: with two threads pysyncon takes nine times longer.
THREADS = ThreadpoolController()


class SyntheticControl(NamedTuple):
    """One fitted unit: donor weights, synthetic path, gap and fit before treatment."""

    weights: pd.Series
    synthetic: pd.Series
    gap: pd.Series
    pre_rmse: float


def _check(
    panel: pd.DataFrame, treated: str, donors: Sequence[str], fit_until: When
) -> pd.DataFrame:
    """Return the columns in use, treated first, or say what to mend and how."""
    for labels, what in ((panel.index, "period"), (panel.columns, "unit")):
        if not labels.is_unique:
            double = labels[labels.duplicated()][0]
            raise ValueError(f"panel has {what} '{double}' twice: keep one of them")
    if treated not in panel.columns:
        raise ValueError(f"treated unit {treated!r} is no column of the panel: add it")
    if treated in donors:
        raise ValueError(f"donors contain the treated unit {treated!r}: remove it")
    for donor in donors:
        if donor not in panel.columns:
            raise ValueError(f"donor {donor!r} is no column of the panel: drop or add")
        if list(donors).count(donor) > 1:
            raise ValueError(f"donor {donor!r} is listed twice: list it once")
    if len(donors) < 2:
        raise ValueError(f"{treated!r} has {len(donors)} donor(s): give at least two")
    used = panel[[treated, *donors]].sort_index().astype(float)
    _split(used, fit_until)
    rows, columns = np.nonzero(~np.isfinite(used.to_numpy()))
    if len(rows):
        unit, period = used.columns[columns[0]], used.index[rows[0]]
        raise ValueError(
            f"no number for unit {unit!r} in {period}: leave the unit or period out"
        )
    return used


def _split(gaps: pd.DataFrame, fit_until: When) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split rows into fitted periods (up to and with ``fit_until``) and later ones."""
    if fit_until not in gaps.index:
        raise ValueError(f"fit_until={fit_until} is no period of the panel: choose one")
    before, after = gaps[gaps.index <= fit_until], gaps[gaps.index > fit_until]
    if len(before) < 2 or after.empty:
        raise ValueError(
            f"fit_until={fit_until} leaves {len(before)} period(s) to fit and "
            f"{len(after)} to judge: move it, at least 2 and 1 are needed"
        )
    return before, after


def _distances(before: Table, name: str) -> Table:
    """Columns 2.. (donors) minus column 1 (treated), scaled so that their size is one.

    Weights sum to one, so the treated path can be subtracted from every column: same
    optimum, better numbers. A period in which all units are equal then says nothing.
    """
    distance = before[:, 1:] - before[:, :1]
    distance = distance[distance.any(axis=1)]
    if not len(distance):
        raise ValueError(
            f"all donors equal {name!r} in every fitted period: nothing to fit, "
            "choose an outcome that varies"
        )
    return np.asarray(distance / np.sqrt(np.mean(distance**2)))


def _weights(before: Table, name: str) -> Table:
    """Weights (zero or more, sum one) for columns 2.. that best copy column 1."""
    x = _distances(before, name)
    # With zero as the target, a row of ones may ask the weights to sum to one without
    # being obeyed: whatever their sum, dividing by it leaves the best mix (for a mix of
    # squared error q the best sum is 1 / (1 + q), and the whole rises with q alone).
    rows = np.vstack([x, np.ones(x.shape[1])])
    weights, _ = nnls(rows, np.append(np.zeros(len(x)), 1.0))
    weights = weights / weights.sum()
    # Frank-Wolfe gap: no weights can beat this squared error by more than that.
    slope = 2 * x.T @ (x @ weights) / len(x)
    if weights @ slope - slope.min() > TOLERANCE * (x**2).mean(axis=0).min() + 1e-12:
        raise ValueError(
            f"no best weights found for {name!r}: use fewer donors, first leave out "
            "those far from it"
        )
    return np.asarray(weights)


def pysyncon_weights(
    panel: pd.DataFrame, treated: str, donors: Sequence[str], fit_until: When
) -> pd.Series:
    """Weights by pysyncon's ``Synth``: a second opinion on `synthetic_control`.

    The same problem, solved by a search from equal weights instead of scipy's active
    sets. It is slower, stops near the optimum and does not say how near, so it serves
    as a check only. Parameters and errors as in `synthetic_control`.

    Returns
    -------
    Series, shape (donors,)
        Weights, zero or more, sum 1.
    """
    before, _ = _split(_check(panel, treated, donors, fit_until), fit_until)
    # Numbers for column names: a donor may bear any name.
    x = pd.DataFrame(_distances(before.to_numpy(), treated))
    zero = pd.Series(np.zeros(len(x)), name="treated")
    # pysyncon divides each period by its spread over units; V puts the spread back.
    spread = pd.concat([x, zero], axis=1).var(axis=1).to_numpy() / len(x)
    synth = Synth()
    with THREADS.limit(limits=1):
        v = spread * PYSYNCON_SCALE
        synth.fit(X0=x, X1=zero, Z0=x, Z1=zero, custom_V=v)
    return pd.Series(synth.W, index=list(donors), name=treated)


def synthetic_control(
    panel: pd.DataFrame, treated: str, donors: Sequence[str], fit_until: When
) -> SyntheticControl:
    """Fit a weighted mean of donors to the treated unit before the treatment.

    Parameters
    ----------
    panel : DataFrame, shape (periods, units)
        Outcome, one unit of measurement throughout; columns not used are ignored.
    treated : str
        Column of the treated unit.
    donors : sequence of str
        Two or more untreated columns. Leave out units the treatment can reach.
    fit_until : int or Period
        Last period before the treatment (included in the fit).

    Returns
    -------
    SyntheticControl
        ``weights`` (donors; zero or more, sum 1), ``synthetic`` and ``gap`` (periods;
        unit of the outcome), ``pre_rmse`` (unit of the outcome).

    Raises
    ------
    ValueError
        A unit or period is missing, doubled or empty; the treated unit is a donor;
        fewer than two donors; ``fit_until`` leaves fewer than two periods to fit or
        none to judge; nothing varies; no weights can be certified as optimal.

    Notes
    -----
    Abadie, Diamond and Hainmueller (2010). With more donors than fitted periods the
    weights need not be unique (Abadie 2021, section 3); keep the pool small and alike.

    Solved by scipy's ``nnls`` (Lawson and Hanson 1974, Solving Least Squares Problems);
    every answer is proved to be within 1e-8 of the smallest squared error, in shares of
    the best single donor's, or refused. `pysyncon_weights` gives a second opinion.
    """
    used = _check(panel, treated, donors, fit_until)
    before, _ = _split(used, fit_until)
    best = _weights(before.to_numpy(), treated)
    weights = pd.Series(best, index=list(donors), name=treated)
    synthetic = (used[list(donors)] @ weights).rename("synthetic")
    gap = (used[treated] - synthetic).rename(treated)
    pre_rmse = float(np.sqrt((gap.loc[before.index] ** 2).mean()))
    return SyntheticControl(weights, synthetic, gap, pre_rmse)


def placebo_gaps(
    panel: pd.DataFrame, treated: str, donors: Sequence[str], fit_until: When
) -> pd.DataFrame:
    """Gaps of the treated unit and of every donor treated as if it were the case.

    A placebo is fitted on the other donors only: the treated unit never enters its pool
    (Abadie, Diamond and Hainmueller 2010, section 3.4). Parameters and errors as in
    `synthetic_control`; three donors or more.

    Returns
    -------
    DataFrame, shape (periods, 1 + donors)
        Gaps in the unit of the outcome, treated unit first.
    """
    used = _check(panel, treated, donors, fit_until)
    if len(donors) < 3:
        raise ValueError(
            f"{len(donors)} donors leave a placebo with one: give at least three"
        )
    # Bare numbers: checking and cutting a labelled table anew for every placebo took
    # ten times longer than the fits.
    table, fitted = used.to_numpy(), used.index <= fit_until
    gaps = {}
    for place, unit in enumerate(used.columns):
        pool = [other for other in range(1, table.shape[1]) if other != place]
        rows = table[:, [place, *pool]]
        gaps[unit] = rows[:, 0] - rows[:, 1:] @ _weights(rows[fitted], str(unit))
    return pd.DataFrame(gaps, index=used.index)


def post_rmse(gaps: pd.DataFrame, fit_until: When) -> pd.Series:
    """Root mean squared gap after ``fit_until``, one a unit, unit of the outcome.

    ``gaps``: shape (periods, units), as from `placebo_gaps`. Raises ValueError when
    ``fit_until`` is no period, or leaves under two periods before or none after.
    """
    _, after = _split(gaps, fit_until)
    return ((after**2).mean() ** 0.5).rename("post_rmse")


def post_pre_ratio(gaps: pd.DataFrame, fit_until: When) -> pd.Series:
    """RMSE after over RMSE up to ``fit_until``, one a unit, no unit of measurement.

    Abadie, Diamond and Hainmueller (2010, section 3.4; 2015). Raises ValueError as
    `post_rmse`, and for a unit fitted without error: its ratio has no meaning.
    """
    before, _ = _split(gaps, fit_until)
    pre = (before**2).mean() ** 0.5
    if pre.eq(0).any():
        unit = pre.index[pre.eq(0)][0]
        raise ValueError(f"unit {unit!r} fits without error: compare post_rmse instead")
    return (post_rmse(gaps, fit_until) / pre).rename("post_pre_ratio")


def placebo_p_value(
    statistics: pd.Series, treated: str, alternative: Alternative = "greater"
) -> float:
    """Share of units, the treated one counted, at least as extreme as the treated.

    ``(1 + k) / (N + 1)``: k of N placebos are at least as extreme. pysyncon's own
    placebo p-value leaves the treated unit out and can be 0, which no test may be.

    Parameters
    ----------
    statistics : Series, shape (1 + placebos,)
        One number a unit: a gap in one period, `post_rmse`, `post_pre_ratio`.
    treated : str
        Label of the treated unit.
    alternative : {"greater", "less", "two-sided"}
        What counts as extreme; "two-sided" compares absolute values.

    Raises
    ------
    ValueError
        Unknown alternative, treated unit missing, a unit doubled or empty, no placebo.
    """
    if alternative not in ("greater", "less", "two-sided"):
        raise ValueError(f"alternative={alternative!r}: use greater, less or two-sided")
    if not statistics.index.is_unique or treated not in statistics.index:
        raise ValueError(f"statistics must hold each unit once, {treated!r} among them")
    if statistics.isna().any():
        unit = statistics.index[statistics.isna()][0]
        raise ValueError(f"no statistic for unit {unit!r}: leave it out")
    if len(statistics) < 2:
        raise ValueError(f"no placebo beside {treated!r}: add donors")
    sign = -1 if alternative == "less" else 1
    extreme = statistics.abs() if alternative == "two-sided" else sign * statistics
    # The treated unit is at least as extreme as itself: that is the 1 of (1 + k).
    return float(extreme.ge(extreme[treated]).mean())


def smallest_detectable_effect(
    placebos: pd.DataFrame,
    alternative: Alternative = "two-sided",
    significance: float = 0.05,
    power: float | None = None,
) -> pd.Series:
    """Smallest effect, by period, that placebos of this noise would let us see.

    The gap to pass for `placebo_p_value` to be ``significance`` or less: with 40
    placebos and 0.05 the second most extreme one; ``1 / (N + 1)`` asks for the first
    rank. A rank is chosen over a fitted percentile because it matches the p-value. A
    true effect of that size is seen about half the time, for the treated unit has noise
    of its own; ``power`` raises the effect until that share of placebos would pass.

    Parameters
    ----------
    placebos : DataFrame, shape (periods, N)
        Gaps of placebos only, unit of the outcome; read periods after the fit only.
    alternative : {"greater", "less", "two-sided"}
        As in `placebo_p_value`; "less" gives a negative effect.
    significance : float
        Largest p-value called a detection, above 0 and below 1.
    power : float, optional
        Share of cases, between 0 and 1, in which the effect must be seen.

    Returns
    -------
    Series, shape (periods,)
        Effect in the unit of the outcome.

    Raises
    ------
    ValueError
        Unknown alternative, or too few placebos to reach ``significance``.
    """
    if alternative not in ("greater", "less", "two-sided"):
        raise ValueError(f"alternative={alternative!r}: use greater, less or two-sided")
    count = placebos.shape[1]
    ahead = int(np.floor(significance * (count + 1) + 1e-9)) - 1
    if not 0 <= ahead < count:
        need = int(np.ceil(1 / significance - 1e-9)) - 1
        raise ValueError(
            f"{count} placebos cannot reach p <= {significance}: use at least {need} "
            "or a larger significance (below 1)"
        )
    sign = -1.0 if alternative == "less" else 1.0
    noise = placebos * sign
    extreme = noise.abs() if alternative == "two-sided" else noise
    mark = np.sort(extreme.to_numpy(), axis=1)[:, count - 1 - ahead]
    effect = pd.Series(mark, index=placebos.index)
    if power is not None:
        effect = effect - noise.quantile(1 - power, axis=1)
    return effect.rename("smallest_detectable_effect") * sign


def leave_one_out(
    panel: pd.DataFrame, treated: str, donors: Sequence[str], fit_until: When
) -> pd.DataFrame:
    """Gap of the treated unit with each positively weighted donor left out in turn.

    Abadie, Diamond and Hainmueller (2015). Parameters and errors as in
    `synthetic_control`; three donors or more.

    Returns
    -------
    DataFrame, shape (periods, weighted donors)
        One column a donor left out, heaviest first; unit of the outcome.
    """
    weights = synthetic_control(panel, treated, donors, fit_until).weights
    gaps = {}
    for left_out in weights[weights > 0].sort_values(ascending=False).index:
        others = [donor for donor in donors if donor != left_out]
        gaps[left_out] = synthetic_control(panel, treated, others, fit_until).gap
    return pd.DataFrame(gaps)


def difference_in_differences(
    panel: pd.DataFrame, treated: str, donors: Sequence[str], fit_until: When
) -> pd.Series:
    """Treated minus mean of donors, less the mean of that difference before.

    The plain rival of `synthetic_control`: every donor counts the same and may lie at
    another level, but must move in parallel. Parameters and errors as there.

    Returns
    -------
    Series, shape (periods,)
        Gap in the unit of the outcome; its mean up to ``fit_until`` is zero.
    """
    used = _check(panel, treated, donors, fit_until)
    difference = used[treated] - used[list(donors)].mean(axis=1)
    before = difference.index <= fit_until
    return (difference - difference[before].mean()).rename(treated)
