"""Checks of the user's own networks, losses and so on: do they take the arguments of the study?"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sr_models.errors import CodeError
from sr_models.frozen import FrozenConfig
from sr_models.own_code import OwnPart
from tuner.config.checks.activation import Params, activations, completed
from tuner.config.checks.problem import Problem, closest_or_all
from tuner.space import SearchSpace, paths

if TYPE_CHECKING:
    from tuner.config.study import Baseline, StudyConfig

_ARGS = ".args."


def check_own_parts(space: SearchSpace, baselines: "Mapping[str, Baseline]") -> list[Problem]:
    """Return a problem for each `args.NAME` that is searched or set but that the code does not
    take."""
    searched = {
        path: [completed(space, way) for way in activations(space, path)]
        for path in space.dimensions
        if _ARGS in path
    }
    found = [
        problem
        for path, ways in searched.items()
        for way in ways[:1]
        for problem in _problem(space, way, path, f"search.{path}")
    ]
    for name, baseline in baselines.items():
        for path in baseline.set:
            found += _problem(space, dict(baseline.set), path, f"baselines.{name}.set.{path}")
    return found


def buildable(study: "StudyConfig") -> FrozenConfig:
    """Return the objective section as it can be built.

    An argument of own code that has no default, and that the search alone gives, has its first
    value.
    """
    space, written = study.space(), study.objective_config.model_dump()
    lacking = {
        path: value
        for path, value in completed(space, {}).items()
        if _ARGS in path and paths.get(written, path) is paths.MISSING
    }
    return space.build(lacking) if lacking else study.objective_config


def _problem(space: SearchSpace, params: Params, path: str, place: str) -> Iterator[Problem]:
    section, args, name = path.rpartition(_ARGS)
    part = _part(space, params, section) if args else None
    if part is None:
        return
    try:
        known = part.parameters()
    except CodeError:  # reported where the part is built
        return
    if known is not None and name.split(".")[0] not in known:
        yield Problem(place, f"{part.code} takes no {name}{closest_or_all(name, known)}")


def _part(space: SearchSpace, params: Params, section: str) -> OwnPart | None:
    """The part at a path, as these params make it; None if they make none."""
    try:
        found: Any = space.build(params)
    except ValidationError:  # reported by the checks of the space
        return None
    for key in section.split("."):
        found = found.get(key) if isinstance(found, Mapping) else getattr(found, key, None)
    return found if isinstance(found, OwnPart) else None
