"""Rules between the sections of a study: metrics, sampler, scheduler, space and budget."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tuner.space import Choice, Dimension, SearchSpace, paths
from tuner.validation.problem import Problem, closest_or_all, listed

if TYPE_CHECKING:
    from tuner.config import StudyConfig
    from tuner.objectives.protocol import Objective


def check_rules(study: "StudyConfig", space: SearchSpace, objective: "Objective") -> list[Problem]:
    """All rules that one section alone cannot check."""
    return [
        *_metrics(study, objective),
        *_two_metrics(study),
        *_sampler(study, space),
        *_scheduler(study, space, objective),
        *_constraints(study, objective),
        *_budget(study),
    ]


def _metrics(study: "StudyConfig", objective: "Objective") -> Iterator[Problem]:
    for metric in study.metrics:
        if metric not in objective.directions:
            rule = f"objective {study.objective_type} has no such metric"
            yield Problem("metric", rule + closest_or_all(metric, objective.directions), metric)
    if len(set(study.metrics)) < len(study.metrics):
        yield Problem("metric", "names the same metric twice", list(study.metrics))


def _two_metrics(study: "StudyConfig") -> Iterator[Problem]:
    if len(study.metrics) == 1:
        return
    if not study.sampler.multi_objective:
        rule = "cannot search for two metrics; use nsga2, tpe or random, or name one metric"
        yield Problem("sampler.type", rule, study.sampler.type)
    if not study.scheduler.supports_two_metrics:
        rule = "works with one metric only; use another scheduler, or name one metric"
        yield Problem("scheduler.type", rule, study.scheduler.type)


def _sampler(study: "StudyConfig", space: SearchSpace) -> Iterator[Problem]:
    sampler = study.sampler
    for path, dimension in space.dimensions.items():
        if sampler.numeric_only and (reason := _not_numeric(dimension)):
            rule = f"sampler {sampler.type} needs a space of ranges; {reason}"
            yield Problem(f"search.{path}", rule)
        if sampler.finite_only and dimension.count is None:
            rule = f"sampler {sampler.type} needs a finite space; give it a step or a choice"
            yield Problem(f"search.{path}", rule)


def _not_numeric(dimension: Dimension) -> str | None:
    if isinstance(dimension, Choice):
        return "this is a choice"
    return "this has conditions (when)" if dimension.when else None


def _scheduler(
    study: "StudyConfig", space: SearchSpace, objective: "Objective"
) -> Iterator[Problem]:
    if not study.scheduler.changes_params or inheritable(space.dimensions, objective):
        return
    rule = "changes settings of running trials, and none that is searched can be changed then"
    can = listed(f"{prefix.rstrip('.')}.*" for prefix in objective.inheritable) or "nothing"
    yield Problem("scheduler.type", f"{rule}; that can be {can}", study.scheduler.type)


def inheritable(dimensions: Mapping[str, Dimension], objective: "Objective") -> list[str]:
    """The dimensions that a trial may change while it keeps its trained weights."""
    return [
        path
        for path in dimensions
        if any(paths.inside(path, prefix.rstrip(".")) for prefix in objective.inheritable)
    ]


def _constraints(study: "StudyConfig", objective: "Objective") -> Iterator[Problem]:
    for name in study.constraints:
        if name not in objective.directions:
            hint = closest_or_all(name, objective.directions)
            yield Problem(f"constraints.{name}", f"nothing of this name is known{hint}")


def _budget(study: "StudyConfig") -> Iterator[Problem]:
    if study.budget.trials == 0 and not study.baselines:
        yield Problem("budget.trials", "leaves nothing to train without baselines", 0)
