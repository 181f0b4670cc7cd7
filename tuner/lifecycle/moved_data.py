"""A study whose data have moved since it was started, or are specified differently."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tuner.config import StudyConfig
from tuner.config.checks import buildable
from tuner.lifecycle.create import require_same_data, settings_info
from tuner.lifecycle.diff import Difference
from tuner.objectives.protocol import Objective, Progress
from tuner.records import Records, TrialState
from tuner.space import paths


def is_of_data(difference: Difference, objective: Objective) -> bool:
    """Return whether a setting only says where the data are, so that a fingerprint can tell."""
    return any(
        paths.inside(difference.path, paths.join("objective", section))
        for section in objective.fingerprinted
    )


def check_moved(
    records: Records, config: StudyConfig, found: Sequence[Difference], progress: Progress
) -> None:
    """Check that data which the study file now looks for elsewhere are the same.

    They are prepared in a separate folder, so that the study is unchanged if they are not.

    Args:
        records: the records of the study.
        config: the study as it is to continue.
        found: the differences from the study as it was started.
        progress: called with the progress of the preparation.

    Raises:
        UserError: they are different, or not available.
    """
    objective = config.objective
    if "data" in records.info and any(is_of_data(difference, objective) for difference in found):
        with tempfile.TemporaryDirectory(prefix="sr-tuner-data-") as folder:
            info = objective.prepare(buildable(config), Path(folder), progress)
        require_same_data(records, info)


def take_over(records: Records, config: StudyConfig, found: Sequence[Difference]) -> None:
    """Tell trials where the data are now: those that continue, and those that are repeated."""
    if not any(is_of_data(difference, config.objective) for difference in found):
        return
    space = config.space()
    for key, value in settings_info(config, records.folder).items():
        records.set_info(key, value)
    for trial in records.trials():
        if trial.state is TrialState.FAILED:  # perhaps because its setting cannot be built
            continue
        now, moved = space.build(trial.params).model_dump(mode="json"), trial.config
        for section in config.objective.fingerprinted:
            moved = paths.put(moved, section, paths.get(now, section))
        if moved != trial.config:
            records.update_trial(trial.number, config=moved)
