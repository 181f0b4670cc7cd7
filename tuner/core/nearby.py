"""Settings near a setting that cannot be used, because it was tried or violates a constraint."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import TYPE_CHECKING, Any

from tuner.space.range import Range

if TYPE_CHECKING:
    from tuner.space import Dimension, SearchSpace

STEPS = 200
"""Steps of a walk, which keep it some ten steps around its start."""


def walk(space: "SearchSpace", start: Mapping[str, Any], seed: int) -> Iterator[dict[str, Any]]:
    """Yield settings on a random walk from `start`, each with another value in one dimension.

    A whole number, or a number on a grid, moves to the value above or below, all else to any other
    value.

    Args:
        space: the search space.
        start: the params of the setting.
        seed: of the walk.
    """
    random, params = Random(seed), dict(start)
    for _ in range(STEPS):
        movable = [path for path in params if space.dimensions[path].count != 1]
        if not movable:
            return
        path = random.choice(movable)
        value = _next_to(params[path], space.dimensions[path], random)
        params = _completed(space, params | {path: value}, random)
        yield params


def _next_to(value: Any, dimension: "Dimension", random: Random) -> Any:
    if isinstance(dimension, Range) and dimension.count is not None:
        return dimension.next_to(value, up=random.random() < 0.5)
    return _draw(dimension, random)


def _completed(space: "SearchSpace", params: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """Leave out params whose conditions do not hold any more, and draw those whose conditions hold
    now."""
    found: dict[str, Any] = {}
    for path in space.order:
        if space.active(path, found):
            found[path] = params[path] if path in params else _draw(space.dimensions[path], random)
    return space.known(found)


def _draw(dimension: "Dimension", random: Random) -> Any:
    from tuner.samplers.sobol import from_unit

    return dimension.decode(from_unit(random.random(), dimension.distribution()))
