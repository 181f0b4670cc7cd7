"""Checks of the space: does the objective accept every setting that a search can propose?"""

from collections.abc import Iterator
from typing import Any

from tuner.config.checks.activation import (
    Params,
    activations,
    combinations,
    completed,
    ends,
)
from tuner.config.checks.blame import blamed, fewest, refused
from tuner.config.checks.problem import Problem, shown
from tuner.space import Choice, SearchSpace
from tuner.space.values import canonical


def check_space(space: SearchSpace, prefix: str = "search") -> list[Problem]:
    """Return what the objective would reject: single values first, then their combinations."""
    singles = [problem for path in space.dimensions for problem in _values(space, path, prefix)]
    if singles:
        return list({str(problem): problem for problem in singles}.values())
    together = [
        blamed(space, params, prefix) for params in combinations(space) if refused(space, params)
    ]
    # Of possibly many combinations, a single one for each value that is at fault.
    return list({_key(problem, prefix): problem for problem in reversed(together)}.values())[::-1]


def _key(problem: Problem, prefix: str) -> str:
    return str(problem) if problem.path == prefix else problem.path


def _values(space: SearchSpace, path: str, prefix: str) -> list[Problem]:
    """The problems of the choices or bounds of a dimension."""
    dimension = space.dimensions[path]
    ways = activations(space, path)
    if not ways:
        return [Problem(f"{prefix}.{path}.when", "these can never all hold", dimension.when)]
    found = [_value(space, path, value, ways, prefix) for value in ends(dimension)]
    problems = [problem for problem in found if problem]
    rules = {problem.rule for problem in problems}
    if len(problems) == len(found) > 1 == len(rules) and problems[0] != problems[-1]:
        return [Problem(f"{prefix}.{path}", problems[0].rule)]
    return problems or list(_repeats(space, path, ways[0], prefix))


def _value(
    space: SearchSpace, path: str, value: Any, ways: list[Params], prefix: str
) -> Problem | None:
    """Why the objective rejects `value` in all of the `ways` in which it is searched.

    It may need the other dimensions to be set as well, so it is tried alone and with them.
    """
    alone = [{**way, path: value} for way in ways]
    tries = (params for bare in alone for params in (bare, completed(space, bare)))
    if not all(refused(space, params) for params in tries):
        return None
    guilty, _ = fewest(space, alone[0], path)
    own = path in guilty or not guilty.keys() <= space.dimensions.keys()
    return blamed(space, alone[0], prefix, path) if own else None


def _repeats(space: SearchSpace, path: str, way: Params, prefix: str) -> Iterator[Problem]:
    """Choices that are written differently and mean the same."""
    dimension = space.dimensions[path]
    first: dict[str, Any] = {}
    for index, value in enumerate(dimension.choice if isinstance(dimension, Choice) else ()):
        meaning = canonical(space.resolved({**way, path: value}))
        if meaning in first:
            rule = f"means the same as {shown(first[meaning]) or 'an earlier one'}"
            yield Problem(f"{prefix}.{path}.choice.{index}", rule, value)
        first.setdefault(meaning, value)
