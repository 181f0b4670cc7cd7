"""Params for which a dimension is active, and combinations that represent the whole space."""

from collections.abc import Iterator, Mapping
from itertools import islice
from random import Random
from typing import Any

from tuner.space import Choice, Dimension, SearchSpace, paths
from tuner.space.conditions import allowed
from tuner.space.values import same

Params = dict[str, Any]

MOST = 20
"""Number of ways to make a dimension active that are tried."""
WALKED = 500
"""Largest number of combinations of choices and bounds that are all checked."""
SAMPLED = 300
"""Number of combinations that are checked if there are more."""


def activations(space: SearchSpace, path: str) -> list[Params]:
    """Return params, as few as possible, for which the dimension `path` is active.

    A condition on a key that is not searched is met by setting the key: a file may hold dimensions
    for a fixed value that is changed only now and then, and they are checked all the same.
    """
    return list(islice(_settled(space, list(space.dimensions[path].when.items()), {}), MOST))


def idle_dimensions(space: SearchSpace) -> list[str]:
    """Return the dimensions that are never searched with the values of the base."""
    return [
        path
        for path in space.dimensions
        if all(params.keys() - space.dimensions.keys() for params in activations(space, path))
    ]


def completed(space: SearchSpace, params: Mapping[str, Any]) -> Params:
    """Return params with a value for every dimension that is active: the base's, or its first
    value."""
    found, base = dict(params), space.known({})
    for path in space.order:
        if path not in found and space.active(path, found):
            found[path] = base.get(path, ends(space.dimensions[path])[0])
    return found


def combinations(space: SearchSpace) -> list[Params]:
    """Return all combinations of choices and bounds if they are few, else a sample of the space."""
    walked = list(islice(_walk(space, {}, 0), WALKED + 1))
    if len(walked) <= WALKED:
        return walked
    random = Random(0)
    return [_drawn(space, random) for _ in range(SAMPLED)]


def ends(dimension: Dimension) -> list[Any]:
    """Return the values that represent a dimension: every choice, or both bounds."""
    if isinstance(dimension, Choice):
        return list(dimension.choice)
    return [dimension.low, dimension.last]


def _settled(
    space: SearchSpace, conditions: list[tuple[str, Any]], params: Params
) -> Iterator[Params]:
    """All ways to meet the conditions, and the conditions of the dimensions that they name."""
    if not conditions:
        yield params
        return
    (path, wanted), *rest = conditions
    above = space.dimensions[path].when.items() if path in space.dimensions else ()
    for more in _ways(space, path, wanted, params):
        yield from _settled(space, [*rest, *above], {**params, **more})


def _ways(space: SearchSpace, path: str, wanted: Any, params: Params) -> Iterator[Params]:
    searched = path in space.dimensions
    if path in params or not searched:
        value = params[path] if path in params else paths.get(space.resolved(params), path)
        if any(same(value, other) for other in allowed(wanted)):
            yield {}
            return
    if path not in params:
        for value in allowed(wanted):
            if not searched or space.dimensions[path].holds(value):
                yield {path: value}


def _walk(space: SearchSpace, params: Params, index: int) -> Iterator[Params]:
    if index == len(space.order):
        yield params
        return
    path = space.order[index]
    values = ends(space.dimensions[path]) if space.active(path, params) else []
    for value in values:
        yield from _walk(space, {**params, path: value}, index + 1)
    if not values:
        yield from _walk(space, params, index + 1)


def _drawn(space: SearchSpace, random: Random) -> Params:
    params: Params = {}
    for path in space.order:
        if space.active(path, params):
            params[path] = _draw(space.dimensions[path], random)
    return params


def _draw(dimension: Dimension, random: Random) -> Any:
    if isinstance(dimension, Choice):
        return random.choice(dimension.choice)
    inner = random.uniform(dimension.low, dimension.last)
    return dimension.as_listed(random.choice([dimension.low, inner, dimension.last]))
