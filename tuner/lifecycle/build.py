"""Building a study from its file and its records."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from sr_models.errors import UserError
from tuner.config import StudyConfig
from tuner.core.goals import Goals
from tuner.core.job import EnqueuedTrial
from tuner.core.setting import SettingReader
from tuner.core.state import StudyState
from tuner.core.study import Study
from tuner.core.suggester import Suggester
from tuner.lifecycle.restore import restore
from tuner.lifecycle.warm_start import warm_start
from tuner.records import Records, TrialKind
from tuner.schedulers import Mutable, SchedulerContext
from tuner.space import Choice, Range, SearchSpace

UNKNOWN_LENGTH = 10**6
"""Epochs of a full trial, for a scheduler, if only the objective's own code knows: no limit."""


def build_study(
    config: StudyConfig,
    records: Records,
    *,
    workers: int,
    clock: Callable[[], float] = time.time,
) -> Study:
    """Build the study in the state of its records, with the baselines that have not run yet queued.

    Args:
        config: the study file, resolved.
        records: its study.db, open for writing.
        workers: how many trials may run at once.
        clock: returns the current Unix time in seconds.

    Raises:
        UserError: a baseline has the name of a proposed trial.
    """
    objective = config.objective
    space = config.space()
    settings = SettingReader(space, objective, config.constraints)

    def violations(params: Mapping[str, Any]) -> dict[str, float]:
        return settings.violations(settings.read(params))

    goals = Goals.of(config, objective)
    suggester = Suggester(space, config.sampler, goals.directions, violations)
    most = objective.max_epochs(config.objective_config) or UNKNOWN_LENGTH
    context = SchedulerContext(most, _mutables(space))
    state = StudyState(
        config, records, objective, suggester, config.scheduler.build(context), settings, clock
    )
    study = Study(state, workers=workers, limit=records.info["budget"]["trials"])
    warm_start(config, goals, suggester, records, clock())
    restore(study, records)
    _add_baselines(study)
    return study


def _add_baselines(study: Study) -> None:
    """Queue the baselines that have not run yet."""
    known = {trial.name: trial.kind for trial in study.state.records.trials()}
    for name, baseline in study.state.config.baselines.items():
        if known.get(name, TrialKind.BASELINE) is not TrialKind.BASELINE:
            raise UserError(
                f"baselines.{name}: a proposed trial already has this name; choose another"
            )
        if name not in known:
            study.enqueue(
                EnqueuedTrial(name, TrialKind.BASELINE, dict(baseline.set), dict(baseline.reported))
            )


def _mutables(space: SearchSpace) -> dict[str, Mutable]:
    """The dimensions that population-based training may change."""
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
