"""Starting trials, and resuming stopped trials."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sr_models.errors import WorkFailedError
from sr_models.frozen import FrozenConfig
from tuner.core.job import EnqueuedTrial, Job, Outcome
from tuner.core.state import Running, StudyState
from tuner.records import EventKind, TrialKind, TrialRecord, TrialState
from tuner.records.disk import MEND
from tuner.schedulers import Resume


class TrialStarter:
    """Starts trials of a running study. A trial that is started may turn out to have failed
    already."""

    def __init__(self, state: StudyState) -> None:
        self._state = state

    def start(self, enqueued: EnqueuedTrial, notes: dict[str, Any]) -> tuple[int, Outcome | None]:
        """Record a new trial, and that it is running, if its setting can be trained.

        Args:
            enqueued: its name, kind and params.
            notes: the sampler's notes on it.

        Returns:
            Its number, and why it cannot be trained, if it cannot.
        """
        study = self._state
        setting = study.settings.read(enqueued.params)
        record = TrialRecord(
            number=len(study.trials),
            name=enqueued.name,
            kind=enqueued.kind,
            state=TrialState.RUNNING,
            params=enqueued.params,
            config=setting.plain,
            reported=enqueued.reported,
            static_metrics=setting.static_metrics,
            created=study.now(),
            sampler=notes,
        )
        study.trials.add(record)
        if record.kind is TrialKind.SEARCH:
            study.scheduler.started(record.number, record.params)
        if setting.config is not None and setting.fault is None:
            self._run(record, setting.config)
        return record.number, setting.fault

    def continue_trial(self, trial: int) -> None:
        """Run the rest of a trial that was left unfinished, or retry it."""
        study = self._state
        record = study.trials.change(trial, state=TrialState.RUNNING)
        self._run(record, study.objective.config_type.model_validate(study.trials.config(trial)))

    def resume(self, resume: Resume, *, drain: bool) -> Outcome | None:
        """Resume a stopped trial, by a promotion or with a donor's weights (PBT).

        Args:
            resume: which trial, and how.
            drain: whether no new trial will start any more.

        Returns:
            Why it cannot continue, if it cannot.

        Raises:
            WorkFailedError: the disk has no room for the donor's weights. Nothing has changed yet.
        """
        study, trial = self._state, resume.trial
        now, before, fault = study.now(), study.trials[trial].params, None
        changes: dict[str, Any] = {"state": TrialState.RUNNING, "ended": None, "reason": None}
        config = study.objective.config_type.model_validate(study.trials.config(trial))
        if resume.params is not None:
            params = before | resume.params
            config = study.settings.space.build(params)
            changes |= {"params": params, "config": config.model_dump(mode="json")}
        if resume.donor is not None:
            fault = self._copy_weights(trial, resume.donor)
        with study.records.transaction():
            self._record_resume(resume, now, before, drain=drain)
            record = study.trials.change(trial, **changes)
        study.suggester.reopen(trial, record.params)
        study.scheduler.started(trial, record.params)
        self._run(record, config)
        return fault

    def job(self, trial: int) -> Job:
        """Return the job of a running trial, for a worker."""
        trials = self._state.trials
        config = self._state.running[trial].config
        goals = self._state.goals
        return Job(
            trial,
            trials[trial].name,
            config,
            trials.folder(trial),
            trials.epochs(trial),
            goals.first,
            goals.directions[0],
        )

    def _run(self, record: TrialRecord, config: FrozenConfig) -> None:
        study = self._state
        most = study.objective.max_epochs(config)
        study.running[record.number] = Running(
            record, config, most, study.trials.epochs(record.number)
        )
        study.on_start(record)

    def _record_resume(
        self, resume: Resume, now: float, before: Mapping[str, Any], *, drain: bool
    ) -> None:
        study, trial = self._state, resume.trial
        data: dict[str, Any] = {"epoch": study.trials.epochs(trial), "drain": drain}
        if resume.donor is None:
            study.records.add_event(now, EventKind.PROMOTED, trial, **data)
            return
        data |= {
            "donor": study.trials[resume.donor].name,
            "donor_epoch": study.trials.epochs(resume.donor),
            "params": resume.params,
            "before": before,
        }
        study.records.add_event(now, EventKind.EXPLOITED, trial, **data)

    def _copy_weights(self, trial: int, donor: int) -> Outcome | None:
        """Copy the donor's checkpoint; return what is wrong with it, so that the trial fails."""
        trials = self._state.trials
        folders = trials.folder(donor), trials.folder(trial)
        try:
            self._state.objective.copy_weights(*folders, epoch=trials.epochs(trial))
        except Exception as error:
            fault = Outcome.of(error)
            if fault.disk:
                raise WorkFailedError(f"{folders[1]}: {fault.disk}; {MEND}") from error
            return replace(fault, retry=False)
        return None
