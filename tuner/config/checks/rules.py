"""Rules across the sections of a study: metrics, sampler, scheduler, space and budget."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, get_args

from sr_models.errors import CodeError
from tuner.config.checks.problem import Problem, closest_or_all, listed
from tuner.objectives.function import FreeParams
from tuner.objectives.metric import by_name, static_names
from tuner.objectives.own import OwnObjective
from tuner.samplers import Sampler, SamplerConfig
from tuner.space import Choice, Dimension, SearchSpace, paths

if TYPE_CHECKING:
    from tuner.config.study import StudyConfig
    from tuner.objectives.protocol import Objective

SAMPLERS: tuple[type[Sampler], ...] = get_args(get_args(SamplerConfig)[0])


def check_rules(study: "StudyConfig", space: SearchSpace, objective: "Objective") -> list[Problem]:
    """Return the problems that a single section cannot reveal."""
    return [
        *_metrics(study, objective),
        *_two_metrics(study),
        *_sampler(study, space),
        *_scheduler(study, space, objective),
        *_constraints(study, objective),
        *_budget(study),
        *_named(study, objective),
        *_conditions(study, objective),
    ]


def _metrics(study: "StudyConfig", objective: "Objective") -> Iterator[Problem]:
    known = by_name(objective.metrics)
    for metric in study.metrics:
        if isinstance(objective, OwnObjective) and metric in objective.training.counts:
            rule = "is how an epoch tells its number, and no metric; call the metric otherwise"
            yield Problem("metric", f"{metric} {rule}")
        elif metric not in known:
            rule = f"objective {study.objective_type} has no such metric"
            yield Problem("metric", rule + closest_or_all(metric, known), metric)
        elif known[metric].direction is None:
            rule = f"objective {study.objective_type} gives it no direction"
            yield Problem("metric", rule, metric)
    if study.metrics[0] in static_names(objective.metrics):
        rule = "is known before training; name the metric that trials are ranked by first"
        yield Problem("metric", f"{study.metrics[0]} {rule}", list(study.metrics))
    if len(set(study.metrics)) < len(study.metrics):
        yield Problem("metric", "names the same metric twice", list(study.metrics))


def _two_metrics(study: "StudyConfig") -> Iterator[Problem]:
    if len(study.metrics) == 1:
        return
    if not study.sampler.multi_objective:
        able = listed(
            sampler.model_fields["type"].default for sampler in SAMPLERS if sampler.multi_objective
        )
        rule = f"cannot search for two metrics; use {able}, or name a single metric"
        yield Problem("sampler.type", rule, study.sampler.type)
    if not study.scheduler.supports_two_metrics:
        rule = "works with a single metric only; use another scheduler, or name a single metric"
        yield Problem("scheduler.type", rule, study.scheduler.type)


def _sampler(study: "StudyConfig", space: SearchSpace) -> Iterator[Problem]:
    sampler, scheduler = study.sampler, study.scheduler
    try:
        sampler.check()
    except CodeError as error:
        yield Problem("sampler.code", str(error))
    if scheduler.stops_trials and not sampler.early_stopping:
        rule = f"learns only from complete trials, and scheduler {scheduler.type} stops most"
        yield Problem("sampler.type", f"{rule}; use scheduler none", sampler.type)
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
    """Changing a running trial must not affect its weights, nor which dimensions are active."""
    if not study.scheduler.changes_params:
        return
    changes = f"scheduler {study.scheduler.type} changes settings of running trials"
    if not space.dimensions:
        yield Problem("scheduler.type", f"{changes}, and none is searched", study.scheduler.type)
    elif not objective.keeps_weights:
        rule = (
            f"{changes}, and objective {objective.name} does not declare which of them may change "
            "while a trial keeps its weights (a class does so in keeps_weights); use another "
            "scheduler"
        )
        yield Problem("scheduler.type", rule, study.scheduler.type)
        return
    for path, dimension in space.dimensions.items():
        if not keeps_weights(path, objective):
            can = listed(f"{prefix.rstrip('.')}.*" for prefix in objective.keeps_weights)
            rule = f"{changes}, and their weights would not fit; search {can} with it"
            yield Problem(f"search.{path}", rule)
        elif dimension.when:
            yield Problem(f"search.{path}.when", f"{changes}, which conditions do not survive")


def keeps_weights(path: str, objective: "Objective") -> bool:
    """Return whether a trial may change this key while it keeps its trained weights."""
    return any(paths.inside(path, prefix.rstrip(".")) for prefix in objective.keeps_weights)


def _constraints(study: "StudyConfig", objective: "Objective") -> Iterator[Problem]:
    known = static_names(objective.metrics)
    for name in study.constraints:
        if name not in known:
            hint = closest_or_all(name, known) or "; a class can compute it: see static_metrics"
            yield Problem(
                f"constraints.{name}", f"no metric of this name is known before training{hint}"
            )


def _named(study: "StudyConfig", objective: "Objective") -> Iterator[Problem]:
    """A param that a command names must exist in some trial."""
    if not isinstance(objective, OwnObjective):
        return
    written = objective.training.params(study.objective_config)
    known = _set_somewhere(study)
    for name in objective.training.named(study.objective_config):
        if not _is_param(name, known, written):
            rule = f"{{{name}}} is not a param of the objective section, and is not searched"
            yield Problem("objective", rule + closest_or_all(name, [*known, *written]))


def _set_somewhere(study: "StudyConfig") -> list[str]:
    """The paths that are searched, or that a baseline sets."""
    baselines = study.baselines.values()
    return [*study.search, *(path for baseline in baselines for path in baseline.set)]


def _is_param(name: str, known: Iterable[str], written: Any) -> bool:
    """Whether a trial may have the param: it is among the `known` paths, or `written`."""
    searched = any(paths.inside(path, name) or paths.inside(name, path) for path in known)
    return searched or paths.get(written, name) is not paths.MISSING


def _conditions(study: "StudyConfig", objective: "Objective") -> Iterator[Problem]:
    """Among params of any name, a condition on one that no trial has is a misspelling."""
    if not isinstance(study.objective_config, FreeParams) or not isinstance(
        objective, OwnObjective
    ):
        return
    written = objective.training.params(study.objective_config)
    known = _set_somewhere(study)
    for path, dimension in study.search.items():
        for name, wanted in dimension.when.items():
            found = name in FreeParams.model_fields or _is_param(name, known, written)
            if not found:
                rule = "is neither set in the objective section nor searched"
                hint = closest_or_all(name, [*known, *written])
                yield Problem(f"search.{path}.when.{name}", rule + hint, wanted)


def _budget(study: "StudyConfig") -> Iterator[Problem]:
    if study.budget.trials == 0 and not study.baselines:
        yield Problem("budget.trials", "leaves nothing to train without baselines", 0)
