"""Where things stand: distances, points drawn where the jobs are, and neighbours.

Points are tables with ``x`` and ``y`` in metres on a local plane (`to_plane`). Zones
are such tables with two columns more: ``area`` in square metres, ``weight``, say jobs.
The null model of the tests drops as many points as there are, in proportion to the
weight, so that what is crowded anyway does not pass for a cluster.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import KDTree

Floats = npt.NDArray[np.float64]

EARTH_RADIUS = 6_371_008.8  # metres, mean radius of the IUGG
SIGNIFICANCE = 0.05


class NearestNeighbours(NamedTuple):
    """Mean distance to the nearest neighbour, in metres, and what chance gives.

    ``low`` and ``high`` hold 95 per cent of the draws; ``p_value`` is two-sided.
    """

    observed: float
    expected: float
    low: float
    high: float
    p_value: float
    points: int


def to_plane(
    latitude: "pd.Series[float]",
    longitude: "pd.Series[float]",
    centre: tuple[float, float],
) -> pd.DataFrame:
    """Lay places of one city on a plane.

    Parameters
    ----------
    latitude, longitude : Series, shape (places,)
        Degrees north and east.
    centre : tuple of float
        Latitude and longitude of the origin. Tables to be compared need the same.

    Returns
    -------
    DataFrame, shape (places, 2)
        ``x`` and ``y``, metres east and north of the origin; index as given.

    Raises
    ------
    ValueError
        If a coordinate is missing or impossible, or a place lies more than a degree
        from the origin, where the plane begins to distort.

    Notes
    -----
    Equirectangular projection; within half a degree its distances are right to a few
    parts in a thousand.
    """
    degrees = pd.DataFrame({"latitude": latitude, "longitude": longitude}).astype(float)
    limits = {"latitude": 90, "longitude": 180}
    for column, limit in limits.items():
        wrong = ~degrees[column].abs().le(limit)
        if wrong.any():
            row = degrees.index[wrong][0]
            raise ValueError(
                f"{column} of row {row} is {degrees[column][row]}: give degrees "
                f"from -{limit} to {limit}, or drop the row"
            )
    north = degrees["latitude"] - centre[0]
    east = degrees["longitude"] - centre[1]
    far = (north.abs() > 1) | (east.abs() > 1)
    if far.any():
        raise ValueError(
            f"row {degrees.index[far][0]} lies more than a degree from {centre}: "
            "is it the same city? Check the order of latitude and longitude"
        )
    step = EARTH_RADIUS * np.pi / 180
    return pd.DataFrame(
        {"x": east * step * np.cos(np.radians(centre[0])), "y": north * step}
    )


def _xy(points: pd.DataFrame, least: int, what: str) -> Floats:
    """Coordinates as numbers, or what to mend."""
    missing = {"x", "y"} - set(points.columns)
    if missing:
        raise ValueError(f"{what}: no column {sorted(missing)[0]!r}, see to_plane()")
    xy = points[["x", "y"]].to_numpy(dtype=float)
    if not np.isfinite(xy).all():
        row = points.index[~np.isfinite(xy).all(axis=1)][0]
        raise ValueError(f"{what}: row {row} has no position: fill it in or drop it")
    if len(xy) < least:
        raise ValueError(f"{what}: {len(xy)} rows, at least {least} are needed")
    return xy


def mean_nearest(points: pd.DataFrame) -> float:
    """Mean distance of each point to its nearest neighbour.

    Parameters
    ----------
    points : DataFrame, shape (points, ...)
        Columns ``x`` and ``y``; two points or more.

    Returns
    -------
    float
        In the unit of the coordinates.

    Raises
    ------
    ValueError
        If a column or a coordinate is missing, or there are fewer than two points.

    Notes
    -----
    Clark and Evans (1954), Ecology 35, 445-453.
    """
    return _mean_nearest(_xy(points, 2, "points"))


def _mean_nearest(xy: Floats) -> float:
    distance, _ = KDTree(xy).query(xy, k=2)
    return float(distance[:, 1].mean())


def _weights(zones: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Centres, radii and shares of the zones."""
    xy = _xy(zones, 1, "zones")
    columns = []
    for column in ("area", "weight"):
        if column not in zones.columns:
            raise ValueError(f"zones: no column {column!r}: add or rename it")
        numbers = zones[column].to_numpy(dtype=float)
        wrong = ~(np.isfinite(numbers) & (numbers >= 0))
        if wrong.any():
            row = zones.index[wrong][0]
            raise ValueError(
                f"zones: {column} of row {row} is {numbers[wrong][0]}: give a "
                "number from 0 on, or drop the row"
            )
        columns.append(numbers)
    area, weight = columns
    if not weight.sum():
        raise ValueError("zones: all weights are 0, nothing can be drawn from them")
    return xy, np.sqrt(area / np.pi), weight / weight.sum()


def _drop(
    count: int, zones: tuple[Floats, Floats, Floats], rng: np.random.Generator
) -> Floats:
    """Drop points: a zone by its weight, then anywhere in a disc of the zone's area."""
    centre, radius, share = zones
    zone = rng.choice(len(share), count, p=share)
    angle = rng.uniform(0, 2 * np.pi, count)
    reach = radius[zone] * np.sqrt(rng.random(count))
    offset = np.column_stack([np.cos(angle), np.sin(angle)])
    dropped: Floats = centre[zone] + reach[:, None] * offset
    return dropped


def drop_points(
    count: int, zones: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Drop points by lot, more where the weight is.

    Parameters
    ----------
    count : int
        How many.
    zones : DataFrame, shape (zones, ...)
        Columns ``x``, ``y`` (metres), ``area`` (square metres) and ``weight`` (say
        jobs). A zone stands for a disc of its area about its centre.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    DataFrame, shape (count, 2)
        ``x`` and ``y``.

    Raises
    ------
    ValueError
        If a column is missing, a number is missing or negative, or all weights are 0.
    """
    return pd.DataFrame(_drop(count, _weights(zones), rng), columns=["x", "y"])


def nearest_neighbour_test(
    points: pd.DataFrame, zones: pd.DataFrame, draws: int = 999, seed: int = 0
) -> NearestNeighbours:
    """Ask whether points stand closer to each other than the weight would have them.

    Parameters
    ----------
    points : DataFrame, shape (points, ...)
        Columns ``x`` and ``y`` in metres; three points or more.
    zones : DataFrame
        As in `drop_points`. They bound the question: leave out the zones of the
        suburbs, with the points that lie there, to ask about the centre.
    draws, seed : int
        How many times the points are dropped anew, and the seed of that.

    Returns
    -------
    NearestNeighbours
        In metres. Below ``low``, the points huddle more than the weight does.

    Raises
    ------
    ValueError
        As in `drop_points`, or if there are fewer than three points.

    Notes
    -----
    Monte Carlo test of the mean nearest-neighbour distance against a weighted null, in
    the manner of Duranton and Overman (2005), Review of Economic Studies 72, 1077-1106.
    Edges need no correction: dropped points meet the same ones.
    """
    xy = _xy(points, 3, "points")
    places = _weights(zones)
    rng = np.random.default_rng(seed)
    chance = np.array(
        [_mean_nearest(_drop(len(xy), places, rng)) for _ in range(draws)]
    )
    observed = _mean_nearest(xy)
    tail = min((chance <= observed).sum(), (chance >= observed).sum())
    low, high = np.quantile(chance, [SIGNIFICANCE / 2, 1 - SIGNIFICANCE / 2])
    return NearestNeighbours(
        observed,
        float(chance.mean()),
        float(low),
        float(high),
        float(min(1.0, 2 * (1 + tail) / (draws + 1))),
        len(xy),
    )


def detectable_huddle(
    count: int,
    zones: pd.DataFrame,
    within: float,
    power: float = 0.8,
    draws: int = 400,
    seed: int = 0,
) -> float:
    """Smallest share of followers that `nearest_neighbour_test` would have seen.

    In the simulation some points settle beside an earlier one, at any place within a
    given distance of it; the others are dropped by weight.

    Parameters
    ----------
    count : int
        Number of points, three or more.
    zones : DataFrame
        As in `drop_points`.
    within : float
        How near a follower settles, in metres.
    power : float
        Share of the simulations in which the followers are to be seen.
    draws, seed : int
        Simulations of chance, and of each share of followers; and their seed.

    Returns
    -------
    float
        Share of the points, from 0 to 1, in steps of a twentieth; infinite if even
        a crowd of followers would be missed.

    Raises
    ------
    ValueError
        As in `drop_points`; if there are fewer than three points, or ``power`` does
        not lie between 0 and 1.
    """
    if count < 3:
        raise ValueError(f"count={count}: give three points or more")
    if not 0 < power < 1:
        raise ValueError(f"power={power}: give a share between 0 and 1")
    places = _weights(zones)
    rng = np.random.default_rng(seed)
    chance = [_mean_nearest(_drop(count, places, rng)) for _ in range(draws)]
    threshold = float(np.quantile(chance, SIGNIFICANCE / 2))
    for step in range(1, 20):
        followers = step * count // 20
        seen = 0
        for _ in range(draws):
            xy = _drop(count, places, rng)
            angle = rng.uniform(0, 2 * np.pi, followers)
            reach = within * np.sqrt(rng.random(followers))
            leader = rng.integers(0, count - followers, followers)
            beside = np.column_stack([reach * np.cos(angle), reach * np.sin(angle)])
            if followers:
                xy[-followers:] = xy[leader] + beside
            seen += _mean_nearest(xy) < threshold
        if seen >= power * draws:
            return followers / count
    return float("inf")


def pairs_within(points: pd.DataFrame, distance: float) -> float:
    """Share of all pairs of points that stand at most so far apart.

    Parameters
    ----------
    points : DataFrame, shape (points, ...)
        Columns ``x`` and ``y``; two points or more.
    distance : float
        In the unit of the coordinates.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        As in `mean_nearest`.
    """
    xy = _xy(points, 2, "points")
    pairs = len(KDTree(xy).query_pairs(distance))
    return pairs / (len(xy) * (len(xy) - 1) / 2)
