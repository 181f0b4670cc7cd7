"""How trials start, and how stopped ones are set running again."""

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
    """Starts trials of a running study. What starts may turn out to have failed already."""

    def __init__(self, state: StudyState) -> None:
        self._state = state

    def start(self, enqueued: EnqueuedTrial, notes: dict[str, Any]) -> tuple[int, Outcome | None]:
        """Record a new trial, and that it runs, if its setting can be trained.

        Args:
            enqueued: its name, kind and params.
            notes: the sampler's own.

        Returns:
            Its number, and why it cannot be trained.
        """
        own = self._state
        setting = own.settings.read(enqueued.params)
        record = TrialRecord(
            number=len(own.trials),
            name=enqueued.name,
            kind=enqueued.kind,
            state=TrialState.RUNNING,
            params=enqueued.params,
            config=setting.plain,
            reported=enqueued.reported,
            static_metrics=setting.static_metrics,
            created=own.now(),
            sampler=notes,
        )
        own.trials.add(record)
        if record.kind is TrialKind.SEARCH:
            own.scheduler.started(record.number, record.params)
        if setting.config is not None and setting.fault is None:
            self._run(record, setting.config)
        return record.number, setting.fault

    def go_on(self, trial: int) -> None:
        """Run the rest of a trial that was left unfinished, or retry it."""
        own = self._state
        record = own.trials.change(trial, state=TrialState.RUNNING)
        self._run(record, own.objective.config_type.model_validate(own.trials.config(trial)))

    def run_on(self, resume: Resume, *, drain: bool) -> Outcome | None:
        """Set a stopped trial running again: promoted, or with a donor's weights (PBT).

        Args:
            resume: which, and how.
            drain: whether no new trial will start any more.

        Returns:
            Why it cannot go on, if it cannot.

        Raises:
            WorkFailedError: the disk has no room for the donor's weights. Nothing has changed yet.
        """
        own, trial = self._state, resume.trial
        now, before, fault = own.now(), own.trials[trial].params, None
        changes: dict[str, Any] = {"state": TrialState.RUNNING, "ended": None, "reason": None}
        config = own.objective.config_type.model_validate(own.trials.config(trial))
        if resume.params is not None:
            params = before | resume.params
            config = own.settings.space.build(params)
            changes |= {"params": params, "config": config.model_dump(mode="json")}
        if resume.donor is not None:
            fault = self._copy_weights(trial, resume.donor)
        with own.records.transaction():
            self._record_resume(resume, now, before, drain=drain)
            record = own.trials.change(trial, **changes)
        own.suggester.reopen(trial, record.params)
        own.scheduler.started(trial, record.params)
        self._run(record, config)
        return fault

    def job(self, trial: int) -> Job:
        """A running trial, for a worker."""
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
        own = self._state
        most = own.objective.max_epochs(config)
        own.running[record.number] = Running(record, config, most, own.trials.epochs(record.number))
        own.on_start(record)

    def _record_resume(
        self, resume: Resume, now: float, before: Mapping[str, Any], *, drain: bool
    ) -> None:
        own, trial = self._state, resume.trial
        data: dict[str, Any] = {"epoch": own.trials.epochs(trial), "drain": drain}
        if resume.donor is None:
            own.records.add_event(now, EventKind.PROMOTED, trial, **data)
            return
        data |= {
            "donor": own.trials[resume.donor].name,
            "donor_epoch": own.trials.epochs(resume.donor),
            "params": resume.params,
            "before": before,
        }
        own.records.add_event(now, EventKind.EXPLOITED, trial, **data)

    def _copy_weights(self, trial: int, donor: int) -> Outcome | None:
        """Copy the donor's checkpoint; returns what is wrong with it, so that the trial fails."""
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
