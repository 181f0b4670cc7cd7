"""Which values of a setting are to blame if the objective rejects it."""

from typing import Any

from pydantic import ValidationError

from tuner.config.checks.activation import Params
from tuner.config.checks.explain import explain
from tuner.config.checks.problem import Problem, listed, shown
from tuner.space import Choice, SearchSpace, paths, schema


def refused(space: SearchSpace, params: Params) -> list[Problem]:
    """Return why the objective rejects these params, with paths inside the objective."""
    try:
        space.build(params)
    except ValidationError as error:
        return explain(error, space.config(params), space.config_type)
    return []


def blamed(space: SearchSpace, params: Params, prefix: str, focus: str | None = None) -> Problem:
    """Return the problem of params that are rejected, reduced to the values that cause it."""
    guilty, problem = fewest(space, params, focus)
    if not guilty:
        return Problem(paths.join("objective", problem.path), problem.rule, problem.value)
    owner = _owner(guilty, problem.path, focus)
    others = [f"{path} = {shown(value)}" for path, value in guilty.items() if path != owner]
    condition = _missing_condition(space, guilty, problem)
    rule = condition or problem.rule
    if owner is None:
        return Problem(prefix, f"{listed(others, 'and')} cannot be combined: {rule}")
    together = f" (with {listed(others, 'and')})" if others else ""
    if condition:
        return Problem(f"{prefix}.{owner}", f"{rule}{together}")
    return Problem(_place(space, owner, guilty[owner], prefix), f"{rule}{together}", guilty[owner])


def fewest(space: SearchSpace, params: Params, focus: str | None) -> tuple[Params, Problem]:
    """Leave out params that the problem does not need; the dimension `focus` is kept longest."""
    problem = refused(space, params)[0]
    for path in sorted(params, key=lambda path: path == focus):
        fewer = {other: value for other, value in params.items() if other != path}
        same_place = [found for found in refused(space, fewer) if found.path == problem.path]
        if same_place:
            params, problem = fewer, same_place[0]
    return params, problem


def _owner(blamed: Params, place: str, focus: str | None) -> str | None:
    """The param whose value the problem is about."""
    if len(blamed) == 1:
        return next(iter(blamed))
    inner = [path for path in blamed if paths.inside(place, path)]
    return inner[0] if inner else focus if focus in blamed else None


def _place(space: SearchSpace, path: str, value: Any, prefix: str) -> str:
    """The part of a dimension that a value comes from."""
    dimension = space.dimensions.get(path)
    if dimension is None:  # set to meet a condition on a key that is not searched
        dependent = next(name for name, other in space.dimensions.items() if path in other.when)
        return f"{prefix}.{dependent}.when.{path}"
    if isinstance(dimension, Choice):
        return f"{prefix}.{path}.choice.{dimension.choice.index(value)}"
    bounds = {dimension.low: ".low", dimension.high: ".high"}
    return f"{prefix}.{path}{bounds.get(value, '')}"


def _missing_condition(space: SearchSpace, blamed: Params, problem: Problem) -> str | None:
    """The advice for a dimension that belongs to another `type` than the one it is used with."""
    section, _, key = problem.path.rpartition(".")
    if key == schema.TAG:
        return None
    owners = schema.owners(space.config_type, problem.path)
    tags = [tag for owner in owners for tag in schema.tags(owner)]
    tag = paths.get(space.config(blamed), paths.join(section, schema.TAG))
    if problem.path not in blamed or not tags or tag in tags:
        return None
    wanted = tags[0] if len(tags) == 1 else tags
    condition = f"{{{paths.join(section, schema.TAG)}: {shown(wanted)}}}"
    return f"type {tag} has no such key; add when: {condition}"
