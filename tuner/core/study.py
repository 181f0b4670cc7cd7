"""A study as it runs: what is tried next, what a result means, and when it is over.

This is the whole of a search without its workers: it knows neither Ray nor the time. The engine
drives it with real workers, the simulation with simulated ones, through four calls:
`next_job`, `report`, `ended` and `close`. Each is recorded in study.db before it returns.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sr_models.errors import WorkFailedError
from tuner.core.fail_fast import failing_alike
from tuner.core.goals import Goals
from tuner.core.job import Job, Outcome
from tuner.core.names import trial_name
from tuner.core.suggester import Infeasible, NothingFeasibleError, Suggester
from tuner.core.trials import TrialStore
from tuner.objectives.protocol import Epoch, Objective
from tuner.records import EpochRecord, EventKind, Records, TrialKind, TrialRecord, TrialState
from tuner.records.disk import MEND
from tuner.records.status import INTERRUPTED, USED_UP
from tuner.schedulers import Decision, Resume, Scheduler

if TYPE_CHECKING:
    from tuner.config import StudyConfig

__all__ = ["EnqueuedTrial", "Job", "Outcome", "Running", "Study"]

SET_BACK = 60.0
"""Seconds by which a clock may go back before it is worth a word."""


@dataclass
class Running:
    """A trial that a worker runs now."""

    record: TrialRecord
    max_epochs: int | None
    epoch: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class EnqueuedTrial:
    """A trial that was not proposed: a baseline, or a repeat of a setting to confirm it."""

    name: str
    kind: TrialKind
    params: dict[str, Any]
    reported: dict[str, float] = field(default_factory=dict)


class Study:
    """The state of a running study.

    Args:
        config: the study file, resolved.
        records: its study.db, open for writing.
        objective: what its trials train.
        proposals: where new settings come from.
        scheduler: which trials are stopped.
        workers: how many trials may run at once.
        clock: the current Unix time in seconds.
        limit: how many trials may be proposed in all; None for no limit.
    """

    def __init__(
        self,
        config: "StudyConfig",
        records: Records,
        objective: Objective,
        suggester: Suggester,
        scheduler: Scheduler,
        *,
        workers: int,
        clock: Callable[[], float],
        limit: int | None,
    ) -> None:
        self.config = config
        self.records = records
        self.objective = objective
        self.suggester = suggester
        self.scheduler = scheduler
        self.workers = workers
        self.clock = clock
        self.limit = limit
        self.goals = Goals.of(config, objective)
        self.trials = TrialStore(records, self.goals)
        self.running: dict[int, Running] = {}
        self.on_end: Callable[[TrialRecord], None] = lambda _: None
        self.on_start: Callable[[TrialRecord], None] = lambda _: None
        self.on_warning: Callable[[str], None] = lambda _: None
        self.exhausted: str | None = None  # why nothing new is proposed any more
        self.stopping: str | None = None  # why the study is being ended before its time
        self.blocked: str | None = None  # what is wrong with the disk, if that is why
        self._enqueued: deque[EnqueuedTrial] = deque()
        self._resumes: deque[int] = deque()
        self._proposed = 0
        self._ahead: Job | None = None  # handed out before anyone asked for it
        self._promotes = True
        self._drained = False  # nothing is left to promote
        self._latest = -math.inf  # of the clock
        suggester.on_infeasible = self._record_infeasible

    # What the engine asks

    @property
    def finished(self) -> str | None:
        """Why the study is over; None while there is something to do."""
        if self.stopping:
            return self.stopping
        if self.running or not self._drained:
            return None
        return self.exhausted or "all trials done"

    @property
    def planned(self) -> int | None:
        """How many trials there will be in all; None where only the time is limited."""
        known = len(self.trials) + len(self._enqueued)
        if self.exhausted:
            return known
        return None if self.limit is None else known + max(0, self.limit - self._proposed)

    def over(self) -> bool:
        """Whether nothing is left to do; asked before any worker is started."""
        self._ahead = self.next_job()
        return self._ahead is None and self.finished is not None

    def next_job(self) -> Job | None:
        """The next job, recorded as running; None while all workers are busy or nothing is left.

        In this order: trials that an earlier run left unfinished or that are to be retried,
        baselines, trials that the scheduler promotes, new proposals.
        """
        job, self._ahead = self._ahead, None
        while job is None and self.stopping is None and len(self.running) < self.workers:
            trial = self._start_next()
            if trial is None:
                return None
            job = self._job(trial) if trial in self.running else None  # else it failed at once
        return job

    def report(self, trial: int, epoch: Epoch, worker: str) -> Decision:
        """Record an epoch and decide whether its trial goes on."""
        fault = self._fault(epoch)
        if fault is not None:
            self._fail(trial, Outcome(fault, "NonFiniteError"))
            return Decision.STOP
        running = self.running[trial]
        running.epoch, running.metrics = epoch.number, epoch.metrics
        record = EpochRecord(
            trial, epoch.number, dict(epoch.metrics), epoch.started, epoch.ended, worker
        )
        with self.records.transaction():
            self.trials.add_epoch(record)
            decision = self._judge(trial, epoch)
            if decision is Decision.STOP:
                self._record_end(trial, TrialState.STOPPED, reason="scheduler")
        if decision is Decision.STOP:
            self._left(trial)
        return decision

    def ended(self, trial: int, outcome: Outcome) -> None:
        """Record how a job ended: complete, to be retried, or failed."""
        if trial not in self.running:
            return
        record = self.trials[trial]
        if outcome.error is None:
            running = self.running[trial]
            early = running.max_epochs is not None and running.epoch < running.max_epochs
            reason = "patience" if early else "max_epochs"
            self._end(trial, TrialState.COMPLETE, reason=reason)
        elif outcome.disk:
            self._block(trial, outcome.disk)
        elif outcome.retry and record.retries < self.config.retries:
            self._retry(trial, outcome)
        else:
            self._fail(trial, outcome)

    def stop(self, reason: str) -> None:
        """End the study before its time: "budget" (the wall clock), `INTERRUPTED`."""
        self.stopping = self.stopping or reason

    def close(self) -> str:
        """Record what becomes of the trials that are not at their end; returns why it ended."""
        reason = self.finished or INTERRUPTED
        left = [*self.running, *self._resumes]
        self._resumes.clear()
        with self.records.transaction():
            for trial in left:
                if reason == "budget":
                    self._record_end(trial, TrialState.STOPPED, reason="budget")
                else:
                    self._interrupt(trial)
            self.records.add_event(self._now(), EventKind.ENDED, reason=reason)
        for trial in left if reason == "budget" else ():
            self._left(trial)
        return reason

    # Filling the queues

    def enqueue(self, fixed: EnqueuedTrial) -> None:
        """Run a baseline, or a repeat, before anything is proposed."""
        self._enqueued.append(fixed)

    def only(self, fixed: Sequence[EnqueuedTrial]) -> None:
        """Run these trials and nothing else: no baselines, no proposals, nothing unfinished."""
        self._enqueued = deque(fixed)
        self.limit = self._proposed
        self._promotes = False
        unfinished, self._resumes = self._resumes, deque()
        for trial in unfinished:
            if self.trials[trial].kind is TrialKind.CONFIRM:
                self._resumes.append(trial)
            else:
                self._interrupt(trial)

    def adopt(
        self, record: TrialRecord, epochs: list[EpochRecord], *, stopped: bool = False
    ) -> None:
        """Take over a recorded trial; an unfinished one is queued to go on.

        Unless the scheduler has `stopped` it, as one does that was built for more epochs.
        """
        self.trials.adopt(record, epochs)
        self._proposed += record.kind is TrialKind.SEARCH
        if record.state in (TrialState.RUNNING, TrialState.INTERRUPTED):
            if stopped:
                self._end(record.number, TrialState.STOPPED, reason="scheduler")
            else:
                self._resumes.append(record.number)
        else:
            self._tell_end(record.number, record.state)
            self._tidy(record.number)

    # Starting jobs

    def _can_propose(self) -> bool:
        return not self.exhausted and (self.limit is None or self._proposed < self.limit)

    def _start_next(self) -> int | None:
        """Start the next trial; None where there is none now."""
        if self._resumes:
            return self._continue(self._resumes.popleft())
        if self._enqueued:
            return self._start_enqueued(self._enqueued.popleft())
        resume = self._next_resume()
        if resume is not None:
            return self._run_on(resume)
        if self._can_propose():
            trial = self._start_proposal()
            return self._start_next() if trial is None else trial
        self._drained = not self.running
        return None

    def _next_resume(self) -> Resume | None:
        return self.scheduler.next_resume(drain=not self._can_propose()) if self._promotes else None

    def _start_enqueued(self, fixed: EnqueuedTrial) -> int:
        number = len(self.trials)
        if fixed.kind is not TrialKind.CONFIRM:
            identity = self.suggester.space.identity(fixed.params)
            self.suggester.add(number, fixed.params, identity)
        return self._start(fixed, {})

    def _start_proposal(self) -> int | None:
        try:
            proposal = self.suggester.propose()
        except NothingFeasibleError as error:
            self.exhausted = str(error)
            return None
        if proposal is None:
            self.exhausted = USED_UP
            return None
        number = len(self.trials)
        self.suggester.accept(number)
        self._proposed += 1
        taken = {record.name for record in self.trials} | set(self.config.baselines)
        name = trial_name(number, taken)
        return self._start(EnqueuedTrial(name, TrialKind.SEARCH, proposal.params), proposal.notes)

    def _start(self, setting: EnqueuedTrial, notes: dict[str, Any]) -> int:
        """Record a new trial, and that it runs; or that it failed, if its setting is no good."""
        config, static_metrics, fault = self._known(setting.params)
        record = TrialRecord(
            number=len(self.trials),
            name=setting.name,
            kind=setting.kind,
            state=TrialState.RUNNING,
            params=setting.params,
            config=config,
            reported=setting.reported,
            static_metrics=static_metrics,
            created=self._now(),
            sampler=notes,
        )
        self.trials.add(record)
        if record.kind is TrialKind.SEARCH:
            self.scheduler.started(record.number, record.params)
        if fault is None:
            self._run(record)
        else:
            self._fail(record.number, fault)
        return record.number

    def _known(
        self, params: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, float], Outcome | None]:
        """The config and the facts of a setting, and what is wrong with it."""
        try:
            config = self._resolve(params)
            return config.model_dump(mode="json"), self.objective.static_metrics(config), None
        except Exception as error:  # noqa: BLE001 - a setting that cannot be built has failed
            return self.suggester.space.config(params), {}, Outcome.of(error)

    def _continue(self, trial: int) -> int:
        self._run(self.trials.change(trial, state=TrialState.RUNNING))
        return trial

    def _run_on(self, resume: Resume) -> int:
        """Set a stopped trial running again: promoted, or with a donor's weights (PBT)."""
        trial, now, drain = resume.trial, self._now(), not self._can_propose()
        before, fault = self.trials[trial].params, None
        changes: dict[str, Any] = {"state": TrialState.RUNNING, "ended": None, "reason": None}
        if resume.params is not None:
            params = before | resume.params
            changes |= {"params": params, "config": self._resolve(params).model_dump(mode="json")}
        if resume.donor is not None:
            fault = self._inherit(trial, resume.donor)
        with self.records.transaction():
            self._record_resume(resume, now, before, drain=drain)
            record = self.trials.change(trial, **changes)
        self.suggester.reopen(trial, record.params)
        self.scheduler.started(trial, record.params)
        self._run(record)
        if fault is not None:
            self.ended(trial, fault)
        return trial

    def _record_resume(
        self, resume: Resume, now: float, before: Mapping[str, Any], *, drain: bool
    ) -> None:
        trial = resume.trial
        data: dict[str, Any] = {"epoch": self.trials.epochs(resume.trial), "drain": drain}
        if resume.donor is None:
            self.records.add_event(now, EventKind.PROMOTED, trial, **data)
            return
        data |= {
            "donor": self.trials[resume.donor].name,
            "donor_epoch": self.trials.epochs(resume.donor),
            "params": resume.params,
            "before": before,
        }
        self.records.add_event(now, EventKind.EXPLOITED, trial, **data)

    def _inherit(self, trial: int, donor: int) -> Outcome | None:
        """Copy the donor's checkpoint; returns what is wrong with it, for the trial to fail with.

        Raises:
            WorkFailedError: the disk has no room for it. Nothing has changed yet.
        """
        folders = self.trials.folder(donor), self.trials.folder(trial)
        try:
            self.objective.copy_weights(*folders, epoch=self.trials.epochs(trial))
        except Exception as error:
            fault = Outcome.of(error)
            if fault.disk:
                raise WorkFailedError(f"{folders[1]}: {fault.disk}; {MEND}") from error
            return replace(fault, retry=False)
        return None

    def _run(self, record: TrialRecord) -> None:
        most = self.objective.max_epochs(self.objective.config_type.model_validate(record.config))
        self.running[record.number] = Running(record, most, self.trials.epochs(record.number))
        self.on_start(record)

    def _job(self, trial: int) -> Job:
        record, folder = self.trials[trial], self.trials.folder(trial)
        return Job(trial, record.name, record.config, folder, self.trials.epochs(trial))

    # Judging results

    def _fault(self, epoch: Epoch) -> str | None:
        """What makes an epoch unusable: a metric that is missing or not finite."""
        if self.goals.first not in epoch.metrics:
            found = f", only {', '.join(epoch.metrics)}" if epoch.metrics else ""
            return f"epoch {epoch.number} reports no {self.goals.first}{found}"
        for name, value in epoch.metrics.items():
            if not math.isfinite(value):
                return f"{name} is {value} in epoch {epoch.number}"
        return None

    def _judge(self, trial: int, epoch: Epoch) -> Decision:
        record = self.trials[trial]
        if record.kind is TrialKind.CONFIRM:  # a repeat for its own sake, no news to the search
            return Decision.CONTINUE
        value = epoch.metrics[self.goals.first]
        self.suggester.report(trial, epoch.number, value)
        decision = self.scheduler.report(trial, epoch.number, self.goals.greater(value))
        return decision if record.kind is TrialKind.SEARCH else Decision.CONTINUE

    # Ending trials

    def _end(self, trial: int, state: TrialState, **changes: Any) -> None:
        self._record_end(trial, state, **changes)
        self._left(trial)

    def _record_end(self, trial: int, state: TrialState, **changes: Any) -> None:
        changes = {"state": state, "ended": self._now(), **changes}
        self.running.pop(trial, None)
        self.trials.change(trial, **changes)
        self._tell_end(trial, state)
        if self.trials[trial].kind is not TrialKind.CONFIRM:
            self.scheduler.ended(trial, state)

    def _left(self, trial: int) -> None:
        """A trial's end is on disk: what only a trial that goes on needs is not needed any more.

        Not before: a run that is killed in between would begin the trial again.
        """
        self._tidy(trial)
        self.on_end(self.trials[trial])

    def _tidy(self, trial: int) -> None:
        if not self._may_go_on(self.trials[trial]):
            self.objective.discard_checkpoint(self.trials.folder(trial))

    def _tell_end(self, trial: int, state: TrialState) -> None:
        if self.trials[trial].kind is not TrialKind.CONFIRM:
            self.suggester.end(trial, state, self.trials.values(trial))

    def _block(self, trial: int, trouble: str) -> None:
        """End the study with all trials as they are: none of them is to blame."""
        name = self.trials[trial].name
        self.blocked = f"trial {name} cannot be kept in {self.records.folder}: {trouble}; {MEND}"
        self.stop(f"disk: {trouble}")

    def _retry(self, trial: int, outcome: Outcome) -> None:
        self.running.pop(trial)
        retries = self.trials[trial].retries + 1
        with self.records.transaction():
            self.trials.change(trial, retries=retries)
            self.records.add_event(
                self._now(),
                EventKind.RETRIED,
                trial,
                error=outcome.error,
                traceback=outcome.traceback,
            )
        self._resumes.append(trial)

    def _fail(self, trial: int, outcome: Outcome) -> None:
        self._record_end(
            trial, TrialState.FAILED, reason=outcome.kind, error=outcome.error,
            traceback=outcome.traceback,
        )  # fmt: skip
        self._left(trial)
        alike = failing_alike(self.trials, self.running)
        if alike:
            self.stop(f"all {alike} trials failed alike: {outcome.error}")

    def _interrupt(self, trial: int) -> None:
        self.running.pop(trial, None)
        if self.trials[trial].state is not TrialState.INTERRUPTED:
            self.trials.change(trial, state=TrialState.INTERRUPTED)

    def _may_go_on(self, trial: TrialRecord) -> bool:
        """Whether a promotion, an exploit or `--extend` may need the last checkpoint."""
        if trial.state is TrialState.FAILED:
            return False
        return self.config.scheduler.keeps_checkpoints or trial.reason in ("budget", "max_epochs")

    # Bookkeeping

    def _now(self) -> float:
        now = self.clock()
        if now < self._latest - SET_BACK:
            text = f"the clock was set back by {self._latest - now:.0f} s: times will overlap"
            self.records.add_event(now, EventKind.WARNING, text=text)
            self.on_warning(text)
        self._latest = now
        return now

    def _resolve(self, params: Mapping[str, Any]) -> Any:
        return self.objective.config_type.model_validate(self.suggester.space.config(params))

    def _record_infeasible(self, infeasible: Infeasible) -> None:
        self.records.add_event(
            self._now(),
            EventKind.INFEASIBLE,
            ask=infeasible.ask,
            params=infeasible.params,
            violations=infeasible.violations,
        )
