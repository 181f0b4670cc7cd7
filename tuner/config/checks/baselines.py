"""Checks of the baselines: does the objective accept their settings?"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tuner.config.checks.blame import refused
from tuner.config.checks.problem import Problem
from tuner.config.checks.structure import unknown_path
from tuner.space import SearchSpace, paths

if TYPE_CHECKING:
    from tuner.config.study import Baseline

RESERVED = ("best", "bicubic")
"""Names with another meaning in commands and tables."""


def check_baselines(space: SearchSpace, baselines: "Mapping[str, Baseline]") -> list[Problem]:
    """Return the problems of the baselines; their values may be outside the search space."""
    names = list(baselines)
    return [
        *(problem for name in names for problem in _name(name, names)),
        *(problem for name in names for problem in _settings(space, name, baselines[name])),
    ]


def _name(name: str, names: list[str]) -> Iterator[Problem]:
    if name.lower() in RESERVED:
        yield Problem(f"baselines.{name}", "this name is reserved; choose another")
    twins = [other for other in names[: names.index(name)] if other.lower() == name.lower()]
    if twins:  # on some file systems these names give the same trial folder
        yield Problem(f"baselines.{name}", f"differs from {twins[0]} only in upper and lower case")


def _settings(space: SearchSpace, name: str, baseline: "Baseline") -> Iterator[Problem]:
    prefix = f"baselines.{name}.set"
    unknown = {
        path: rule for path in baseline.set if (rule := unknown_path(path, space.config_type))
    }
    for path, rule in unknown.items():
        yield Problem(f"{prefix}.{path}", rule)
    for problem in [] if unknown else refused(space, dict(baseline.set)):
        causes = [path for path in baseline.set if paths.inside(problem.path, path)]
        where = paths.join(prefix, problem.path) if causes else f"baselines.{name}"
        rule = problem.rule if causes else f"objective.{problem.path}: {problem.rule}"
        yield Problem(where, rule, *([problem.value] if causes else []))
