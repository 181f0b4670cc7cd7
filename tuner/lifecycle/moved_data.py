"""A study whose data lie elsewhere than when it was started, or are told of in other words."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tuner.config import StudyConfig
from tuner.lifecycle.create import require_same_data, settings_info
from tuner.lifecycle.diff import Difference
from tuner.objectives.protocol import Objective, Progress
from tuner.records import Records, TrialState
from tuner.space import paths


def is_of_data(difference: Difference, objective: Objective) -> bool:
    """Whether a setting says where the data are, which their fingerprint tells apart."""
    return any(
        paths.inside(difference.path, paths.join("objective", section))
        for section in objective.fingerprinted
    )


def check_moved(
    records: Records, config: StudyConfig, found: Sequence[Difference], progress: Progress
) -> None:
    """See that data that are said to lie elsewhere are the same.

    They are prepared in a folder of their own, so that the study is as it was if they are not.

    Raises:
        UserError: they are others, or cannot be had.
    """
    objective = config.objective
    if "data" in records.info and any(is_of_data(difference, objective) for difference in found):
        with tempfile.TemporaryDirectory(prefix="sr-tuner-data-") as folder:
            info = objective.prepare(config.objective_config, Path(folder), progress)
        require_same_data(records, info)


def take_over(records: Records, config: StudyConfig, found: Sequence[Difference]) -> None:
    """Let the trials know where the data are now, for those that go on and those repeated."""
    if not any(is_of_data(difference, config.objective) for difference in found):
        return
    space = config.space()
    for key, value in settings_info(config, records.folder).items():
        records.set_info(key, value)
    for trial in records.trials():
        if trial.state is TrialState.FAILED:  # its setting may be one that cannot be built
            continue
        now, moved = space.build(trial.params).model_dump(mode="json"), trial.config
        for section in config.objective.fingerprinted:
            moved = paths.put(moved, section, paths.get(now, section))
        if moved != trial.config:
            records.update_trial(trial.number, config=moved)
