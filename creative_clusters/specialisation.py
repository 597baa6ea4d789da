"""What a place is made of: quotients, mixes, types, ranks, forecasts of left-out ones.

Functions take any cluster's table, one row a place (or a place and a class), and say
with every number how sure it is: by published standard errors, by groups drawn at
random, by random weights, or by places that a forecast has not seen.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.special import comb

Floats = NDArray[np.float64]

QUOTIENT_COLUMNS = (
    "jobs",
    "all_jobs",
    "nation_jobs",
    "nation_all_jobs",
    "rse",
    "nation_rse",
)


class Concentration(NamedTuple):
    """How unevenly something is spread over places."""

    herfindahl: float
    effective: float
    entropy: float
    effective_entropy: float


class GroupSpread(NamedTuple):
    """How unlike the members of a group are, beside groups drawn at random."""

    within: float
    others: float
    drawn: Floats
    p_alike: float
    p_unlike: float


def _numbers(table: pd.DataFrame, name: str, holes: bool = False) -> pd.DataFrame:
    """Return the table as floats, or say which cell to mend and how."""
    if not table.index.is_unique:
        double = table.index[table.index.duplicated()][0]
        raise ValueError(f"{name} has row {double!r} twice: keep one of them")
    if len(table) < 3:
        raise ValueError(f"{name} has {len(table)} row(s): give at least three")
    used = table.astype(float)
    values = used.to_numpy()
    wrong: NDArray[np.bool_] = np.isinf(values) if holes else ~np.isfinite(values)
    if wrong.any():
        row, column = (int(found[0]) for found in np.nonzero(wrong))
        raise ValueError(
            f"{name} has no number in column {used.columns[column]!r}, row "
            f"{used.index[row]!r}: fill it or leave the row out"
        )
    return used


def location_quotient(table: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Location quotients with intervals from the standard errors of the counts.

    The share of a class of jobs in a place over its share in the nation: 2 means twice
    the national share. The place is part of the nation, so an error in its count moves
    both shares; for the error of the quotient only the rest of the nation counts in
    full. Totals are taken as known.

    Parameters
    ----------
    table : DataFrame, shape (rows, 6 or more columns)
        ``jobs`` and ``all_jobs`` of the place, ``nation_jobs`` and ``nation_all_jobs``
        (all in jobs, the place included in the nation), ``rse`` and ``nation_rse``
        (relative standard errors of the two job counts, as fractions: 0.39 for 39 per
        cent). For a full count of independent events take ``1 / sqrt(jobs)``.
    level : float
        Coverage of the interval, between 0 and 1.

    Returns
    -------
    DataFrame, shape (rows, 4)
        ``lq`` (ratio, nation 1), ``rse`` of the quotient (fraction), ``low``, ``high``.

    Raises
    ------
    ValueError
        A column or number is missing, a count is not positive or exceeds the count it
        is part of, an error is negative, or ``level`` is not between 0 and 1.

    Notes
    -----
    Delta method on the logarithm (Crawley, Beynon and Munday 2013, Urban Studies 50,
    on why a quotient needs an interval). With s the place's part of the nation's jobs
    in the class, and the rest of the nation sampled independently of the place:
    var(log LQ) = (1 - s)^2 rse^2 + max(0, nation_rse^2 - s^2 rse^2).
    """
    if not 0 < level < 1:
        raise ValueError(f"level={level}: use a number between 0 and 1, say 0.95")
    for column in QUOTIENT_COLUMNS:
        if column not in table:
            raise ValueError(f"table has no column {column!r}: add it")
        values = table[column].astype(float)
        # An error may be nought, a count not: its logarithm has no interval.
        usable = values.ge(0) if column.endswith("rse") else values.gt(0)
        bad = ~usable | np.isinf(values)
        if bad.any():
            row = table.index[bad][0]
            raise ValueError(
                f"column {column!r}, row {row!r}: {table[column][bad].iloc[0]} is no "
                "usable number; correct it or leave the row out"
            )
    for part, whole in (
        ("jobs", "all_jobs"),
        ("jobs", "nation_jobs"),
        ("all_jobs", "nation_all_jobs"),
    ):
        over = table[part] > table[whole]
        if over.any():
            row = table.index[over][0]
            raise ValueError(
                f"row {row!r}: {part!r} is larger than {whole!r}, of which it is a "
                "part; correct one of them"
            )
    t = table[list(QUOTIENT_COLUMNS)].astype(float)
    quotient = (t["jobs"] / t["all_jobs"]) / (t["nation_jobs"] / t["nation_all_jobs"])
    part_of_nation = t["jobs"] / t["nation_jobs"]
    rest = t["nation_rse"] ** 2 - (part_of_nation * t["rse"]) ** 2
    error = np.sqrt(((1 - part_of_nation) * t["rse"]) ** 2 + rest.clip(lower=0))
    reach = np.exp(NormalDist().inv_cdf(0.5 + level / 2) * error)
    return pd.DataFrame(
        {
            "lq": quotient,
            "rse": error,
            "low": quotient / reach,
            "high": quotient * reach,
        }
    )


def standardised(quotients: pd.DataFrame, log: bool = False) -> pd.DataFrame:
    """Standardised location quotients: how far a place stands out from the others.

    Parameters
    ----------
    quotients : DataFrame, shape (places, definitions)
        Location quotients, no gaps.
    log : bool
        Take logarithms first: quotients are skewed, so that a few high ones raise the
        spread against which all are judged. All quotients must then be positive.

    Returns
    -------
    DataFrame, shape (places, definitions)
        (quotient - mean) / standard deviation, both over the places of that column.
        O'Donoghue and Gleave call a place an agglomeration above 1.96 (5 per cent, both
        tails of a normal distribution, which the quotients have to follow).

    Raises
    ------
    ValueError
        A gap, a place twice, fewer than three places, a column without spread, or,
        with ``log``, a quotient that is not positive.

    Notes
    -----
    O'Donoghue and Gleave (2004, Regional Studies 38). The R package REAT offers both
    forms and refers for logarithms to Tian (2013, Journal of Regional Analysis and
    Policy 43).
    """
    used = _numbers(quotients, "quotients")
    if log:
        if (used <= 0).any(axis=None):
            column = used.columns[(used <= 0).any()][0]
            raise ValueError(f"quotients has no logarithm in column {column!r}")
        used = used.apply(np.log)
    spread = used.std()
    if (spread == 0).any():
        column = used.columns[spread == 0][0]
        raise ValueError(f"quotients are all the same in column {column!r}")
    scores: pd.DataFrame = (used - used.mean()) / spread
    return scores


def concentration(amounts: "pd.Series[float]") -> Concentration:
    """How concentrated jobs are on few places.

    Parameters
    ----------
    amounts : Series, shape (places,)
        Jobs in each place, none negative, some above nought. Units do not matter.

    Returns
    -------
    Concentration
        ``herfindahl``, the sum of squared shares, and ``effective``, one divided by it:
        the number of places of one size that would be as concentrated. ``entropy``
        (Shannon, natural logarithm) and ``effective_entropy``, its exponential, which
        gives small places more weight (Hill 1973, Ecology 54).

    Raises
    ------
    ValueError
        An amount is missing or negative, or all are nought.
    """
    values = amounts.to_numpy(dtype=float)
    if not np.isfinite(values).all() or (values < 0).any() or values.sum() == 0:
        raise ValueError("amounts must be known and not negative, and not all nought")
    part = values / values.sum()
    herfindahl = float((part**2).sum())
    known = part[part > 0]
    entropy = float(-(known * np.log(known)).sum())
    return Concentration(herfindahl, 1 / herfindahl, entropy, float(np.exp(entropy)))


def year_draws(yearly: pd.DataFrame, draws: int, seed: int) -> Floats:
    """Averages over years, as they might as well have come out.

    For figures without a published error: the years of a place testify against each
    other. Each draw adds to the average of every place an error as large as its years
    are apart, the same for all definitions of that place, so that figures that share
    jobs err together. The errors of one definition follow Student's t; their quantiles
    are the usual interval of an average of that many years. A trend counts as error;
    years are taken as independent, which has to be checked.

    Parameters
    ----------
    yearly : DataFrame, shape (places, definitions x years)
        Two levels of columns: definition, year; every definition with the same years,
        two or more. Logarithms, if the figures are ratios.
    draws : int
        Sets of averages.
    seed : int
        Seed of the draws.

    Returns
    -------
    array, shape (draws, places, definitions)
        Definitions in the order in which they first stand in the columns.

    Raises
    ------
    ValueError
        A gap, a place twice, definitions with different years, or one year only.
    """
    _numbers(yearly, "yearly")
    names = list(dict.fromkeys(yearly.columns.get_level_values(0)))
    years = list(yearly[names[0]].columns)
    if len(years) < 2 or any(list(yearly[name].columns) != years for name in names):
        raise ValueError("yearly needs two or more years, the same of each definition")
    values = np.stack([yearly[name].to_numpy(dtype=float) for name in names], axis=-1)
    mean = values.mean(axis=1)
    apart, free = values - mean[:, None], len(years) - 1
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((draws, len(yearly), len(years)))
    tails = np.sqrt(free / rng.chisquare(free, (draws, len(yearly), 1)))
    errors = np.einsum("kpy,pyd->kpd", weights, apart) * tails
    drawn: Floats = mean + errors / np.sqrt(len(years) * free)
    return drawn


def dissimilarity(shares: pd.DataFrame) -> pd.DataFrame:
    """Share of jobs that would have to change class for two places to be alike.

    Half the sum of absolute differences between two mixes, 0 (one mix) to 1 (nothing
    in common); Duncan and Duncan (1955, American Sociological Review 20).

    Parameters
    ----------
    shares : DataFrame, shape (places, classes)
        Each class's share of the place's whole. What a row leaves to 1 is one more
        class, "the rest". A missing share is one that was not released: for each pair
        it is counted with the rest in both places. Merging can hide a difference and
        never make one, so the result is then a lower bound.

    Returns
    -------
    DataFrame, shape (places, places)
        Symmetric, zero diagonal.

    Raises
    ------
    ValueError
        Fewer than three places, a place twice, a negative share, a row above 1.
    """
    used = _numbers(shares, "shares", holes=True)
    if (used < 0).any(axis=None):
        column = used.columns[(used < 0).any()][0]
        raise ValueError(f"shares has a negative number in column {column!r}: mend it")
    if (used.sum(axis=1) > 1 + 1e-6).any():
        row = used.index[used.sum(axis=1) > 1 + 1e-6][0]
        raise ValueError(
            f"shares of {row!r} add up to more than 1: divide by the total"
        )
    values = used.to_numpy()
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    # Blocks of rows: fast, and a million cells at a time at most.
    size = max(1, 1_000_000 // values.size)
    rows = []
    for start in range(0, len(values), size):
        block = slice(start, start + size)
        both = known[block, None] & known
        gap = np.where(both, filled - filled[block, None], 0.0)
        rows.append((np.abs(gap).sum(axis=2) + np.abs(gap.sum(axis=2))) / 2)
    return pd.DataFrame(np.vstack(rows), index=used.index, columns=used.index)


def _pairs(distance: Floats, members: NDArray[np.intp]) -> float:
    """Mean distance over all pairs of members."""
    block = distance[np.ix_(members, members)]
    return float(block.sum() / (len(members) * (len(members) - 1)))


def group_spread(
    distance: pd.DataFrame, group: Sequence[str], draws: int, seed: int
) -> GroupSpread:
    """Mean distance within a group, beside groups of that size drawn at random.

    Parameters
    ----------
    distance : DataFrame, shape (places, places)
        Symmetric, as from `dissimilarity`.
    group : sequence of str
        Two or more places, leaving two or more others.
    draws : int
        Random groups.
    seed : int
        Seed of the draws.

    Returns
    -------
    GroupSpread
        ``within`` the group, among the ``others``, in each group ``drawn``; and
        ``p_alike``, ``p_unlike``: the part of groups, the true one counted, whose mean
        distance is at most, at least, the true group's: ``(1 + k) / (draws + 1)``.

    Raises
    ------
    ValueError
        A place is missing or doubled, a distance is missing, too few members or others.
    """
    used = _numbers(distance, "distance")
    missing = [place for place in group if place not in used.index]
    if missing:
        raise ValueError(f"group names {missing[0]!r}, which is no row of distance")
    inside = used.index.isin(list(group))
    size = int(inside.sum())
    if len(group) != size or size < 2 or len(used) - size < 2:
        raise ValueError(
            f"group has {len(group)} names for {size} of {len(used)} places: name each "
            "once, at least two, and leave at least two others"
        )
    values = used.to_numpy()
    within = _pairs(values, np.flatnonzero(inside))
    rng = np.random.default_rng(seed)
    order = np.tile(np.arange(len(used)), (draws, 1))
    chosen = rng.permuted(order, axis=1)[:, :size]
    blocks = values[chosen[:, :, None], chosen[:, None, :]]
    drawn = blocks.sum(axis=(1, 2)) / (size * (size - 1))
    # A tiny slack, so that a drawn group equal to the true one counts on both sides.
    alike = int((drawn <= within + 1e-12).sum())
    unlike = int((drawn >= within - 1e-12).sum())
    return GroupSpread(
        within,
        _pairs(values, np.flatnonzero(~inside)),
        drawn,
        (1 + alike) / (draws + 1),
        (1 + unlike) / (draws + 1),
    )


def types(positions: pd.DataFrame, count: int) -> "pd.Series[int]":
    """Sort places into types: Ward's hierarchical clustering, cut into ``count``.

    Parameters
    ----------
    positions : DataFrame, shape (places, dimensions)
        For mixes, the square roots of the shares (Hellinger), so that a small class
        weighs by its ratio rather than by its size.
    count : int
        Types wanted, from 2 to one fewer than there are places.

    Returns
    -------
    Series, shape (places,)
        Number of the type, from 1.

    Raises
    ------
    ValueError
        A number is missing, a place doubled, ``count`` out of range or more than the
        places that differ.
    """
    used = _numbers(positions, "positions")
    if not 2 <= count < len(used):
        raise ValueError(f"count={count}: use 2 to {len(used) - 1} types")
    found = _cut(used.to_numpy(), count)
    if found.max() < count:
        raise ValueError(
            f"count={count}, but only {found.max()} groups differ: ask for fewer types"
        )
    return pd.Series(found, index=used.index, name="type")


def _cut(values: Floats, count: int) -> NDArray[Any]:
    labels: NDArray[Any] = fcluster(linkage(values, "ward"), count, "maxclust")
    return labels


def type_stability(
    positions: pd.DataFrame, count: int, draws: int, seed: int
) -> "pd.Series[float]":
    """How well each type comes back when places are drawn anew.

    Bootstrap of Hennig (2007, Computational Statistics and Data Analysis 52): draw
    places with replacement, sort the distinct ones into ``count`` types, and note for
    each original type the overlap (Jaccard: places in both over places in either) with
    the most similar new one. The mean over draws is its stability, 0 to 1; Hennig calls
    0.75 and more stable, below 0.6 not to be trusted.

    Parameters and errors as in `types`; ``draws`` and ``seed`` of the bootstrap.

    Returns
    -------
    Series, shape (count,)
        Stability of each type, indexed by its number.
    """
    means = _stabilities(positions, [count], draws, seed)[0]
    kinds = pd.Index(range(1, count + 1), name="type")
    return pd.Series(means, index=kinds).rename("jaccard")


def average_stability(
    positions: pd.DataFrame, counts: Sequence[int], draws: int, seed: int
) -> "pd.Series[float]":
    """Stability of the type of an average place, for several numbers of types.

    The mean over places of what `type_stability` says of their types. All numbers of
    types are cut from the same trees, one tree a draw.

    Parameters and errors as in `type_stability`, with ``counts`` for ``count``.

    Returns
    -------
    Series, shape (counts,)
        Mean stability, 0 to 1, indexed by the number of types.
    """
    means = _stabilities(positions, counts, draws, seed)
    kinds = [types(positions, count).to_numpy() - 1 for count in counts]
    found = [float(m[k].mean()) for m, k in zip(means, kinds, strict=True)]
    return pd.Series(found, index=pd.Index(counts, name="types")).rename("jaccard")


def _stabilities(
    positions: pd.DataFrame, counts: Sequence[int], draws: int, seed: int
) -> list[Floats]:
    """Stability of each type, an array for each number of types."""
    originals = [types(positions, count).to_numpy() - 1 for count in counts]
    values = positions.to_numpy(dtype=float)
    rng = np.random.default_rng(seed)
    overlaps = [np.full((draws, count), np.nan) for count in counts]
    for draw in range(draws):
        kept = np.unique(rng.integers(len(values), size=len(values)))
        if len(kept) <= max(counts):
            continue
        cut = _cuts(linkage(values[kept], "ward"), counts)
        for count, original, overlap in zip(counts, originals, overlaps, strict=True):
            both = np.bincount(
                original[kept] * count + cut[count], minlength=count**2
            ).reshape(count, -1)
            either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
            here = both.any(axis=1)  # a type with no place drawn says nothing
            overlap[draw, here] = (both[here] / either[here]).max(axis=1)
    return [np.nanmean(overlap, axis=0) for overlap in overlaps]


def _cuts(tree: Floats, counts: Sequence[int]) -> dict[int, NDArray[np.intp]]:
    """Groups, from 0, at several cuts of a tree; scipy makes one cut at a time."""
    leaves = len(tree) + 1
    members = [[leaf] for leaf in range(leaves)]
    alive = dict.fromkeys(range(leaves))
    found = {}
    for step, (left, right) in enumerate(tree[:, :2].astype(int).tolist()):
        if leaves - step in counts:
            labels = np.empty(leaves, dtype=np.intp)
            for label, node in enumerate(alive):
                labels[members[node]] = label
            found[leaves - step] = labels
        members.append(members[left] + members[right])
        del alive[left], alive[right]
        alive[leaves + step] = None
    return found


def adjusted_rand(first: "pd.Series[Any]", second: "pd.Series[Any]") -> float:
    """Agreement of two groupings of the same places: 1 the same, 0 as by chance.

    Hubert and Arabie (1985, Journal of Classification 2). Raises ValueError when the
    two do not name the same places, or when each puts all places into one type.
    """
    if not first.index.is_unique or set(first.index) != set(second.index):
        raise ValueError("first and second must hold the same places, each once")
    table = pd.crosstab(first, second.reindex(first.index)).to_numpy()
    both = comb(table, 2).sum()
    rows, columns = comb(table.sum(axis=1), 2).sum(), comb(table.sum(axis=0), 2).sum()
    by_chance = rows * columns / comb(len(first), 2)
    if (rows + columns) / 2 == by_chance:
        raise ValueError(
            "both groupings have one type only: there is nothing to compare"
        )
    return float((both - by_chance) / ((rows + columns) / 2 - by_chance))


def rank_intervals(
    scores: pd.DataFrame,
    draws: int,
    seed: int,
    level: float = 0.9,
    concentration: float = 1.0,
) -> pd.DataFrame:
    """Where a place ranks when nobody knows the right weights.

    Each draw weights the indicators at random (Dirichlet: none negative, sum one), adds
    them up and ranks the places; Saisana, Saltelli and Tarantola (2005, Journal of the
    Royal Statistical Society A 168).

    Parameters
    ----------
    scores : DataFrame, shape (places, indicators)
        Standardised, more is better in each; no gaps.
    draws : int
        Sets of weights.
    seed : int
        Seed of the draws.
    level : float
        Part of the draws that the interval holds, between 0 and 1.
    concentration : float
        1: every set of weights is as likely as any other; the larger, the nearer to
        equal weights.

    Returns
    -------
    DataFrame, shape (places, 3)
        Ranks ``low``, ``middle`` (median), ``high``; 1 is best.

    Raises
    ------
    ValueError
        A gap, a place twice, one indicator only, ``level`` or ``concentration`` out of
        range.
    """
    used = _numbers(scores, "scores")
    if used.shape[1] < 2:
        raise ValueError("scores has one column: one indicator needs no weights")
    if not 0 < level < 1 or concentration <= 0:
        raise ValueError("use a level between 0 and 1 and a concentration above 0")
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(used.shape[1], concentration), size=draws)
    totals = weights @ used.to_numpy().T
    best_first = (-totals).argsort(axis=1)
    ranks = np.empty_like(best_first)
    places = np.arange(1, len(used) + 1)
    np.put_along_axis(ranks, best_first, places[None, :], axis=1)
    tail = (1 - level) / 2
    low, middle, high = np.quantile(ranks, [tail, 0.5, 1 - tail], axis=0)
    return pd.DataFrame({"low": low, "middle": middle, "high": high}, index=used.index)


def left_out_forecasts(
    outcome: "pd.Series[float]",
    predictors: pd.DataFrame,
    groups: "pd.Series[Any] | None" = None,
) -> pd.DataFrame:
    """Forecast each place by what fits the others: least squares, place left out.

    Parameters
    ----------
    outcome : Series, shape (places,)
        What is to be forecast.
    predictors : DataFrame, shape (places, columns)
        What it is forecast from; a constant is added.
    groups : Series, shape (places,), optional
        Places to be left out together, say all of a country. Without it, one by one.

    Returns
    -------
    DataFrame, shape (places, 3)
        ``actual``, ``forecast`` and ``mean_of_others`` (the plain rival: the mean of
        the places that were kept), unit of the outcome.

    Raises
    ------
    ValueError
        A gap, a place twice, tables that do not name the same places, one group only,
        or fewer places kept than there are predictors plus two.

    Notes
    -----
    Stone (1974, Journal of the Royal Statistical Society B 36).
    """
    used = _numbers(predictors, "predictors")
    actual = _numbers(outcome.to_frame("outcome"), "outcome")["outcome"]
    if set(actual.index) != set(used.index):
        raise ValueError("outcome and predictors must name the same places")
    actual = actual.reindex(used.index)
    named = pd.Series(range(len(used)), used.index) if groups is None else groups
    labels = named.reindex(used.index)
    if labels.isna().any():
        raise ValueError(f"groups does not name {labels.index[labels.isna()][0]!r}")
    x = np.column_stack([np.ones(len(used)), used.to_numpy()])
    y = actual.to_numpy()
    codes, names = pd.factorize(labels)
    forecast, mean = np.empty(len(y)), np.empty(len(y))
    for code, label in enumerate(names):
        out = codes == code
        if (~out).sum() < x.shape[1] + 1:
            raise ValueError(
                f"without {label!r} only {(~out).sum()} places are left for "
                f"{used.shape[1]} predictors: use fewer predictors or more groups"
            )
        fit = np.linalg.lstsq(x[~out], y[~out], rcond=None)[0]
        forecast[out], mean[out] = x[out] @ fit, y[~out].mean()
    return pd.DataFrame(
        {"actual": y, "forecast": forecast, "mean_of_others": mean}, index=used.index
    )


def neighbour_forecasts(
    outcome: "pd.Series[float]", distance: pd.DataFrame, neighbours: int
) -> pd.DataFrame:
    """Forecast each place by the mean of the places most like it.

    Parameters
    ----------
    outcome : Series, shape (places,)
        What is to be forecast.
    distance : DataFrame, shape (places, places)
        How unlike two places are, as from `dissimilarity`.
    neighbours : int
        How many of the most alike to copy, at least 1, fewer than there are others.

    Returns
    -------
    DataFrame, shape (places, 3)
        As `left_out_forecasts`.

    Raises
    ------
    ValueError
        A gap, a place twice, tables that do not name the same places, ``neighbours``
        out of range.
    """
    used = _numbers(distance, "distance")
    actual = _numbers(outcome.to_frame("outcome"), "outcome")["outcome"]
    if set(actual.index) != set(used.index) or set(used) != set(used.index):
        raise ValueError("outcome, rows and columns of distance must name one set")
    if not 1 <= neighbours < len(used) - 1:
        raise ValueError(f"neighbours={neighbours}: use 1 to {len(used) - 2}")
    apart = used[used.index].to_numpy().copy()
    np.fill_diagonal(apart, np.inf)
    y = actual.reindex(used.index).to_numpy()
    nearest = apart.argsort(axis=1, kind="stable")[:, :neighbours]
    return pd.DataFrame(
        {
            "actual": y,
            "forecast": y[nearest].mean(axis=1),
            "mean_of_others": (y.sum() - y) / (len(y) - 1),
        },
        index=used.index,
    )


def skill(forecasts: pd.DataFrame) -> float:
    """Part of the squared error of the plain mean that a forecast takes away.

    ``1 - sum((actual - forecast)^2) / sum((actual - mean_of_others)^2)``: 1 is perfect,
    0 no better than the mean of the others, below 0 worse.

    Parameters
    ----------
    forecasts : DataFrame, shape (places, 3)
        As from `left_out_forecasts` or `neighbour_forecasts`.

    Raises
    ------
    ValueError
        A column is missing, or nothing varies.
    """
    for column in ("actual", "forecast", "mean_of_others"):
        if column not in forecasts:
            raise ValueError(f"forecasts has no column {column!r}: add it")
    rival = ((forecasts["actual"] - forecasts["mean_of_others"]) ** 2).sum()
    if rival == 0:
        raise ValueError(
            "all places have the same outcome: there is nothing to forecast"
        )
    return float(1 - ((forecasts["actual"] - forecasts["forecast"]) ** 2).sum() / rival)


def skill_interval(
    forecasts: pd.DataFrame,
    draws: int,
    seed: int,
    groups: "pd.Series[Any] | None" = None,
    level: float = 0.95,
) -> tuple[float, float]:
    """Interval of the skill: percentile bootstrap over places, or whole groups of them.

    The forecasts are kept as they are; only the places by which they are judged are
    drawn anew. Where places of a group share an error, as cities of a country do, draw
    groups.

    Parameters
    ----------
    forecasts : DataFrame, shape (places, 3)
        As for `skill`.
    draws : int
        Bootstrap samples.
    seed : int
        Seed of the draws.
    groups : Series, shape (places,), optional
        Places to be drawn together.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper end.

    Raises
    ------
    ValueError
        As `skill`; a place without a group; fewer than three groups.
    """
    skill(forecasts)
    named = (
        pd.Series(range(len(forecasts)), forecasts.index) if groups is None else groups
    )
    labels = named.reindex(forecasts.index)
    if labels.isna().any():
        raise ValueError(f"groups does not name {labels.index[labels.isna()][0]!r}")
    errors = pd.DataFrame(
        {
            "own": (forecasts["actual"] - forecasts["forecast"]) ** 2,
            "rival": (forecasts["actual"] - forecasts["mean_of_others"]) ** 2,
        }
    )
    sums = errors.groupby(labels.to_numpy()).sum().to_numpy()
    if len(sums) < 3:
        raise ValueError(
            f"{len(sums)} group(s) cannot give an interval: use three or more"
        )
    rng = np.random.default_rng(seed)
    drawn = sums[rng.integers(len(sums), size=(draws, len(sums)))].sum(axis=1)
    tail = (1 - level) / 2
    low, high = np.quantile(1 - drawn[:, 0] / drawn[:, 1], [tail, 1 - tail])
    return float(low), float(high)
