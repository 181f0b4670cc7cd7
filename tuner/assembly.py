"""Puts a study together from its file and its records."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sr_models.errors import UserError
from tuner.config import StudyConfig, load_study
from tuner.goals import Goals
from tuner.objectives import get_objective
from tuner.proposals import Proposals
from tuner.records import Records, TrialKind
from tuner.restore import restore
from tuner.schedulers import Mutable, SchedulerSetting
from tuner.space import Choice, Range, SearchSpace
from tuner.study import Fixed, Study


def assemble(
    config: StudyConfig,
    records: Records,
    *,
    workers: int,
    clock: Callable[[], float] = time.time,
) -> Study:
    """The study as its records leave it, with the baselines that have not run yet queued."""
    objective = get_objective(config.objective_type)
    goals = Goals.of(config, objective)
    space = config.space()

    def violations(params: Mapping[str, Any]) -> dict[str, float]:
        return _violations(config, params, space)

    proposals = Proposals(space, config.sampler, goals.directions, violations)
    setting = SchedulerSetting(objective.max_epochs(config.objective_config), _mutables(space))
    study = Study(
        config,
        records,
        objective,
        proposals,
        config.scheduler.build(setting),
        workers=workers,
        clock=clock,
        limit=records.info["budget"]["trials"],
    )
    for folder in config.warm_start:
        _learn_from(Path(folder), study)
    restore(study, records)
    known = {trial.name for trial in records.trials()}
    for name, baseline in config.baselines.items():
        if name not in known:
            study.add_fixed(
                Fixed(name, TrialKind.BASELINE, dict(baseline.set), dict(baseline.reported))
            )
    return study


def _violations(
    config: StudyConfig, params: Mapping[str, Any], space: SearchSpace
) -> dict[str, float]:
    """By how much a setting breaks each constraint; positive is broken."""
    if not config.constraints:
        return {}
    objective = get_objective(config.objective_type)
    try:
        facts = objective.facts(space.build(params))
    except ValidationError:  # an impossible combination that the space allows
        return {"valid": 1.0}
    broken: dict[str, float] = {}
    for name, bound in config.constraints.items():
        value = facts[name]
        over = value - bound.max if bound.max is not None else float("-inf")
        under = bound.min - value if bound.min is not None else float("-inf")
        broken[name] = max(over, under)
    return broken


def _mutables(space: SearchSpace) -> dict[str, Mutable]:
    """The dimensions as population-based training sees them."""
    found: dict[str, Mutable] = {}
    for path, dimension in space.dimensions.items():
        if isinstance(dimension, Choice):
            found[path] = Mutable(choices=tuple(dimension.choice))
        elif isinstance(dimension, Range):
            found[path] = Mutable(
                low=dimension.low,
                high=dimension.high,
                log=dimension.log,
                step=dimension.step,
                integer=dimension.whole,
            )
    return found


def _learn_from(folder: Path, study: Study) -> None:
    """Tell the sampler the trials of an earlier study of the same space.

    Raises:
        UserError: it is none, or its values cannot be compared with this one's.
    """
    with Records.open(folder) as earlier:
        metrics = tuple(earlier.info["metrics"])
        if metrics != study.goals.metrics:
            raise UserError(
                f"warm_start: {folder} was searched for {' and '.join(metrics)}, this study for "
                f"{' and '.join(study.goals.metrics)}"
            )
        stored = load_study(earlier.folder / "study.yaml")
        if stored.objective_type != study.config.objective_type:
            raise UserError(
                f"warm_start: {folder} tuned {stored.objective_type}, not "
                f"{study.config.objective_type}"
            )
        for trial in earlier.trials():
            study.proposals.learn(trial, earlier.epochs(trial.number), study.goals)
