"""Distances, points dropped by weight, and what the test sees."""

import math

import numpy as np
import pandas as pd
import pytest
from libpysal.cg import arcdist
from scipy.spatial.distance import pdist, squareform

from creative_clusters.place import (
    EARTH_RADIUS,
    detectable_huddle,
    drop_points,
    mean_nearest,
    nearest_neighbour_test,
    pairs_within,
    to_plane,
)

TORONTO = (43.65, -79.38)


def points(*pairs: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["x", "y"], dtype=float)


@pytest.fixture
def city() -> pd.DataFrame:
    """A centre with most of the jobs, three suburbs, and a lake where nobody works."""
    zones = points((0, 0), (8000, 0), (0, 9000), (-7000, 5000), (0, -5000))
    return zones.assign(area=4e6, weight=[70.0, 10, 10, 10, 0])


def some(count: int, seed: int = 1) -> pd.DataFrame:
    return pd.DataFrame(
        np.random.default_rng(seed).uniform(0, 5000, (count, 2)), columns=["x", "y"]
    )


def test_plane_agrees_with_distances_on_the_sphere() -> None:
    rng = np.random.default_rng(3)
    latitude = pd.Series(TORONTO[0] + rng.uniform(-0.3, 0.3, 40))
    longitude = pd.Series(TORONTO[1] + rng.uniform(-0.3, 0.3, 40))
    flat = to_plane(latitude, longitude, TORONTO)
    for one in range(0, 40, 2):
        two = one + 1
        sphere = arcdist(
            (longitude[one], latitude[one]),
            (longitude[two], latitude[two]),
            EARTH_RADIUS,
        )
        plane = math.dist(flat.loc[one], flat.loc[two])
        assert plane == pytest.approx(sphere, rel=0.005)


def test_plane_keeps_the_labels_and_starts_at_the_centre() -> None:
    flat = to_plane(
        pd.Series([TORONTO[0]], ["here"]), pd.Series([TORONTO[1]], ["here"]), TORONTO
    )
    assert flat.index.tolist() == ["here"]
    assert flat.loc["here"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("latitude", "longitude", "said"),
    [
        (math.nan, -79.4, "latitude of row 7"),
        (91.0, -79.4, "degrees from -90 to 90"),
        (43.6, -190.0, "longitude of row 7"),
        (-79.4, 43.6, "Check the order of latitude and longitude"),
    ],
)
def test_impossible_positions_are_refused(
    latitude: float, longitude: float, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        to_plane(pd.Series([latitude], [7]), pd.Series([longitude], [7]), TORONTO)


def test_nearest_neighbours_on_a_lattice_are_one_step_away() -> None:
    lattice = points(*((30.0 * i, 30.0 * j) for i in range(5) for j in range(6)))
    assert mean_nearest(lattice) == pytest.approx(30)


def test_nearest_neighbours_agree_with_all_distances() -> None:
    table = some(60)
    every = squareform(pdist(table))
    np.fill_diagonal(every, np.inf)
    assert mean_nearest(table) == pytest.approx(every.min(axis=1).mean())


def test_random_points_stand_as_clark_and_evans_expect() -> None:
    # Mean distance 1 / (2 sqrt(density)), here 50 m; the rim adds a little.
    disc = points((0, 0)).assign(area=4000 * 1e4, weight=1.0)
    dropped = drop_points(4000, disc, np.random.default_rng(5))
    assert mean_nearest(dropped) == pytest.approx(50, rel=0.04)


def test_pairs_agree_with_all_distances() -> None:
    table = some(50)
    assert pairs_within(table, 900) == pytest.approx((pdist(table) <= 900).mean())


def test_points_fall_by_weight_and_inside_their_zone(city: pd.DataFrame) -> None:
    dropped = drop_points(8000, city, np.random.default_rng(2)).to_numpy()
    centres = city[["x", "y"]].to_numpy()
    away = np.linalg.norm(dropped[:, None] - centres[None], axis=2)
    assert (away.min(axis=1) <= math.sqrt(4e6 / math.pi)).all()
    share = np.bincount(away.argmin(axis=1), minlength=5) / 8000
    assert share == pytest.approx([0.7, 0.1, 0.1, 0.1, 0], abs=0.02)
    assert share[4] == 0


def test_points_that_huddle_are_seen(city: pd.DataFrame) -> None:
    rng = np.random.default_rng(4)
    pairs = drop_points(10, city, rng)
    huddled = pd.concat([pairs, pairs + 50], ignore_index=True)
    found = nearest_neighbour_test(huddled, city, draws=199)
    assert found.observed < found.low < found.expected < found.high
    assert found.p_value == pytest.approx(2 / 200)
    assert found.points == 20


def test_points_that_keep_apart_are_seen(city: pd.DataFrame) -> None:
    apart = points(*((4000.0 * i, 4000.0 * j) for i in range(4) for j in range(4)))
    found = nearest_neighbour_test(apart, city, draws=199)
    assert found.observed > found.high
    assert found.p_value == pytest.approx(2 / 200)


def test_chance_alone_is_seldom_called_a_huddle(city: pd.DataFrame) -> None:
    rng = np.random.default_rng(6)
    p_values = [
        nearest_neighbour_test(drop_points(15, city, rng), city, 79, seed).p_value
        for seed in range(200)
    ]
    # Twenty of two hundred are expected at ten per cent, with a spread of four.
    assert 8 <= sum(p <= 0.1 for p in p_values) <= 32


def test_same_seed_same_answer(city: pd.DataFrame) -> None:
    table = drop_points(12, city, np.random.default_rng(8))
    assert nearest_neighbour_test(table, city, 49) == nearest_neighbour_test(
        table, city, 49
    )


def test_smallest_huddle_is_what_the_test_sees_four_times_in_five(
    city: pd.DataFrame,
) -> None:
    share = detectable_huddle(20, city, within=50, draws=150)
    rng = np.random.default_rng(9)
    followers = round(share * 20)
    seen = 0
    for seed in range(60):
        table = drop_points(20, city, rng)
        leaders = table.iloc[: 20 - followers].sample(
            followers, replace=True, random_state=seed
        )
        table.iloc[-followers:] = leaders.to_numpy() + rng.uniform(-25, 25)
        seen += nearest_neighbour_test(table, city, 79, seed).p_value <= 0.05
    assert 0.65 <= seen / 60 <= 0.98


def test_more_points_show_a_smaller_huddle(city: pd.DataFrame) -> None:
    few = detectable_huddle(10, city, within=50, draws=100)
    many = detectable_huddle(60, city, within=50, draws=100)
    assert many < few


def test_followers_far_away_are_never_seen(city: pd.DataFrame) -> None:
    assert detectable_huddle(10, city, within=50_000, draws=50) == math.inf


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda z: z.drop(columns="area"), "no column 'area'"),
        (lambda z: z.drop(columns="x"), r"no column 'x', see to_plane"),
        (lambda z: z.assign(weight=0), "all weights are 0"),
        (lambda z: z.assign(weight=-1.0), "weight of row 0 is -1.0"),
        (lambda z: z.assign(area=math.nan), "area of row 0 is nan"),
        (lambda z: z.iloc[:0], "0 rows, at least 1"),
    ],
)
def test_broken_zones_are_refused(city: pd.DataFrame, change, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        drop_points(3, change(city), np.random.default_rng(0))


def test_broken_points_are_refused(city: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="row 1 has no position"):
        mean_nearest(points((0, 0), (math.nan, 1)))
    with pytest.raises(ValueError, match="2 rows, at least 3"):
        nearest_neighbour_test(points((0, 0), (1, 1)), city)
    with pytest.raises(ValueError, match="three points or more"):
        detectable_huddle(2, city, within=50)
    with pytest.raises(ValueError, match="share between 0 and 1"):
        detectable_huddle(9, city, within=50, power=1)
