"""From the plain data of a study file to a `StudyConfig` that satisfies all rules."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sr_models.frozen import FrozenConfig
from sr_models.source import located
from tuner.config.checks import (
    Problem,
    check_baselines,
    check_own_parts,
    check_rules,
    check_space,
    check_structure,
    explain,
)
from tuner.config.checks.problem import closest, listed
from tuner.config.study import DeclaredMetric, Sections, StudyConfig
from tuner.objectives.metric import by_name
from tuner.samplers import SamplerConfig
from tuner.schedulers import AshaConfig, NoneConfig, SchedulerConfig

if TYPE_CHECKING:
    from tuner.objectives.protocol import Objective

DEFAULT_OBJECTIVE = "super_resolution"
OBJECTIVE = "objective"
TYPED = ("sampler", "scheduler")
"""Sections that may be written as their type alone: `scheduler: none`."""


class InvalidStudyError(ValueError):
    """The problems of a study; which file it is from is not known yet."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def study_of(
    document: Mapping[str, Any], folder: Path = Path(), objective: "Objective | None" = None
) -> StudyConfig:
    """Return the study of a document.

    Args:
        document: its sections, as plain data.
        folder: the folder of the file; code files that it names are looked for there.
        objective: the objective itself, in place of the code that the document names.

    Raises:
        InvalidStudyError: it violates a rule.
    """
    sections = {key: value for key, value in document.items() if value is not None}
    sections |= {
        key: {"type": sections[key]} for key in TYPED if isinstance(sections.get(key), str)
    }
    sections.setdefault(OBJECTIVE, {})
    objective = objective_of(sections, folder, objective)
    kind = located(sections[OBJECTIVE].get("type", objective.name), folder)
    settings = _settings(sections.pop(OBJECTIVE), objective)
    problems: list[Problem] = []
    config = _validated(objective.config_type, settings, OBJECTIVE, problems)
    rest = _validated(Sections, sections, "", problems)
    if not isinstance(rest, Sections) or config is None:
        raise InvalidStudyError([_needed(problem, sections) for problem in problems])
    objective = _with_metrics(objective.configured(config), rest.metric or ())
    metric = rest.metric or (objective.metrics[0].name,)
    derived = {"metric": metric, "scheduler": rest.scheduler or _scheduler(rest.sampler, metric)}
    study = StudyConfig(
        **{name: getattr(rest, name) for name in Sections.model_fields if name not in derived},
        **derived,
        objective_type=kind,
        objective_config=config,
    ).with_objective(objective)
    _check(study, objective)
    return study


def _with_metrics(objective: "Objective", metrics: Sequence[str | DeclaredMetric]) -> "Objective":
    """The objective with the metrics that the study declares for it.

    Raises:
        InvalidStudyError: the objective declares its metrics itself, or no metrics are declared.
    """
    from tuner.objectives.own import OwnObjective

    known = by_name(objective.metrics)
    declared = [
        metric.metric(known.get(metric.name))
        for metric in metrics
        if isinstance(metric, DeclaredMetric)
    ]
    if not isinstance(objective, OwnObjective):
        if declared:
            rule = f"objective {objective.name} declares its metrics: write only the name"
            raise InvalidStudyError([Problem("metric", rule, declared[0].name)])
        return objective
    objective = objective.with_metrics(declared)
    if not objective.declares_metrics and not metrics:
        rule = "is missing: the objective declares none; write {name: ..., direction: maximize}"
        raise InvalidStudyError([Problem("metric", rule)])
    if not objective.declares_metrics:
        rule = f"needs a direction; write {{name: {metrics[0]}, direction: maximize}}, or minimize"
        raise InvalidStudyError([Problem("metric", rule, metrics[0])])
    return objective


def _scheduler(sampler: SamplerConfig, metrics: Sequence[Any]) -> SchedulerConfig:
    """The default scheduler.

    For two metrics it is `none`: judging by the first would stop what is best in the second.
    """
    stops = len(metrics) == 1 and sampler.learns_from_stopped
    return AshaConfig() if stops else NoneConfig()


def objective_of(
    document: Mapping[str, Any], folder: Path = Path(), own: "Objective | None" = None
) -> "Objective":
    """Return the objective that a document names, or the default objective; see `study_of`.

    Raises:
        InvalidStudyError: there is no such objective, or its code cannot be imported.
    """
    from sr_models.errors import CodeError
    from tuner.objectives import OBJECTIVES, get_objective

    section = document.get(OBJECTIVE, {})
    if not isinstance(section, Mapping):
        raise InvalidStudyError([Problem(OBJECTIVE, "must be a section (key: value)", section)])
    kind = section.get("type", DEFAULT_OBJECTIVE)
    if isinstance(kind, str) and ":" in kind:
        try:
            return own if own and ":" in own.name else get_objective(kind, folder)
        except CodeError as error:
            raise InvalidStudyError([Problem(f"{OBJECTIVE}.type", str(error), kind)]) from error
    if kind not in OBJECTIVES:
        rule = f"must be {listed(OBJECTIVES)}{closest(kind, OBJECTIVES)}"
        raise InvalidStudyError([Problem(f"{OBJECTIVE}.type", rule, kind)])
    return get_objective(kind)


def _check(study: StudyConfig, objective: "Objective") -> None:
    """Check all rules that involve more than one section."""
    if problems := check_structure(study.search, objective.config_type):
        raise InvalidStudyError(problems)
    space = study.space()
    problems = [
        *check_rules(study, space, objective),
        *check_baselines(space, study.baselines),
        *check_space(space),
    ] or check_own_parts(space, study.baselines)
    if problems:
        raise InvalidStudyError(problems)


def _validated(
    config_type: type[FrozenConfig], data: Any, prefix: str, problems: list[Problem]
) -> FrozenConfig | None:
    try:
        # As JSON: lists may be tuples and text may be paths, but "5" is not a number.
        return config_type.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        problems += explain(error, data, config_type, prefix)
        return None


def _needed(problem: Problem, sections: Mapping[str, Any]) -> Problem:
    """A missing key of the objective, with why it is needed although it is searched."""
    search = sections.get("search")
    path = problem.path.removeprefix(f"{OBJECTIVE}.")
    if problem.rule != "is missing" or not isinstance(search, Mapping) or path not in search:
        return problem
    return replace(problem, rule=f"{problem.rule}: give it a value, or a default in its class, too")


def _settings(section: Mapping[str, Any], objective: "Objective") -> dict[str, Any]:
    """The objective section without its type.

    Raises:
        InvalidStudyError: of a param of any name, which its dots put into a section.
    """
    from tuner.objectives.errors import ObjectiveError
    from tuner.objectives.function import FreeParams, in_sections

    found = {key: value for key, value in section.items() if key != "type"}
    if not issubclass(objective.config_type, FreeParams):
        return found
    try:
        return in_sections({str(key): value for key, value in found.items()})
    except ObjectiveError as error:
        raise InvalidStudyError([Problem(OBJECTIVE, str(error))]) from None
