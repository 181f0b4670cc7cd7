"""Whether the objective takes every setting that a search can propose."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from tuner.config.checks.activation import (
    Params,
    activations,
    combinations,
    completed,
    ends,
)
from tuner.config.checks.explain import explain
from tuner.config.checks.problem import Problem, listed, shown
from tuner.space import Choice, SearchSpace, paths, schema
from tuner.space.values import canonical


def check_space(space: SearchSpace, prefix: str = "search") -> list[Problem]:
    """What the objective would not take: single values first, then their combinations."""
    singles = [problem for path in space.dimensions for problem in _values(space, path, prefix)]
    if singles:
        return list({str(problem): problem for problem in singles}.values())
    together = [
        _blamed(space, params, prefix) for params in combinations(space) if refused(space, params)
    ]
    # One combination for each value that is at fault, of what may be many.
    return list({_key(problem, prefix): problem for problem in reversed(together)}.values())[::-1]


def _key(problem: Problem, prefix: str) -> str:
    return str(problem) if problem.path == prefix else problem.path


def refused(space: SearchSpace, params: Params) -> list[Problem]:
    """Why the objective does not take these params; paths within the objective."""
    try:
        space.build(params)
    except ValidationError as error:
        return explain(error, space.config(params), space.config_type)
    return []


def _values(space: SearchSpace, path: str, prefix: str) -> list[Problem]:
    """What is wrong with the choices or bounds of one dimension."""
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
    """Why the objective takes `value` in none of the `ways` in which it is searched.

    It may need the other dimensions to be set as well, so it is tried alone and with them.
    """
    alone = [{**way, path: value} for way in ways]
    tries = (params for one in alone for params in (one, completed(space, one)))
    if not all(refused(space, params) for params in tries):
        return None
    blamed, _ = _fewest(space, alone[0], path)
    own = path in blamed or not blamed.keys() <= space.dimensions.keys()
    return _blamed(space, alone[0], prefix, path) if own else None


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


def _blamed(space: SearchSpace, params: Params, prefix: str, focus: str | None = None) -> Problem:
    """The problem of params that are refused, told by as few of them as still bring it about."""
    blamed, problem = _fewest(space, params, focus)
    if not blamed:
        return Problem(paths.join("objective", problem.path), problem.rule, problem.value)
    owner = _owner(blamed, problem.path, focus)
    others = [f"{path} = {shown(value)}" for path, value in blamed.items() if path != owner]
    condition = _missing_condition(space, blamed, problem)
    rule = condition or problem.rule
    if owner is None:
        return Problem(prefix, f"{listed(others, 'and')} cannot be together: {rule}")
    together = f" (with {listed(others, 'and')})" if others else ""
    if condition:
        return Problem(f"{prefix}.{owner}", f"{rule}{together}")
    return Problem(_place(space, owner, blamed[owner], prefix), f"{rule}{together}", blamed[owner])


def _fewest(space: SearchSpace, params: Params, focus: str | None) -> tuple[Params, Problem]:
    """Leave out what is not needed for the first problem; the dimension in focus goes last."""
    problem = refused(space, params)[0]
    for path in sorted(params, key=lambda path: path == focus):
        fewer = {other: value for other, value in params.items() if other != path}
        same_place = [one for one in refused(space, fewer) if one.path == problem.path]
        if same_place:
            params, problem = fewer, same_place[0]
    return params, problem


def _owner(blamed: Params, place: str, focus: str | None) -> str | None:
    """The one of the params whose value the problem is about."""
    if len(blamed) == 1:
        return next(iter(blamed))
    inner = [path for path in blamed if paths.inside(place, path)]
    return inner[0] if inner else focus if focus in blamed else None


def _place(space: SearchSpace, path: str, value: Any, prefix: str) -> str:
    """The part of a dimension that a value comes from."""
    dimension = space.dimensions.get(path)
    if dimension is None:  # met a condition on a key that is not searched
        dependent = next(one for one, other in space.dimensions.items() if path in other.when)
        return f"{prefix}.{dependent}.when.{path}"
    if isinstance(dimension, Choice):
        return f"{prefix}.{path}.choice.{dimension.choice.index(value)}"
    bounds = {dimension.low: ".low", dimension.high: ".high"}
    return f"{prefix}.{path}{bounds.get(value, '')}"


def _missing_condition(space: SearchSpace, blamed: Params, problem: Problem) -> str | None:
    """What to write where a dimension belongs to another `type` than the one it meets."""
    section, _, key = problem.path.rpartition(".")
    if key == schema.TAG:
        return None
    owners = schema.owners(space.config_type, problem.path)
    tags = [tag for one in owners for tag in schema.tags(one)]
    tag = paths.get(space.config(blamed), paths.join(section, schema.TAG))
    if problem.path not in blamed or not tags or tag in tags:
        return None
    wanted = tags[0] if len(tags) == 1 else tags
    condition = f"{{{paths.join(section, schema.TAG)}: {shown(wanted)}}}"
    return f"type {tag} has no such key; add when: {condition}"
