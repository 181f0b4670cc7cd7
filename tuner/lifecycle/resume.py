"""Opening an existing study to continue it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sr_models.errors import UserError
from tuner.analysis.load import study_folder
from tuner.config import StudyConfig, load_study
from tuner.config.overrides import parse_override
from tuner.config.parse import DEFAULT_OBJECTIVE, InvalidStudyError, study_of
from tuner.config.yaml_file import parse_yaml
from tuner.core.setting import SettingReader
from tuner.lifecycle.create import STUDY_FILE, settings_info, write_study_file
from tuner.lifecycle.diff import Difference, differences
from tuner.lifecycle.environment import (
    describe_environment,
    environment_changes,
    read_environment,
)
from tuner.lifecycle.moved_data import check_moved, is_of_data, take_over
from tuner.lifecycle.own_code import code_changes, own_code
from tuner.objectives import OBJECTIVES
from tuner.objectives.protocol import Objective, Progress
from tuner.records import EventKind, Records, TrialKind, TrialState
from tuner.records.disk import explained
from tuner.records.elapsed import elapsed


@dataclass(frozen=True)
class ResumeOptions:
    """How to continue an existing study.

    Args:
        extend: trials to add to its budget; None to finish it as planned.
        retry_failed: run the trials again that have failed.
        force: continue although it would not be the same study any more.
        overrides: options of this run, which later runs keep.
    """

    extend: int | None = None
    force: bool = False
    overrides: Sequence[str] = ()
    retry_failed: bool = False


def stored_overrides(folder: Path) -> list[str]:
    """Return the options with which a study was run so far.

    Raises:
        UserError: there is no study.
    """
    with Records.open(study_folder(folder)) as records:
        return [str(override) for override in records.info.get("overrides", [])]


def reopen_study(
    config: StudyConfig, folder: Path, options: ResumeOptions, progress: Progress = lambda *_: None
) -> Records:
    """Open a study to continue the search with `config`, which may differ in harmless ways.

    Args:
        config: the study as it is to continue.
        folder: its results folder.
        options: how it continues.
        progress: called with the progress of checking data that have moved.

    Raises:
        UserError: there is no study, it is damaged, or it would not be the same study any more.
    """
    records = open_study(folder)
    try:
        found = require_same(records, config, options)
        if not options.force:
            check_moved(records, config, found, progress)
        time_left = _time_left(config, records)
        if (options.extend or options.retry_failed) and not time_left:
            raise UserError(
                f"study {folder} has used up its time budget of {config.budget.wall_clock:g} s: "
                f"to {'add' if options.extend else 'retry'} trials, give it a larger --max-time too"
            )
        with explained(folder), records.transaction():
            _record(config, records, options, found)
            take_over(records, config, found)
            _reopen_trials(config, records, found, time_left=time_left)
            if options.retry_failed:
                _reopen_failed(config, records)
            write_study_file(config, folder)
    except BaseException:
        records.close()
        raise
    return records


def open_study(folder: Path) -> Records:
    """Open a study to add to it; others are locked out.

    Raises:
        UserError: there is no study, or it is damaged.
    """
    records = Records.open(study_folder(folder), write=True)
    try:
        records.check()
    except BaseException:
        records.close()
        raise
    return records


def require_same(records: Records, config: StudyConfig, options: ResumeOptions) -> list[Difference]:
    """Check that `config` describes the same study; return the harmless differences.

    Raises:
        UserError: results before and after could not be compared.
    """
    _require_objective(records, config)
    found = differences(_as_recorded(records, config), config)
    changed = [
        difference for difference in found if not _harmless(difference, options, config.objective)
    ]
    if changed and not options.force:
        lines = "\n".join(f"  {difference}" for difference in changed)
        raise UserError(
            f"study {records.folder} was started with other settings:\n{lines}\n"
            "its results could not be compared with new ones; give this run another --name, or "
            "continue anyway with --force"
        )
    return found


def _require_objective(records: Records, config: StudyConfig) -> None:
    """Refuse another objective, even with --force: its trials would have nothing in common.

    The user's own code is identified by its file, which may have been moved; `differences` tells.
    """
    text = records.info.get("file")
    document = parse_yaml(text, str(records.path)) if text else {}
    before = (document.get("objective") or {}).get("type", DEFAULT_OBJECTIVE)
    own = before not in OBJECTIVES and config.objective_type not in OBJECTIVES
    if text and before != config.objective_type and not own:
        raise UserError(
            f"study {records.folder} tunes {before}, and this file {config.objective_type}: their "
            "trials cannot be compared; give this run another --name"
        )


def changes_told(records: Records) -> list[str]:
    """Return what has changed since the previous run, from the record of this run's start."""
    last = records.events()[-1]
    return [*last.data.get("differences", ()), *last.data.get("environment", ())]


def _as_recorded(records: Records, now: StudyConfig) -> StudyConfig:
    """The study as its trials were run: from study.db, because its YAML file may have been edited.

    Raises:
        UserError: this version does not understand it.
    """
    text = records.info.get("file")
    if text is None:
        return load_study(records.folder / STUDY_FILE)
    try:
        return study_of(parse_yaml(text, str(records.path)), records.folder, now.objective)
    except InvalidStudyError as error:
        raise UserError(
            f"{records.folder} was made by another version, and this version does not accept its "
            f"settings:\n{error}"
        ) from error


def _time_left(config: StudyConfig, records: Records) -> bool:
    budget = config.budget.wall_clock
    return budget is None or elapsed(records.events(), records.epochs()) < budget


def _record(
    config: StudyConfig, records: Records, options: ResumeOptions, found: Sequence[Difference]
) -> None:
    """Record the state of the study at the start of this run."""
    for key, value in settings_info(config, records.folder).items():
        records.set_info(key, value)
    records.set_info("budget", _budget(config, records, options, found))
    records.set_info("overrides", [*records.info.get("overrides", ()), *options.overrides])
    records.add_event(
        time.time(),
        EventKind.RESUMED if options.extend is None else EventKind.EXTENDED,
        differences=[str(difference) for difference in found],
        environment=_environment_changes(records.folder, config),
        trials=options.extend,
    )


def _budget(
    config: StudyConfig, records: Records, options: ResumeOptions, found: Sequence[Difference]
) -> dict[str, Any]:
    """The trials that were ever asked for, unless this run asks for fewer, and those added.

    A run asks by an option, or by another number in its file or call than before.
    """
    trials, before = config.budget.trials, records.info["budget"]["trials"]
    asked = {parse_override(override)[0] for override in options.overrides}
    asked |= {difference.path for difference in found}
    if trials is not None and options.extend is not None:
        proposed = [trial for trial in records.trials() if trial.kind is TrialKind.SEARCH]
        trials = max(before or 0, len(proposed)) + options.extend
    elif trials is not None and not asked & {"budget", "budget.trials"}:
        trials = max(trials, before or 0)
    return {"trials": trials, "wall_clock": config.budget.wall_clock}


def _reopen_trials(
    config: StudyConfig, records: Records, found: Sequence[Difference], *, time_left: bool
) -> None:
    """Mark ended trials that now have more to do as interrupted, so that they continue."""
    longer = any(_is_length(difference) for difference in found)
    space = config.space()
    for trial in records.trials():
        if trial.state is TrialState.FAILED:
            continue
        now = space.build(trial.params).model_dump(mode="json") if longer else trial.config
        changes: dict[str, Any] = {} if now == trial.config else {"config": now}
        if (changes and trial.reason == "max_epochs") or (time_left and trial.reason == "budget"):
            changes |= {"state": TrialState.INTERRUPTED, "ended": None, "reason": None}
        if changes:
            records.update_trial(trial.number, **changes)


def _reopen_failed(config: StudyConfig, records: Records) -> None:
    """Mark failed trials as interrupted: they keep their epochs, and are trained from the start.

    Those of which it is known without training that they would fail again stay as they are.
    """
    reader = SettingReader(config.space(), config.objective)
    for trial in records.trials():
        if trial.state is TrialState.FAILED and (now := reader.read(trial.params)).fault is None:
            records.update_trial(
                trial.number,
                state=TrialState.INTERRUPTED,
                config=now.plain,
                static_metrics=now.static_metrics,
                ended=None,
                reason=None,
                error=None,
                traceback=None,
            )


def _harmless(difference: Difference, options: ResumeOptions, objective: Objective) -> bool:
    """Whether it is still the same study.

    It is with more epochs, if it is extended: trials that ended there continue. It is with data
    elsewhere: their fingerprint tells whether they are the same.
    """
    longer = options.extend is not None and _is_length(difference)
    return difference.harmless or longer or is_of_data(difference, objective)


def _is_length(difference: Difference) -> bool:
    before, after = difference.before, difference.after
    return difference.path.endswith("max_epochs") and all(
        isinstance(value, int) for value in (before, after)
    ) and after > before  # fmt: skip


def _environment_changes(folder: Path, config: StudyConfig) -> list[str]:
    """What differs from when the study was started: versions, code, hardware."""
    before, after = read_environment(folder), describe_environment()
    code = code_changes(before.get("own_code", {}), own_code(config))
    return code + environment_changes(before, after)
