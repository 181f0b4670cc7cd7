"""Settings near one that cannot be taken."""

from itertools import pairwise

from tuner.core.nearby import STEPS, walk
from tuner.space import Choice, Range, SearchSpace

GRID = SearchSpace(
    {"a": Range(low=1, high=9), "b": Range(low=0.0, high=1.0, step=0.1), "c": Choice(choice=[7])},
    {},
)
START = {"a": 5, "b": 0.5, "c": 7}


def test_each_is_one_step_from_the_one_before() -> None:
    for before, after in pairwise([START, *walk(GRID, START, seed=0)]):
        moves = abs(after["a"] - before["a"]), round(10 * abs(after["b"] - before["b"]), 6)
        assert sorted(moves) == [0, 1]
        assert GRID.known(after) == after


def test_a_walk_is_the_same_for_the_same_seed_and_stays_around() -> None:
    found = list(walk(GRID, START, seed=3))
    assert found == list(walk(GRID, START, seed=3)) != list(walk(GRID, START, seed=4))
    assert len(found) == STEPS
    assert sum(abs(params["a"] - 5) + 10 * abs(params["b"] - 0.5) <= 3 for params in found[:12]) > 8


def test_conditions_hold_on_the_way() -> None:
    space = SearchSpace(
        {
            "kind": Choice(choice=["a", "b"]),
            "rate": Range(low=0.1, high=1.0, when={"kind": "a"}),
            "lists": Choice(choice=[[1, 2], [3]], when={"kind": "b"}),
        },
        {},
    )
    found = list(walk(space, {"kind": "a", "rate": 0.5}, seed=0))
    assert {tuple(params) for params in found} == {("kind", "rate"), ("kind", "lists")}
    assert all(space.known(params) == params for params in found)


def test_where_there_is_only_one_setting_there_is_no_walk() -> None:
    assert list(walk(SearchSpace({"c": Choice(choice=[7])}, {}), {"c": 7}, seed=0)) == []
