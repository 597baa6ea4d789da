"""Where interests pull apart: agreement, gaps between groups, slipping promises.

Plain measures for small tables: answers on a scale, items of two groups, announcements
of the same thing at different dates, a series that a cluster keeps about itself.
"""

import math
from collections.abc import Callable
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

__all__ = [
    "GroupGap",
    "SlipSlope",
    "agreement",
    "alarm_shares",
    "detectable_gap",
    "group_gap",
    "individuals_chart",
    "revisions",
    "slip_slope",
]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MOST_SPLITS = 20_000  # up to here every split is counted, beyond it they are drawn
DRAWS = 9_999
SIGNIFICANCE = 0.05
STEPS = 30  # halvings of a search; the last one is a billionth of the first
# Mean moving range of two over the standard deviation of a normal series.
D2 = 1.128


class GroupGap(NamedTuple):
    """Mean of one group minus mean of the other, with what chance makes of it."""

    gap: float
    low: float
    high: float
    p_value: float
    smallest_p: float


class SlipSlope(NamedTuple):
    """How far an announced date moves in a year, and how much one point matters."""

    slope: float
    low: float
    high: float
    one_left_out_low: float
    one_left_out_high: float
    points: int


def _numbers(values: "pd.Series[Any]", what: str) -> "pd.Series[float]":
    """Return values as floats, or name the first row that holds none."""
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    wrong = values[~np.isfinite(numbers)]
    if len(wrong):
        raise ValueError(
            f"{what}: row {wrong.index[0]!r} holds {_shown(wrong.iloc[0])}, no number: "
            "correct it or leave the row out"
        )
    return numbers


def _array(numbers: "pd.Series[float]") -> Floats:
    """A copy of the numbers without their labels."""
    return np.array(numbers, dtype=np.float64)


def _shown(value: object) -> str:
    """A value as its owner typed it."""
    return repr(value) if isinstance(value, str) else str(value)


def agreement(counts: "pd.Series[Any]") -> float:
    """Van der Eijk's agreement A in answers on an ordered scale.

    Parameters
    ----------
    counts : Series, shape (categories,)
        Answers in each category, in the order of the scale, three categories or more.
        Categories that nobody chose must be there, with a zero.

    Returns
    -------
    float
        1 if all chose one category, 0 if all categories are equally full, -1 if one
        half chose each end. It describes the answers given, however few.

    Raises
    ------
    ValueError
        If there are fewer than three categories, no answer, or a count that is
        missing or negative.

    Notes
    -----
    van der Eijk (2001), Measuring agreement in ordered rating scales, Quality and
    Quantity 35, 325-341: the counts are peeled into layers of equal height; a layer's
    agreement depends on its gaps; layers weigh as many answers as they hold.
    """
    left = _array(_numbers(counts, "counts"))
    if len(left) < 3:
        raise ValueError(
            f"counts has {len(left)} categories: A needs 3 or more, empty ones too"
        )
    if (left < 0).any():
        where = counts.index[int(np.argmax(left < 0))]
        raise ValueError(f"counts: category {where!r} is negative: counts start at 0")
    total = left.sum()
    if total == 0:
        raise ValueError("counts: nobody answered, every category is 0")
    result = 0.0
    while (left > 0).any():
        filled = left > 0
        height = left[filled].min()
        result += _layer(filled) * height * filled.sum() / total
        left = np.where(filled, left - height, 0.0)
    return float(result)


def _layer(filled: Flags) -> float:
    """Agreement of a pattern of full and empty categories."""
    size, full = len(filled), int(filled.sum())
    if full in (1, size):
        return 1.0 if full == 1 else 0.0
    apart = together = 0  # triples 1-0-1; triples 1-1-0 and 0-1-1
    for first, second, third in combinations(filled, 3):
        apart += bool(first and third and not second)
        together += bool(second and first != third)
    unimodality = ((size - 2) * together - (size - 1) * apart) / (
        (size - 2) * (together + apart)
    )
    return float(unimodality * (1 - (full - 1) / (size - 1)))


def _groups(
    values: "pd.Series[Any]", in_group: "pd.Series[Any]"
) -> tuple[Floats, Flags]:
    """Return values and membership as arrays, or say what to mend and how."""
    numbers = _numbers(values, "values")
    if not values.index.is_unique:
        double = values.index[values.index.duplicated()][0]
        raise ValueError(f"values: row {double!r} stands twice: keep one of them")
    if not values.index.equals(in_group.index):
        raise ValueError("values and in_group have different rows: align them first")
    if not in_group.isin([True, False]).all():
        wrong = in_group[~in_group.isin([True, False])]
        raise ValueError(
            f"in_group: row {wrong.index[0]!r} holds {_shown(wrong.iloc[0])}: give "
            "True or False"
        )
    members = in_group.to_numpy(dtype=bool)
    if not 0 < members.sum() < len(members):
        raise ValueError(
            f"in_group has {members.sum()} of {len(members)} rows in the group: both "
            "groups need a row"
        )
    return _array(numbers), members


def _splits(size: int, inside: int, seed: int) -> tuple[Floats, bool]:
    """Ways to choose ``inside`` of ``size`` rows as 0 and 1: all, or a draw of them."""
    if math.comb(size, inside) <= MOST_SPLITS:
        chosen = np.array(list(combinations(range(size), inside)))
        every = True
    else:
        rng = np.random.default_rng(seed)
        chosen = rng.random((DRAWS, size)).argpartition(inside, axis=1)[:, :inside]
        every = False
    splits = np.zeros((len(chosen), size))
    np.put_along_axis(splits, chosen, 1.0, axis=1)
    return splits, every


def _gaps(values: Floats, splits: Floats) -> Floats:
    """Mean of the chosen minus mean of the rest, for each split."""
    inside = splits[0].sum()
    chosen = splits @ values
    return np.asarray(
        chosen / inside - (values.sum() - chosen) / (len(values) - inside)
    )


def _p_value(values: Floats, members: Flags, splits: Floats, every: bool) -> float:
    """Two-sided share of splits whose gap is at least as large as the true one."""
    observed = abs(float(_gaps(values, members[None, :].astype(float))[0]))
    tiny = 1e-9 * (np.abs(values).max() + 1e-300)  # a tie must count as one
    reached = int((np.abs(_gaps(values, splits)) >= observed - tiny).sum())
    return reached / len(splits) if every else (1 + reached) / (1 + len(splits))


def group_gap(
    values: "pd.Series[Any]", in_group: "pd.Series[Any]", seed: int = 0
) -> GroupGap:
    """Gap between the means of two groups, by permutation.

    Parameters
    ----------
    values : Series, shape (items,)
        One number an item, all in one unit.
    in_group : Series of bool, shape (items,)
        Whether the item is in the group of interest; same index as ``values``.
    seed : int
        Of the random splits, which are only needed if there are more than 20,000.

    Returns
    -------
    GroupGap
        ``gap`` (group minus rest) with the shifts that are not rejected at five per
        cent (``low``, ``high``; infinite where no shift could be), in the unit of
        ``values``; two-sided ``p_value``; and ``smallest_p``, the least that items so
        few could have given.

    Raises
    ------
    ValueError
        If a value is missing, an item stands twice, the two indexes differ, or a
        group is empty.

    Notes
    -----
    Exact as long as the items are exchangeable: Ernst (2004), Permutation methods: a
    basis for exact inference, Statistical Science 19, 676-685.
    """
    numbers, members = _groups(values, in_group)
    splits, every = _splits(len(numbers), int(members.sum()), seed)
    gap = float(_gaps(numbers, members[None, :].astype(float))[0])
    sides = 1 if 2 * members.sum() != len(members) else 2  # a split and its mirror
    least = sides / len(splits) if every else 1 / (1 + len(splits))

    def rejected(shift: float) -> bool:
        moved = numbers - shift * members
        return _p_value(moved, members, splits, every) <= SIGNIFICANCE

    spread = (float(np.ptp(numbers)) + abs(gap)) or 1.0
    ends = [_edge(rejected, gap, side * spread) for side in (-1, 1)]
    p_value = _p_value(numbers, members, splits, every)
    return GroupGap(gap, min(ends), max(ends), p_value, least)


def _edge(rejected: Callable[[float], bool], start: float, reach: float) -> float:
    """The last shift from ``start`` towards ``start + 20 reach`` not rejected."""
    near, far = start, start + 20 * reach
    if not rejected(far):
        return math.copysign(math.inf, reach)
    for _ in range(STEPS):
        middle = (near + far) / 2
        near, far = (near, middle) if rejected(middle) else (middle, far)
    return near


def detectable_gap(
    values: "pd.Series[Any]",
    in_group: "pd.Series[Any]",
    power: float = 0.8,
    simulations: int = 400,
    seed: int = 0,
) -> float:
    """Smallest addition to a group that `group_gap` would have seen, by simulation.

    Group labels are dealt to the items at random, the group is raised, and the raise
    found at which the test first rejects at five per cent.

    Parameters
    ----------
    values, in_group : Series
        As in `group_gap`.
    power : float
        Share of the deals in which the raise is to be seen.
    simulations, seed : int
        Number of deals and their seed.

    Returns
    -------
    float
        In the unit of ``values``; infinite if the items are too few for any.

    Raises
    ------
    ValueError
        As `group_gap`; or if ``power`` does not lie between 0 and 1.
    """
    numbers, members = _groups(values, in_group)
    if not 0 < power < 1:
        raise ValueError(f"power={power}: give a share between 0 and 1")
    splits, every = _splits(len(numbers), int(members.sum()), seed)
    reach = float(np.ptp(numbers)) or 1.0
    rng = np.random.default_rng(seed)
    needed = []
    for _ in range(simulations):
        dealt = rng.permutation(members)

        def seen(raised: float, dealt: Flags = dealt) -> bool:
            lifted = numbers + raised * dealt
            return _p_value(lifted, dealt, splits, every) <= SIGNIFICANCE

        gap = float(_gaps(numbers, dealt[None, :].astype(float))[0])
        start = max(0.0, -gap)  # below it the raise only undoes the deal
        needed.append(start if seen(start) else _edge(seen, start, reach))
    return float(np.quantile(needed, power, method="higher"))


def revisions(
    announcements: pd.DataFrame, item: str, said: str, due: str
) -> pd.DataFrame:
    """What each new announcement changed.

    Parameters
    ----------
    announcements : DataFrame
        One row an announcement.
    item, said, due : str
        Columns: what is announced; when it was said; for when (both in years, decimals
        allowed).

    Returns
    -------
    DataFrame
        One row an announcement but the first of its item, in order of ``said``:
        ``item``, ``said``, ``slip`` (years later than announced before, negative if
        earlier), ``waited`` (years since then) and ``rate``, their quotient. A rate
        of 1 says that the opening has come no nearer.

    Raises
    ------
    ValueError
        If a column or a number is missing, an item was announced twice at one time,
        or none was announced twice.
    """
    table = _announced(announcements, item, said, due)
    table = table.sort_values(["item", "said"], kind="stable")
    table["slip"] = table.groupby("item")["due"].diff()
    table["waited"] = table.groupby("item")["said"].diff()
    table["rate"] = table["slip"] / table["waited"]
    changed = table.dropna(subset=["slip"]).sort_values("said", kind="stable")
    if changed.empty:
        raise ValueError(f"{item!r}: no item was announced twice, nothing to compare")
    return changed[["item", "said", "slip", "waited", "rate"]]


def _announced(
    announcements: pd.DataFrame, item: str, said: str, due: str
) -> pd.DataFrame:
    """Columns in use under plain names, or what to mend and how."""
    for column in (item, said, due):
        if column not in announcements.columns:
            raise ValueError(f"announcements have no column {column!r}: add it")
    table = pd.DataFrame(
        {
            "item": announcements[item],
            "said": _numbers(announcements[said], said),
            "due": _numbers(announcements[due], due),
        }
    )
    if table["item"].isna().any():
        where = table.index[table["item"].isna()][0]
        raise ValueError(f"{item}: row {where!r} names no item: fill it in")
    double = table[table.duplicated(["item", "said"])]
    if len(double):
        row = double.iloc[0]
        raise ValueError(
            f"{row['item']!r} is announced twice at {row['said']}: keep one of them"
        )
    return table


def slip_slope(
    announcements: pd.DataFrame, item: str, said: str, due: str
) -> SlipSlope:
    """How many years an announced date moves in each year that passes.

    Least squares of ``due`` on ``said``, each item with a level of its own.

    Parameters
    ----------
    announcements, item, said, due
        As in `revisions`; items announced once add nothing and are left out.

    Returns
    -------
    SlipSlope
        0: the promise holds. 1: the opening stays as far away as ever. With a 95 per
        cent t interval, and the range of slopes when one announcement is left out.

    Raises
    ------
    ValueError
        As `revisions`; or if fewer than three announcements remain to fit.

    Notes
    -----
    The interval takes announcements as independent around the line. They seldom are,
    so read it together with the range.
    """
    table = _announced(announcements, item, said, due)
    table = table[table.groupby("item")["said"].transform("size") > 1]
    free = len(table) - table["item"].nunique() - 1
    if free < 1:
        raise ValueError(
            f"{len(table)} announcements of {table['item'].nunique()} item(s): an "
            "interval needs one item with three, or more items"
        )
    slope, x, rest = _within(table)
    error = math.sqrt(float(rest @ rest) / free / float(x @ x))
    reach = float(stats.t.ppf(1 - SIGNIFICANCE / 2, free)) * error
    others = [_within(table.drop(index=row))[0] for row in _index(table)]
    return SlipSlope(
        slope, slope - reach, slope + reach, min(others), max(others), len(table)
    )


def _index(table: pd.DataFrame) -> list[Any]:
    """Row labels, made unique beforehand by the caller's table."""
    if not table.index.is_unique:
        raise ValueError("announcements: row labels repeat, use reset_index() first")
    return list(table.index)


def _within(table: pd.DataFrame) -> tuple[float, Floats, Floats]:
    """Slope, centred dates and residuals with a level for each item."""
    means = table.groupby("item")[["said", "due"]].transform("mean")
    x = (table["said"] - means["said"]).to_numpy(dtype=float)
    y = (table["due"] - means["due"]).to_numpy(dtype=float)
    slope = float(x @ y) / float(x @ x)
    return slope, x, y - slope * x


def individuals_chart(
    values: "pd.Series[Any]",
    baseline: int,
    centre: float | None = None,
    run: int = 8,
) -> pd.DataFrame:
    """Control chart of single values (XmR chart), with a run rule.

    Parameters
    ----------
    values : Series, shape (points,)
        One number a point, in order of time.
    baseline : int
        How many of the first points set the limits.
    centre : float, optional
        Line to watch: a promise or a target. Without it the mean of the baseline, and
        the chart then asks only whether something has changed since.
    run : int
        So many points in a row on one side of the centre are an alarm. Points on the
        line end a run.

    Returns
    -------
    DataFrame, shape (points, 6)
        ``value``, ``centre``, ``lower``, ``upper`` and two flags: ``outside`` (beyond
        a limit) and ``run`` (the point that completes a run, and those that go on).
        Points of the baseline are flagged too: judge them before you trust it.

    Raises
    ------
    ValueError
        If a value is missing, the baseline has fewer than three points or more than
        there are, or ``run`` is below two.

    Notes
    -----
    Limits lie three standard deviations off, estimated as mean moving range / 1.128:
    NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2; rule of eight in a row
    ibidem, 6.3.2.
    """
    numbers = _array(_numbers(values, "values"))
    if not 3 <= baseline <= len(numbers):
        raise ValueError(
            f"baseline={baseline} of {len(numbers)} points: 3 are needed at least, and "
            "no more than there are"
        )
    if run < 2:
        raise ValueError(f"run={run}: a run has two points or more")
    line, reach = _limits(numbers[None, :], baseline, centre)
    outside, runs = _alarms(numbers[None, :], line, reach, run)
    return pd.DataFrame(
        {
            "value": numbers,
            "centre": line[0, 0],
            "lower": line[0, 0] - reach[0, 0],
            "upper": line[0, 0] + reach[0, 0],
            "outside": outside[0],
            "run": runs[0],
        },
        index=values.index,
    )


def _limits(
    series: Floats, baseline: int, centre: float | None
) -> tuple[Floats, Floats]:
    """Centre and distance of the limits for each row of series."""
    first = series[:, :baseline]
    reach = 3 / D2 * np.abs(np.diff(first)).mean(axis=1, keepdims=True)
    line = first.mean(axis=1, keepdims=True)
    return (line if centre is None else np.full_like(line, centre)), reach


def _alarms(
    series: Floats, line: Floats, reach: Floats, run: int
) -> tuple[Flags, Flags]:
    """Points outside the limits, and points that end a run on one side."""
    outside = np.abs(series - line) > reach
    side = np.sign(series - line)
    length = np.zeros(len(series))
    runs = np.zeros(series.shape, dtype=bool)
    for point in range(series.shape[1]):
        same = side[:, point] == side[:, point - 1] if point else False
        length = np.where(side[:, point] == 0, 0, np.where(same, length + 1, 1))
        runs[:, point] = length >= run
    return outside, runs


def alarm_shares(
    points: int,
    baseline: int,
    centre: float | None = None,
    run: int = 8,
    shift: float = 0.0,
    simulations: int = 10_000,
    seed: int = 0,
) -> "pd.Series[float]":
    """How often `individuals_chart` raises an alarm after its baseline, by simulation.

    Parameters
    ----------
    points, baseline, centre, run
        As in `individuals_chart`; with a ``centre`` (any number) the centre is known,
        without it the baseline's mean is used.
    shift : float
        Distance of the series from the centre, in standard deviations: throughout if
        the centre is known, else from the end of the baseline on. At 0 the shares are
        false alarms.
    simulations, seed : int
        Number of normal, independent series and their seed.

    Returns
    -------
    Series
        Shares from 0 to 1: ``outside``, ``run``, and ``either``.

    Raises
    ------
    ValueError
        If the baseline leaves no point to judge or has fewer than three.
    """
    if not 3 <= baseline < points:
        raise ValueError(
            f"baseline={baseline} of {points} points: 3 are needed at least, and one "
            "more to judge"
        )
    series = np.random.default_rng(seed).normal(size=(simulations, points))
    series[:, 0 if centre is not None else baseline :] += shift
    line, reach = _limits(series, baseline, None if centre is None else 0.0)
    outside, runs = (
        flags[:, baseline:].any(axis=1) for flags in _alarms(series, line, reach, run)
    )
    shares = [outside.mean(), runs.mean(), (outside | runs).mean()]
    return pd.Series(shares, index=["outside", "run", "either"], dtype=float)
