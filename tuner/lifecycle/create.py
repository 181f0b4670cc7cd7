"""Creating the results folder of a study."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sr_models.atomic import write_atomically
from sr_models.errors import UserError
from tuner.config import StudyConfig, dump_study
from tuner.lifecycle.environment import FILE_NAME as ENVIRONMENT_FILE
from tuner.lifecycle.environment import describe_environment, write_environment
from tuner.lifecycle.own_code import own_code
from tuner.records import FILE_NAME as RECORDS_FILE
from tuner.records import PART as RECORDS_PART
from tuner.records import EventKind, Records
from tuner.records.disk import explained
from tuner.records.lock import FILE_NAME as LOCK_FILE

STUDY_FILE = "study.yaml"


def is_study(folder: Path) -> bool:
    """Return whether `folder` holds a study."""
    return (folder / RECORDS_FILE).is_file()


def claim(folder: Path) -> None:
    """Create the folder of a new study.

    Raises:
        UserError: the folder holds a study or something else, or cannot be created.
    """
    with explained(folder):
        if _has_trials(folder):
            raise UserError(
                f"study {folder} exists already and is never overwritten: continue it with "
                "--resume, add trials with --extend N, give this run another --name, or delete the "
                "folder"
            )
        if folder.exists() and not (is_study(folder) or _is_ours(folder)):
            raise UserError(
                f"{folder} exists and is not a study: choose another --name or --results"
            )
        folder.mkdir(parents=True, exist_ok=True)


def create_study(config: StudyConfig, folder: Path, overrides: Sequence[str]) -> Records:
    """Write study.yaml, environment.json and study.db; the folder must be claimed and locked.

    Args:
        config: the study.
        folder: its results folder.
        overrides: the options of the command line that changed the study file.

    Returns:
        The records, open for writing.
    """
    with explained(folder):
        if not _has_trials(folder):  # replace an earlier run that never started a trial
            (folder / RECORDS_FILE).unlink(missing_ok=True)
        (folder / "trials").mkdir(exist_ok=True)
        write_study_file(config, folder)
        seen = describe_environment(sampler_seed=config.sampler.seed, own_code=own_code(config))
        write_environment(folder, seen)
        records = Records.create(folder, _info(config, folder, overrides))
    records.add_event(time.time(), EventKind.STARTED)
    return records


def _has_trials(folder: Path) -> bool:
    if not is_study(folder):
        return False
    with Records.open(folder) as records:
        return bool(records.trials())


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds only files that a run which was killed at its start may leave."""
    ours = {STUDY_FILE, ENVIRONMENT_FILE, LOCK_FILE, "trials"}
    return folder.is_dir() and all(
        entry.name in ours or entry.name.startswith((RECORDS_PART, "."))
        for entry in folder.iterdir()
    )


def check_data(records: Records, info: Mapping[str, Any], *, force: bool) -> None:
    """Check that the data are unchanged since earlier trials, and record their description.

    Args:
        records: the records of the study.
        info: what `Objective.prepare` has returned.
        force: accept changed data.

    Raises:
        UserError: they have changed.
    """
    if not force:
        require_same_data(records, info)
    for key, value in info.items():
        records.set_info(key, value)


def require_same_data(records: Records, info: Mapping[str, Any]) -> None:
    """Check that the prepared data are those that earlier trials had.

    Raises:
        UserError: they are not.
    """
    before, after = records.info.get("data"), info.get("data")
    if before and after and before.get("fingerprint") != after.get("fingerprint"):
        raise UserError(
            f"the data of {records.folder} have changed since it was started ("
            f"{_counts(before)} then, {_counts(after)} now, or other files): new results could "
            "not be compared with earlier results; restore the data, or resume anyway with --force"
        )


def settings_info(config: StudyConfig, folder: Path) -> dict[str, Any]:
    """Return the part of a study's info that comes from the study file and its objective."""
    from tuner.core.goals import Goals

    goals = Goals.of(config, config.objective)
    return {
        "description": config.description,
        "file": dump_study(config, folder),
        "planned_baselines": list(config.baselines),
        "metrics": list(goals.metrics),
        "directions": list(goals.directions),
        "metrics_described": [metric.to_info() for metric in config.objective.metrics],
    }


def write_study_file(config: StudyConfig, folder: Path) -> None:
    """Write the resolved study, for people to read and for commands to start from."""
    write_atomically(folder / STUDY_FILE, dump_study(config, folder).encode())


def _info(config: StudyConfig, folder: Path, overrides: Sequence[str]) -> dict[str, Any]:
    return {
        "study": config.study,
        "created": time.time(),
        "budget": config.budget.model_dump(mode="json"),
        "overrides": list(overrides),
        **settings_info(config, folder),
    }


def _counts(data: Mapping[str, Any]) -> str:
    return f"{data.get('train', '?')} + {data.get('validation', '?')} images"
