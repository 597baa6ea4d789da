"""Behaviour of creative_clusters.ties, against networkx, enumeration and print."""

import itertools
from collections import Counter

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from networkx.algorithms import bipartite
from scipy.stats import chisquare

from creative_clusters.ties import (
    betweenness,
    count_pairs,
    deal,
    largest_part,
    merge_near,
    return_rates,
    rewire,
    stand_in_roles,
    swap_names,
)

SHUFFLES = [deal, rewire, swap_names]


@pytest.fixture
def women() -> pd.DataFrame:
    """Davis, Gardner and Gardner's 18 women at 14 events, 1941: 89 seats."""
    graph = nx.davis_southern_women_graph()
    seats = [(event, woman) for woman, event in graph.edges]
    return pd.DataFrame(seats, columns=["event", "woman"])


@pytest.fixture
def scene() -> pd.DataFrame:
    """Forty line-ups over four years from a fixed seed, of two to six players."""
    rng = np.random.default_rng(3)
    rows = [
        (1955 + number % 4, f"L{number:02d}", f"player {player:02d}")
        for number in range(40)
        for player in rng.choice(25, size=rng.integers(2, 7), replace=False)
    ]
    return pd.DataFrame(rows, columns=["year", "line_up", "player"])


def as_table(groups: dict[str, str], **more: object) -> pd.DataFrame:
    """A table from groups written as strings of one-letter members."""
    rows = [(group, member) for group, members in groups.items() for member in members]
    return pd.DataFrame(rows, columns=["group", "member"]).assign(**more)


# Counting


def test_pairs_agree_with_the_published_overlaps(women: pd.DataFrame) -> None:
    pairs = count_pairs(women, "event", "woman")
    # Breiger (1974), table of the overlap of women.
    assert pairs["Evelyn Jefferson", "Laura Mandeville"] == 6
    assert pairs["Evelyn Jefferson", "Theresa Anderson"] == 7
    assert pairs["Flora Price", "Olivia Carleton"] == 2
    assert ("Flora Price", "Laura Mandeville") not in pairs.index


def test_pairs_agree_with_networkx(women: pd.DataFrame) -> None:
    graph = nx.davis_southern_women_graph()
    theirs = bipartite.weighted_projected_graph(graph, women["woman"].unique())
    expected = {tuple(sorted(e[:2])): e[2]["weight"] for e in theirs.edges(data=True)}
    ours = count_pairs(women, "event", "woman")
    assert ours.to_dict() == expected
    assert ours.index.is_unique


def test_periods_count_once_however_many_groups() -> None:
    table = as_table({"1": "ab", "2": "abc", "3": "ab"})
    table["year"] = table["group"].map({"1": 1955, "2": 1955, "3": 1957})
    assert count_pairs(table, "group", "member")["a", "b"] == 3
    years = count_pairs(table, "group", "member", "year")
    assert years.to_dict() == {("a", "b"): 2, ("a", "c"): 1, ("b", "c"): 1}


def test_order_of_rows_does_not_matter(scene: pd.DataFrame) -> None:
    mixed = scene.sample(frac=1, random_state=1)
    for period in (None, "year"):
        pd.testing.assert_series_equal(
            count_pairs(scene, "line_up", "player", period),
            count_pairs(mixed, "line_up", "player", period),
        )


def test_return_rates_worked_by_hand() -> None:
    table = as_table({"1": "ab", "2": "cd", "3": "ab", "4": "ac", "5": "d", "6": "bc"})
    table["year"] = table["group"].map({"1": 1, "2": 1, "3": 2, "4": 2, "5": 2, "6": 4})
    # Year 2, all four active: of ab, cd (familiar) one meets, of the other four ac.
    # Year 4, b and c, looking back to year 3 only: strangers, and they meet.
    rates = return_rates(table, "group", "member", "year", lag=1)
    assert rates == (1 / 2, 2 / 5, 2, 5)
    # Looking back two years can start in year 4 only; b and c had not met by then.
    with pytest.raises(ValueError, match="lag=2 leaves 0 familiar pairs and 1 strang"):
        return_rates(table, "group", "member", "year", lag=2)


def test_return_rates_agree_with_a_slow_count(scene: pd.DataFrame) -> None:
    lag, tally = 2, Counter()
    met = {
        year: {
            pair
            for _, players in part.groupby("line_up")["player"]
            for pair in itertools.combinations(sorted(players), 2)
        }
        for year, part in scene.groupby("year")
    }
    for year in (1957, 1958):
        active = sorted(scene.loc[scene["year"] == year, "player"].unique())
        for pair in itertools.combinations(active, 2):
            known = pair in met[year - 1] | met[year - 2]
            tally[known, pair in met[year]] += 1
    rates = return_rates(scene, "line_up", "player", "year", lag)
    assert rates.familiar_pairs == tally[True, True] + tally[True, False]
    assert rates.stranger_pairs == tally[False, True] + tally[False, False]
    assert rates.familiar == tally[True, True] / rates.familiar_pairs
    assert rates.strangers == tally[False, True] / rates.stranger_pairs


# Shuffling


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_shuffles_keep_sizes_and_years_and_change_the_rest(shuffle, scene) -> None:
    before = scene.copy()
    after = shuffle(scene, "line_up", "player", "year", np.random.default_rng(1))
    pd.testing.assert_frame_equal(scene, before)
    assert not after.duplicated(["line_up", "player"]).any()
    assert (after[["year", "line_up"]] == scene[["year", "line_up"]]).all(axis=None)
    assert (after["player"] != scene["player"]).mean() > 0.3
    for year, part in scene.groupby("year"):
        assert set(after.loc[after["year"] == year, "player"]) <= set(part["player"])


@pytest.mark.parametrize("shuffle", [rewire, swap_names])
def test_the_busy_stay_busy(shuffle, scene) -> None:
    after = shuffle(scene, "line_up", "player", "year", np.random.default_rng(1))
    for year, part in scene.groupby("year"):
        was = part["player"].value_counts()
        now = after.loc[after["year"] == year, "player"].value_counts()
        assert sorted(was) == sorted(now)
        assert shuffle is swap_names or was.to_dict() == now.to_dict()


def test_swapped_names_leave_each_year_as_it_was(scene: pd.DataFrame) -> None:
    after = swap_names(scene, "line_up", "player", "year", np.random.default_rng(1))
    for _, part in scene.groupby("year"):
        there = after.loc[part.index]
        was, now = (
            nx.Graph(count_pairs(t, "line_up", "player").index.tolist())
            for t in (part, there)
        )
        assert nx.is_isomorphic(was, now)


def test_swapped_names_only_between_equals() -> None:
    # a has three seats, b and c two, d to g one each.
    table = as_table({"1": "abcd", "2": "abe", "3": "acfg"}, year=1)
    seen: dict[str, set[str]] = {name: set() for name in "abcdefg"}
    rng = np.random.default_rng(1)
    for _ in range(60):
        after = swap_names(table, "group", "member", "year", rng)
        for was, now in zip(table["member"], after["member"], strict=True):
            seen[was].add(now)
    assert seen["a"] == {"a"}
    assert seen["b"] == seen["c"] == {"b", "c"}
    assert all(seen[name] == set("defg") for name in "defg")


def fillings(table: pd.DataFrame) -> list[frozenset[tuple[str, str]]]:
    """Every way to fill the groups that keeps sizes and numbers of seats."""
    sizes = table.groupby("group").size()
    seats = table["member"].value_counts()
    hands = [itertools.combinations(sorted(seats.index), size) for size in sizes]
    found = []
    for deal_ in itertools.product(*hands):
        if Counter(itertools.chain(*deal_)) == Counter(seats.to_dict()):
            rows = zip(sizes.index, deal_, strict=True)
            found.append(frozenset((g, m) for g, hand in rows for m in hand))
    return found


@pytest.mark.parametrize(
    ("groups", "ways"),
    [
        # The 3 by 3 matrices with margins 1, 2, 1 and 1, 2, 1: five of them
        # (Wang 2019, a preprint on sampling binary matrices, table 2).
        ({"1": "b", "2": "ab", "3": "c"}, 5),
        ({"1": "ab", "2": "ac", "3": "bd", "4": "c"}, None),
    ],
)
def test_rewired_tables_are_all_equally_likely(groups, ways) -> None:
    table = as_table(groups)
    possible = fillings(table)
    assert ways is None or len(possible) == ways
    rng = np.random.default_rng(7)
    draws = 60 * len(possible)
    seen = Counter(
        frozenset(rewire(table, "group", "member", None, rng).itertuples(index=False))
        for _ in range(draws)
    )
    seen = Counter({frozenset(map(tuple, key)): n for key, n in seen.items()})
    assert set(seen) == set(possible)
    assert chisquare([seen[way] for way in possible]).pvalue > 0.001


def test_dealt_hands_are_all_equally_likely() -> None:
    table = as_table({"1": "ab", "2": "abcd"})
    rng = np.random.default_rng(7)
    seen = Counter(
        tuple(sorted(t.loc[t["group"] == "1", "member"]))
        for t in (deal(table, "group", "member", None, rng) for _ in range(600))
    )
    assert set(seen) == set(itertools.combinations("abcd", 2))
    assert chisquare(list(seen.values())).pvalue > 0.001


def test_planted_bands_are_told_from_chance(scene: pd.DataFrame) -> None:
    bands = pd.DataFrame(
        [
            (1955 + year, f"B{band}{year}", f"band {band} member {member}")
            for band, year, member in itertools.product(range(6), range(4), range(4))
        ],
        columns=scene.columns,
    )
    table = pd.concat([scene, bands], ignore_index=True)
    rng = np.random.default_rng(1)

    def again(t: pd.DataFrame) -> float:
        return float((count_pairs(t, "line_up", "player", "year") > 1).mean())

    for shuffle in SHUFFLES:
        args = ("line_up", "player", "year", rng)
        chance = [again(shuffle(table, *args)) for _ in range(39)]
        assert again(table) > max(chance)
        # And what is random already stands out under none of them.
        chance = [again(shuffle(scene, *args)) for _ in range(39)]
        assert min(chance) < again(scene) < max(chance)


# Networks


def test_betweenness_agrees_with_print_and_networkx() -> None:
    # Krackhardt (1990): Heather, the seventh, is the broker of the kite.
    kite = betweenness(nx.krackhardt_kite_graph())
    assert kite.round(3).tolist() == [
        0.023,
        0.023,
        0,
        0.102,
        0,
        0.231,
        0.231,
        0.389,
        0.222,
        0,
    ]
    florence = betweenness(nx.florentine_families_graph())
    assert florence.idxmax() == "Medici"
    assert florence.max() == pytest.approx(0.522, abs=0.0005)
    for seed in range(5):
        graph = nx.gnm_random_graph(40, 50, seed=seed)
        expected = pd.Series(nx.betweenness_centrality(graph))
        assert betweenness(graph).to_numpy() == pytest.approx(expected.to_numpy())


def test_largest_part_counted_by_hand() -> None:
    graph = nx.Graph([("a", "b"), ("b", "c"), ("c", "d"), ("e", "f")])
    graph.add_node("g")
    assert largest_part(graph) == 4 / 7
    assert largest_part(graph, ["b"]) == 2 / 6
    assert largest_part(graph, ["a", "e"]) == 3 / 5
    assert len(graph) == 7


# Refusals

CALLS = [
    lambda t: count_pairs(t, "group", "member", "year"),
    lambda t: return_rates(t, "group", "member", "year", 1),
    lambda t: deal(t, "group", "member", "year", np.random.default_rng(1)),
    lambda t: rewire(t, "group", "member", "year", np.random.default_rng(1)),
    lambda t: swap_names(t, "group", "member", "year", np.random.default_rng(1)),
]


@pytest.mark.parametrize("call", CALLS)
def test_bad_tables_are_refused(call) -> None:
    good = as_table({"1": "ab", "2": "ac", "3": "abc"})
    good["year"] = good["group"].map({"1": 1, "2": 2, "3": 3})
    call(good)
    with pytest.raises(ValueError, match="no column 'member'"):
        call(good.rename(columns={"member": "musician"}))
    with pytest.raises(ValueError, match="'member' is empty in row 2"):
        call(good.assign(member=good["member"].where(good.index != 2)))
    with pytest.raises(ValueError, match="member 'a' has two seats in group '1'"):
        call(pd.concat([good, good.iloc[:1]]))
    with pytest.raises(ValueError, match="no group has two members"):
        call(good.drop_duplicates("group"))


@pytest.mark.parametrize("call", CALLS[:4])
def test_a_group_in_two_years_is_refused(call) -> None:
    table = as_table({"1": "ab", "2": "ac"}).assign(year=[1, 2, 2, 2])
    with pytest.raises(ValueError, match="group '1' lies in two strata"):
        call(table)


def test_impossible_questions_are_refused(scene: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="lag=0"):
        return_rates(scene, "line_up", "player", "year", 0)
    with pytest.raises(ValueError, match="'year' must hold whole numbers"):
        return_rates(scene.astype({"year": str}), "line_up", "player", "year", 1)
    with pytest.raises(ValueError, match="undirected graph of 3 nodes, not 2"):
        betweenness(nx.Graph([(1, 2)]))
    with pytest.raises(ValueError, match="undirected"):
        betweenness(nx.DiGraph([(1, 2), (2, 3)]))
    with pytest.raises(ValueError, match="'Nobody' is no node"):
        largest_part(nx.path_graph(3), ["Nobody"])
    with pytest.raises(ValueError, match="no node is left"):
        largest_part(nx.path_graph(3), [0, 1, 2])


def test_near_groups_are_joined_in_chains_and_within_a_stratum_only() -> None:
    line_ups = {
        "A": (1957, "abc"),
        "B": (1957, "acd"),  # near A: differs by one
        "C": (1957, "cde"),  # near B, not A: joined by the chain
        "D": (1957, "xyz"),
        "E": (1958, "abc"),  # as A, a year later
        "F": (1957, "a"),  # alone: shares no two
    }
    rows = [(g, y, who) for g, (y, players) in line_ups.items() for who in players]
    table = pd.DataFrame(rows, columns=["group", "year", "who"])
    merged = merge_near(table, "group", "who", "year")
    found = merged.groupby("group")["who"].agg(lambda w: "".join(sorted(w)))
    assert sorted(found) == ["a", "abc", "abcde", "xyz"]
    assert merged["year"].value_counts().to_dict() == {1957: 9, 1958: 3}


def test_groups_alike_are_joined_as_networkx_joins_them(women: pd.DataFrame) -> None:
    women["year"] = 1941
    merged = merge_near(women, "event", "woman", "year", shared=1)
    sets = women.groupby("event")["woman"].agg(set)
    near = nx.Graph()
    near.add_nodes_from(sets.index)
    near.add_edges_from(
        (a, b)
        for a, b in itertools.combinations(sets.index, 2)
        if len(sets[a] & sets[b]) >= max(1, min(len(sets[a]), len(sets[b])) - 1)
    )
    expected = sum(
        len(set().union(*sets[list(part)])) for part in nx.connected_components(near)
    )
    assert merged["event"].nunique() == nx.number_connected_components(near)
    assert len(merged) == expected


def test_roles_part_those_who_meet() -> None:
    # Whoever meets fewer people than there are roles can always avoid a clash.
    trios = [(g, who) for g, trio in enumerate(["abc", "ade", "bdf"]) for who in trio]
    table = pd.DataFrame(trios, columns=["group", "who"])
    roles, clashes = stand_in_roles(table, "group", "who", 5, np.random.default_rng(1))
    assert clashes == 0
    assert all(roles[list(trio)].is_unique for trio in ["abc", "ade", "bdf"])
    # With two roles three players cannot differ: one pair of three clashes, or more.
    _, clashes = stand_in_roles(
        table.query("group == 0"), "group", "who", 2, np.random.default_rng(1)
    )
    assert clashes == pytest.approx(1 / 3)


def test_roles_leave_out_orchestras_and_say_what_is_wrong() -> None:
    rows = [("trio", who) for who in "abc"] + [("band", who) for who in "abcdefghi"]
    table = pd.DataFrame(rows, columns=["group", "who"])
    roles, _ = stand_in_roles(table, "group", "who", 3, np.random.default_rng(1))
    assert set(roles[list("defghi")]) == {-1}
    with pytest.raises(ValueError, match="give two"):
        stand_in_roles(table, "group", "who", 1, np.random.default_rng(1))
    with pytest.raises(ValueError, match="largest=2"):
        stand_in_roles(table, "group", "who", 3, np.random.default_rng(1), largest=2)
