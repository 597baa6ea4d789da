"""Do clusters and entrepreneurs feed each other? Survival, ranks, growth and noise.

Tables are anybody's: one row a cohort of firms (births, and how many were left at each
age), or one row a place (density, births, growth). Nothing here knows a country.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

Numbers = NDArray[np.float64]


class RankCorrelation(NamedTuple):
    """A rank correlation, its interval, its p-value and what it rests on."""

    rho: float
    low: float
    high: float
    p_value: float
    n: int
    draws: Numbers  # the bootstrap's correlations, to be drawn or for a standard error


def _numbers(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the columns as floats, or say what to mend and how."""
    absent = [column for column in columns if column not in table.columns]
    if absent:
        raise ValueError(f"no column {absent[0]!r} in the table: add or rename it")
    if len(table) < 1:
        raise ValueError("the table has no rows: check the filter before this call")
    used = table[list(columns)].astype(float)
    rows, places = np.nonzero(~np.isfinite(used.to_numpy()))
    if len(rows):
        raise ValueError(
            f"no number in column {columns[places[0]]!r}, row {used.index[rows[0]]!r}: "
            "leave that row out"
        )
    return used


def _alive(
    cohorts: pd.DataFrame,
    keys: Sequence[str],
    births: str,
    survivors: Mapping[int, str],
) -> pd.DataFrame:
    """One row a cohort, one column an age (0 the births), NaN where not yet come."""
    missing = [c for c in [*keys, *survivors.values()] if c not in cohorts.columns]
    if missing:
        raise ValueError(f"no column {missing[0]!r} in the table: add or rename it")
    ages = sorted(survivors)
    if not ages or ages[0] < 1:
        raise ValueError(f"survivors has the ages {ages}: give ages of 1 and more")
    born = _numbers(cohorts, [births])[births]
    columns = {0: born, **{age: cohorts[survivors[age]] for age in ages}}
    alive = pd.DataFrame(columns).astype(float)
    names = [", ".join(map(str, key)) for key in cohorts[list(keys)].itertuples(False)]
    if len(set(names)) < len(names):
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"cohort {double} stands twice: keep one of them")
    for cohort, (_, row) in zip(names, alive.iterrows(), strict=True):
        counts = row.dropna().to_numpy()
        if counts[0] <= 0 or (counts < 0).any():
            raise ValueError(
                f"cohort {cohort}: {counts[0]:g} births and {counts.min():g} at the "
                "lowest: births must be above zero, survivors zero or more"
            )
        if (np.diff(counts) > 0).any():
            age = row.dropna().index[1:][np.diff(counts) > 0][0]
            raise ValueError(
                f"cohort {cohort}: more firms at age {age} than before it: firms that "
                "come back, or columns in the wrong order; correct the counts"
            )
    return alive


def cohort_survival(
    cohorts: pd.DataFrame,
    keys: Sequence[str],
    births: str,
    survivors: Mapping[int, str],
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of each cohort that is left at each age, with Wilson intervals.

    Parameters
    ----------
    cohorts : DataFrame
        One row a cohort of firms born in the same year.
    keys : sequence of str
        Columns that together name a cohort, say industry and year of birth.
    births : str
        Column with the number born.
    survivors : mapping of int to str
        Age in years to the column that counts those left at that age. An empty cell
        is an age that has not come yet; it yields no row.
    level : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    DataFrame
        A row for each cohort and age that has come, age 0 included: the keys, ``age``
        (years), ``born``, ``alive`` (firms), ``share``, ``low``, ``high`` (of one).

    Raises
    ------
    ValueError
        A column is missing, a cohort doubled, births are empty or not above zero, a
        count is negative or grows with age.

    Notes
    -----
    Brown, Cai and DasGupta (2001, Statistical Science 16). The interval is that of a
    draw of independent firms; cohorts differ by more than that.
    """
    alive = _alive(cohorts, keys, births, survivors)
    alive = pd.concat([cohorts[list(keys)], alive, alive[0].rename("born")], axis=1)
    long = alive.melt([*keys, "born"], var_name="age", value_name="alive").dropna()
    long = long.sort_values([*keys, "age"], ignore_index=True)
    long["age"] = long["age"].astype(int)
    long["share"] = long["alive"] / long["born"]
    # Wilson: the shares that a draw of this size would not find surprising.
    z2 = norm.ppf((1 + level) / 2) ** 2 / long["born"]
    middle = long["share"] + z2 / 2
    reach = np.sqrt(z2 * (long["share"] * (1 - long["share"]) + z2 / 4))
    long["low"] = ((middle - reach) / (1 + z2)).clip(lower=0)
    long["high"] = ((middle + reach) / (1 + z2)).clip(upper=1)
    return long[[*keys, "age", "born", "alive", "share", "low", "high"]]


def period_survival(
    cohorts: pd.DataFrame,
    key: str,
    born_in: str,
    births: str,
    survivors: Mapping[int, str],
    year: int,
    level: float = 0.95,
) -> pd.DataFrame:
    """Survival at the pace of one calendar year: each age lost what it lost that year.

    A life table of the year: from birth to age 1 by the cohort born the year before,
    from 1 to 2 by the one born two years before, and so on. It says nothing of any one
    cohort, and it is not clouded by what earlier years did to it.

    Parameters
    ----------
    cohorts, births, survivors, level
        As in `cohort_survival`; ages must run 1, 2, 3 without a gap.
    key, born_in : str
        Columns with the group (say an industry) and with the year of birth.
    year : int
        The calendar year whose losses count.

    Returns
    -------
    DataFrame
        A row a group and age: ``key``, ``age``, ``share``, ``low``, ``high`` (of one).

    Raises
    ------
    ValueError
        As `cohort_survival`; or ages with a gap, a cohort of the year that is missing,
        not counted in that year, or has no firm left.

    Notes
    -----
    Interval: Greenwood's variance on the log-log scale (Kalbfleisch and Prentice).
    """
    alive = _alive(cohorts, [key, born_in], births, survivors)
    ages = sorted(survivors)
    if ages != list(range(1, len(ages) + 1)):
        raise ValueError(f"survivors has the ages {ages}: give 1, 2, 3 without a gap")
    z = norm.ppf((1 + level) / 2)
    rows = []
    for group in cohorts[key].unique():
        of_group = alive[cohorts[key].eq(group)]
        of_group.index = cohorts.loc[cohorts[key].eq(group), born_in]
        share, variance = 1.0, 0.0
        for age in ages:
            step = of_group.reindex([year - age])[[age - 1, age]].iloc[0]
            if step.isna().any() or step.min() <= 0:
                raise ValueError(
                    f"{key} {group!r}: those born in {year - age} are not counted in "
                    f"{year}, or none is left: choose another year or fewer ages"
                )
            kept = float(step[age] / step[age - 1])
            share, variance = share * kept, variance + (1 - kept) / step[age]
            reach = z * np.sqrt(variance) / -np.log(share) if share < 1 else 0.0
            bounds = share ** np.exp([reach, -reach])
            rows.append((group, age, share, *bounds))
    return pd.DataFrame(rows, columns=[key, "age", "share", "low", "high"])


def _weighted_ranks(values: Numbers, weights: Numbers) -> Numbers:
    """Ranks of each row of values, ties shared, where a value stands weights times.

    Shapes (rows, places) and (draws, places); returns (rows, draws, places). The ranks
    are those of a sample that repeats each place as often as its weight says.
    """
    ranks = np.empty((len(values), *weights.shape))
    for row, value in enumerate(values):
        order = np.argsort(value, kind="stable")
        ordered = value[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        size = np.add.reduceat(weights[:, order], starts, axis=1)
        middle = size.cumsum(axis=1) - (size - 1) / 2
        tie = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(value)]))
        ranks[row][:, order] = middle[:, tie]
    return ranks


def _residual_ranks(values: Numbers, weights: Numbers) -> tuple[Numbers, Numbers]:
    """Ranks of rows 0 and 1, centred, less what the ranks of row 2 explain."""
    ranks = _weighted_ranks(values, weights)
    total = weights.sum(axis=1, keepdims=True)
    ranks -= (ranks * weights).sum(axis=2, keepdims=True) / total
    if len(ranks) > 2:
        third = ranks[2]
        square = (weights * third**2).sum(axis=1, keepdims=True)
        square[square == 0] = np.inf
        for row in ranks[:2]:
            row -= (weights * row * third).sum(axis=1, keepdims=True) / square * third
    return ranks[0], ranks[1]


def _correlations(values: Numbers, weights: Numbers) -> Numbers:
    """One rank correlation a row of weights; 0 where nothing varies."""
    a, b = _residual_ranks(values, weights)
    size = np.sqrt((weights * a**2).sum(axis=1) * (weights * b**2).sum(axis=1))
    joint = (weights * a * b).sum(axis=1)
    found: Numbers = np.divide(joint, size, out=np.zeros(len(size)), where=size > 1e-9)
    return found


def rank_correlation(
    table: pd.DataFrame,
    x: str,
    y: str,
    *,
    given: str | None = None,
    within: str | None = None,
    draws: int = 999,
    seed: int = 2020,
) -> RankCorrelation:
    """Spearman's rank correlation with a bootstrap interval and a permutation p-value.

    Parameters
    ----------
    table : DataFrame
        One row a place.
    x, y : str
        The two columns to compare.
    given : str, optional
        Column to hold constant: the partial rank correlation.
    within : str, optional
        Column with groups, say countries. Each value is then measured from the mean of
        its group, whole groups are drawn in the bootstrap (neighbours within a group
        need not be independent) and values are dealt out within groups only. Groups of
        one are left out.
    draws : int
        Number of bootstrap samples and of permutations.
    seed : int
        Seed of both.

    Returns
    -------
    RankCorrelation
        ``rho``, ``low`` and ``high`` (percentile interval, 95 per cent), two-sided
        ``p_value`` of (1 + k) / (draws + 1), ``n`` rows used, bootstrap ``draws``.

    Raises
    ------
    ValueError
        A column is missing or empty in a row, has one value only, or fewer than four
        rows (with ``within``: or fewer than two groups) are left.

    Notes
    -----
    Clusters: Cameron, Gelbach and Miller (2008, Review of Economics and Statistics
    90). With few groups such intervals are somewhat too narrow.
    """
    columns = [x, y, *([given] if given else [])]
    used = _numbers(table, columns)
    if within is not None:
        if within not in table.columns or table[within].isna().any():
            raise ValueError(f"column {within!r} is missing or has holes: fill it")
        size = table.groupby(within)[within].transform("size")
        keep = (size > 1).to_numpy()
        used = used[keep] - used[keep].groupby(table.loc[keep, within]).transform(
            "mean"
        )
        labels = table.loc[keep, within].to_numpy()
        block = pd.factorize(labels)[0]
    else:
        block = np.arange(len(used))
    blocks = int(block.max(initial=-1)) + 1
    if len(used) < 4 or blocks < 2:
        raise ValueError(
            f"{len(used)} rows in {blocks} groups are left: give at least four "
            "rows, and two groups of two"
        )
    for column in columns:
        if np.ptp(used[column].to_numpy()) < 1e-12:
            raise ValueError(f"column {column!r} does not vary: choose another measure")
    values = used.to_numpy().T
    rng = np.random.default_rng(seed)
    once = np.ones((1, len(used)))
    rho = float(_correlations(values, once)[0])
    chosen = rng.integers(0, blocks, (draws, blocks))
    times = np.zeros((draws, blocks))
    np.add.at(times, (np.arange(draws)[:, None], chosen), 1)
    drawn = _correlations(values, times[:, block])
    # Deal the residual ranks of y out again, within groups where there are groups.
    a, b = (residual[0] for residual in _residual_ranks(values, once))
    deal = block if within is not None else np.zeros(len(used), dtype=int)
    places = np.argsort(deal, kind="stable")
    dealt = np.argsort(deal + rng.random((draws, len(used))), axis=1)
    beyond = np.abs(b[dealt] @ a[places]) >= abs(a @ b) * (1 - 1e-12)
    low, high = np.percentile(drawn, [2.5, 97.5])
    p_value = float((1 + beyond.sum()) / (draws + 1))
    return RankCorrelation(rho, float(low), float(high), p_value, len(used), drawn)


def smallest_detectable_correlation(
    n: int, power: float = 0.8, significance: float = 0.05
) -> float:
    """Smallest rank correlation that n independent places would show.

    Parameters
    ----------
    n : int
        Number of places, five or more.
    power : float
        Share of samples in which it is to be seen, between 0 and 1.
    significance : float
        Largest two-sided p-value called a sighting, between 0 and 1.

    Returns
    -------
    float
        Size of Spearman's correlation, without a sign.

    Raises
    ------
    ValueError
        Too few places, or a share that is not between 0 and 1.

    Notes
    -----
    Fisher's z with the variance (1 + rho**2 / 2) / (n - 3) of Bonett and Wright (2000,
    Psychometrika 65).
    """
    if n < 5:
        raise ValueError(f"n={n}: give at least five places")
    for name, share in (("power", power), ("significance", significance)):
        if not 0 < share < 1:
            raise ValueError(f"{name}={share}: give a share between 0 and 1")
    pass_mark = norm.ppf(1 - significance / 2) / np.sqrt(n - 3)
    margin = norm.ppf(power)

    def surplus(rho: float) -> float:
        spread = np.sqrt((1 + rho**2 / 2) / (n - 3))
        return float(np.arctanh(rho) - pass_mark - margin * spread)

    return float(brentq(surplus, 0, 1 - 1e-9)) if surplus(0) < 0 else 0.0


def survey_reliability(estimates: pd.Series, standard_errors: pd.Series) -> float:
    """Share of the spread between places that is not survey error.

    One minus the mean squared standard error over the variance of the estimates: 1 if
    the survey were exact, 0 if its error alone explains the spread, below 0 if it
    would explain more than is seen. A correlation with the true values shrinks by the
    square root of this share.

    Parameters
    ----------
    estimates, standard_errors : Series, shape (places,)
        In the same unit and order.

    Raises
    ------
    ValueError
        Other lengths, fewer than three places, holes, negative errors, no spread.
    """
    pair = {"estimates": estimates, "standard_errors": standard_errors}
    if not estimates.index.equals(standard_errors.index) or len(estimates) < 3:
        raise ValueError("give three or more places, with one error an estimate")
    used = _numbers(pd.DataFrame(pair), list(pair))
    if (used["standard_errors"] < 0).any():
        raise ValueError("standard_errors holds a negative number: correct it")
    spread = used["estimates"].var()
    if spread <= 0:
        raise ValueError("estimates do not vary: there is no spread to explain")
    return float(1 - (used["standard_errors"] ** 2).mean() / spread)


def log_growth(
    panel: pd.DataFrame, first: Sequence[int], last: Sequence[int]
) -> pd.Series:
    """Logarithm of the mean of the last periods over the mean of the first.

    Parameters
    ----------
    panel : DataFrame, shape (places, periods)
        Counts or amounts above zero; a column a period.
    first, last : sequence of int
        Periods to average. Taken apart from the period in which a place was ranked,
        they keep that period's noise out of the growth.

    Returns
    -------
    Series, shape (places,)
        Log growth; NaN where one of the periods is empty.

    Raises
    ------
    ValueError
        A period is no column or stands in both lists; a value is zero or below.
    """
    periods = [*first, *last]
    for period in periods:
        if period not in panel.columns:
            raise ValueError(f"no period {period} in the panel: choose another")
    if not first or not last or len(set(periods)) < len(periods):
        raise ValueError(f"first {first} and last {last}: give separate periods")
    used = panel[periods].astype(float)
    if (used <= 0).any().any():
        place = used.index[(used <= 0).any(axis=1)][0]
        raise ValueError(f"{place!r} has a value of zero or below: leave it out")
    start, end = (used[list(p)].mean(axis=1, skipna=False) for p in (first, last))
    return pd.Series(np.log(end / start), name="log_growth")


def reversal_noise(panel: pd.DataFrame, step: int = 2) -> float:
    """Standard deviation of what comes and goes in a panel of estimates.

    Noise in one period pushes the change up to it one way and the change after it the
    other way. If lasting growth is unrelated from step to step, minus the covariance
    of two successive changes is the variance of the noise.

    Parameters
    ----------
    panel : DataFrame, shape (places, periods)
        Logarithms of the estimates, periods evenly spaced and in order, less what is
        common to a group of places if such swings are not to count as noise.
    step : int
        Periods between the values compared; so many that a survey's overlapping
        samples have been replaced.

    Returns
    -------
    float
        In the unit of the panel; 0 if changes do not reverse. Real events that last
        less than ``step`` count as noise, too.

    Raises
    ------
    ValueError
        Holes, fewer than three places, or fewer than ``2 * step + 1`` periods.
    """
    values = _numbers(panel, list(panel.columns)).to_numpy()
    places, periods = values.shape
    if step < 1 or periods < 2 * step + 1 or places < 3:
        raise ValueError(
            f"{places} places in {periods} periods, step {step}: give three places and "
            f"{2 * max(step, 1) + 1} periods"
        )
    change = values[:, step:] - values[:, :-step]
    change = change - change.mean(axis=0)
    products = change[:, :-step] * change[:, step:]
    variance = -products.sum(axis=0).mean() / (places - 1)
    return float(np.sqrt(max(variance, 0.0)))
