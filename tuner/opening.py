"""Makes a study's folder, or opens one to go on with it."""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sr_models.errors import UserError
from tuner.config import StudyConfig, dump_study, load_study
from tuner.differences import Difference, differences
from tuner.environment import FILE_NAME as ENVIRONMENT_FILE
from tuner.environment import describe_environment, read_environment, write_environment
from tuner.lock import FILE_NAME as LOCK_FILE
from tuner.records import FILE_NAME as RECORDS_FILE
from tuner.records import Records, TrialRecord, TrialState

if TYPE_CHECKING:
    from collections.abc import Iterator

STUDY_FILE = "study.yaml"


@dataclass(frozen=True)
class Going:
    """How to go on with a study that exists.

    Args:
        extend: trials to add to its budget; None to finish what it was.
        force: go on although it would not be the same study any more.
    """

    extend: int | None = None
    force: bool = False


def is_study(folder: Path) -> bool:
    """Whether `folder` holds a study."""
    return (folder / RECORDS_FILE).is_file()


def claim(folder: Path) -> None:
    """Make the folder of a new study.

    Raises:
        UserError: there is a study already, or something else, or it cannot be made.
    """
    if is_study(folder):
        raise UserError(
            f"study {folder} exists already, and is never overwritten: go on with --resume, add "
            "trials with --extend N, give this run another --name, or delete the folder"
        )
    with _writing(folder):
        if folder.exists() and not _is_ours(folder):
            raise UserError(
                f"{folder} exists and is not a study: choose another --name or --results"
            )
        folder.mkdir(parents=True, exist_ok=True)


def create_study(config: StudyConfig, folder: Path, overrides: Sequence[str]) -> Records:
    """Fill the folder of a new study, which is claimed and locked."""
    with _writing(folder):
        (folder / "trials").mkdir(exist_ok=True)
        (folder / STUDY_FILE).write_text(dump_study(config), encoding="utf-8")
        write_environment(folder, describe_environment(sampler_seed=config.sampler.seed))
    records = Records.create(folder)
    with records.transaction():
        records.set_info("overrides", list(overrides))
        _describe(config, records)
        records.add_event(time.time(), "started")
    return records


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds nothing but what a run that was killed at its start may leave."""
    ours = {STUDY_FILE, ENVIRONMENT_FILE, LOCK_FILE, "trials"}
    return folder.is_dir() and {entry.name for entry in folder.iterdir()} <= ours


def reopen_study(config: StudyConfig, folder: Path, going: Going) -> Records:
    """Open a study to go on with it under `config`, which may differ where it does no harm.

    Raises:
        UserError: there is none, or it would not be the same study any more.
    """
    if not is_study(folder):
        raise UserError(f"there is no study {folder} to go on with")
    before = load_study(folder / STUDY_FILE)
    found = differences(before, config)
    changed = [one for one in found if not (one.harmless or _longer(one, going))]
    if changed and not going.force:
        lines = "\n".join(f"  {one}" for one in changed)
        raise UserError(
            f"study {folder} was started with other settings:\n{lines}\n"
            "its results would not compare with new ones; give this run another --name, or go on "
            "all the same with --force"
        )
    records = Records.open(folder, write=True)
    with _writing(folder), records.transaction():
        _go_on(config, records, going, found)
        (folder / STUDY_FILE).write_text(dump_study(config), encoding="utf-8")
    return records


def stored_overrides(folder: Path) -> list[str]:
    """The options that a study was started with.

    Raises:
        UserError: there is no study.
    """
    if not is_study(folder):
        raise UserError(f"there is no study {folder} to go on with")
    with Records.open(folder) as records:
        return [str(one) for one in records.info.get("overrides", [])]


def check_data(records: Records, info: Mapping[str, Any], *, force: bool) -> None:
    """See that the data are those that earlier trials had, and record what is known of them.

    Raises:
        UserError: they are not.
    """
    before, after = records.info.get("data"), info.get("data")
    if before and after and before.get("fingerprint") != after.get("fingerprint") and not force:
        raise UserError(
            f"the images of {records.folder} have changed since it was started ("
            f"{_counts(before)} then, {_counts(after)} now, or other files): new results would "
            "not compare with the old ones; restore them, or go on all the same with --force"
        )
    for key, value in info.items():
        records.set_info(key, value)


def _describe(config: StudyConfig, records: Records) -> None:
    from tuner.goals import Goals
    from tuner.objectives import get_objective

    goals = Goals.of(config, get_objective(config.objective_type))
    records.set_info("study", config.study)
    records.set_info("description", config.description)
    records.set_info("created", time.time())
    records.set_info("metrics", list(goals.metrics))
    records.set_info("directions", list(goals.directions))
    records.set_info("budget", config.budget.model_dump(mode="json"))


def _go_on(
    config: StudyConfig, records: Records, going: Going, found: Sequence[Difference]
) -> None:
    budget = records.info["budget"]
    trials = config.budget.trials
    if going.extend is not None and trials is not None:
        trials = (budget["trials"] or 0) + going.extend
    elif trials is not None:
        trials = max(trials, budget["trials"] or 0)
    records.set_info("budget", {"trials": trials, "wall_clock": config.budget.wall_clock})
    records.set_info("description", config.description)
    records.add_event(
        time.time(),
        "resumed" if going.extend is None else "extended",
        differences=[str(one) for one in found],
        environment=_environment_changes(records.folder),
        trials=going.extend,
    )
    for trial in records.trials():
        if _goes_on(trial, config, found):
            records.update_trial(
                trial.number, state=TrialState.INTERRUPTED, ended=None, reason=None,
                config=_config_now(trial, config),
            )  # fmt: skip


def _goes_on(trial: TrialRecord, config: StudyConfig, found: Sequence[Difference]) -> bool:
    """Whether an ended trial has more to do: its time was up, or there are more epochs now."""
    if trial.state is TrialState.STOPPED:
        return trial.reason == "budget"
    longer = any(_is_length(one) for one in found)
    return longer and trial.state is TrialState.COMPLETE and trial.reason == "max_epochs" and (
        _config_now(trial, config) != trial.config
    )  # fmt: skip


def _config_now(trial: TrialRecord, config: StudyConfig) -> dict[str, Any]:
    return config.space().build(trial.params).model_dump(mode="json")


def _longer(difference: Difference, going: Going) -> bool:
    """More epochs are no other study, if it is extended: trials that ended there go on."""
    return going.extend is not None and _is_length(difference)


def _is_length(difference: Difference) -> bool:
    before, after = difference.before, difference.after
    return difference.path.endswith("max_epochs") and all(
        isinstance(value, int) for value in (before, after)
    ) and after > before  # fmt: skip


def _environment_changes(folder: Path) -> list[str]:
    """What runs otherwise than when the study was started: versions, code, hardware."""
    before, after = read_environment(folder), describe_environment()
    keys = ("git_commit", "python", "cpu", "cores", "packages")
    return [
        f"{key}: {json.dumps(before[key])} -> {json.dumps(after[key])}"
        for key in keys
        if key in before and before[key] != after[key]
    ]


def _counts(data: Mapping[str, Any]) -> str:
    return f"{data.get('train', '?')} + {data.get('validation', '?')} images"


@contextmanager
def _writing(folder: Path) -> "Iterator[None]":
    try:
        yield
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}") from error
