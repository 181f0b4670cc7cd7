"""A study as it runs: what is tried next, what a result means, and when it is over.

This is the whole of a search without its workers: it knows neither Ray nor the time. The engine
drives it with real workers, the simulation with simulated ones, through four calls:
`next_job`, `report`, `ended` and `close`. Each is recorded in study.db before it returns.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuner.goals import Goals
from tuner.names import trial_name
from tuner.objectives.protocol import Epoch, Objective
from tuner.proposals import Infeasible, Proposals
from tuner.records import EpochRecord, Records, TrialKind, TrialRecord, TrialState
from tuner.schedulers import Decision, Resume, Scheduler

if TYPE_CHECKING:
    from tuner.config import StudyConfig

ALIKE = 3
"""Trials that must all have failed with the same error before a study gives up."""


@dataclass(frozen=True)
class Job:
    """A trial, or the rest of one, for a worker to run."""

    trial: int
    name: str
    config: dict[str, Any]
    folder: Path
    recorded: int  # epochs that study.db holds already


@dataclass(frozen=True)
class Outcome:
    """How a job ended on its worker; no `error` for a trial that reached its own end."""

    error: str | None = None
    kind: str | None = None  # the error's class
    traceback: str | None = None
    retry: bool = True  # whether another try could end otherwise


@dataclass
class Running:
    """A trial that a worker runs now."""

    record: TrialRecord
    max_epochs: int
    epoch: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Fixed:
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
        proposals: Proposals,
        scheduler: Scheduler,
        *,
        workers: int,
        clock: Callable[[], float],
        limit: int | None,
    ) -> None:
        self.config = config
        self.records = records
        self.objective = objective
        self.proposals = proposals
        self.scheduler = scheduler
        self.workers = workers
        self.clock = clock
        self.limit = limit
        self.goals = Goals.of(config, objective)
        self.running: dict[int, Running] = {}
        self.counts: dict[TrialState, int] = dict.fromkeys(TrialState, 0)
        self.best: tuple[str, float] | None = None
        self.on_end: Callable[[TrialRecord], None] = lambda _: None
        self.on_start: Callable[[TrialRecord], None] = lambda _: None
        self.exhausted: str | None = None  # why nothing new is proposed any more
        self.stopping: str | None = None  # why the study is being ended before its time
        self._fixed: deque[Fixed] = deque()
        self._resumes: deque[int] = deque()
        self._trials: dict[int, TrialRecord] = {}
        self._epochs: dict[int, int] = {}
        self._scores: dict[int, list[float]] = {}
        self._proposed = 0
        self._drained = False  # nothing is left to promote
        proposals.on_infeasible = self._record_infeasible

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
        known = len(self._trials) + len(self._fixed)
        if self.exhausted:
            return known
        return None if self.limit is None else known + max(0, self.limit - self._proposed)

    def next_job(self) -> Job | None:
        """The next job, recorded as running; None while all workers are busy or nothing is left.

        In this order: trials that an earlier run left unfinished or that are to be retried,
        baselines, trials that the scheduler promotes, new proposals.
        """
        if self.stopping or len(self.running) >= self.workers:
            return None
        if self._resumes:
            return self._continue(self._resumes.popleft())
        if self._fixed:
            return self._start_fixed(self._fixed.popleft())
        resume = self.scheduler.next_resume(drain=not self._can_propose())
        if resume is not None:
            return self._run_on(resume)
        if self._can_propose():
            return self._start_proposal()
        self._drained = not self.running
        return None

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
        started = {} if running.record.started is not None else {"started": epoch.started}
        with self.records.transaction():
            self.records.add_epoch(record, **started)
            self._change(trial, **started)
            decision = self._judge(trial, epoch)
            if decision is Decision.STOP:
                self._end(trial, TrialState.STOPPED, reason="scheduler")
        return decision

    def ended(self, trial: int, outcome: Outcome) -> None:
        """Record how a job ended: complete, to be retried, or failed."""
        if trial not in self.running:
            return
        record = self._trials[trial]
        if outcome.error is None:
            running = self.running[trial]
            reason = "max_epochs" if running.epoch >= running.max_epochs else "patience"
            self._end(trial, TrialState.COMPLETE, reason=reason)
        elif outcome.retry and record.retries < self.config.retries:
            self._retry(trial, outcome)
        else:
            self._fail(trial, outcome)

    def stop(self, reason: str) -> None:
        """End the study before its time: "budget" (the wall clock) or "interrupted"."""
        self.stopping = self.stopping or reason

    def close(self) -> str:
        """Record what becomes of the trials that still run; returns why the study ended."""
        reason = self.finished or "interrupted"
        with self.records.transaction():
            for trial in list(self.running):
                if reason == "budget":
                    self._end(trial, TrialState.STOPPED, reason="budget")
                else:
                    self._interrupt(trial)
            self.records.add_event(self.clock(), "ended", reason=reason)
        return reason

    def score(self, trial: int) -> float | None:
        """The first metric of a trial's best epoch so far."""
        scores = self._scores[trial]
        return scores[0] if scores else None

    def epochs_of(self, trial: int) -> int:
        """How many epochs a trial has trained."""
        return self._epochs[trial]

    # Filling the queues

    def add_fixed(self, fixed: Fixed) -> None:
        """Run a baseline, or a repeat, before anything is proposed."""
        self._fixed.append(fixed)

    def only(self, fixed: Sequence[Fixed]) -> None:
        """Run these trials and nothing else: no baselines, no proposals."""
        self._fixed = deque(fixed)
        self.limit = self._proposed

    def adopt(self, record: TrialRecord, epochs: list[EpochRecord]) -> None:
        """Take over a recorded trial; an unfinished one is queued to go on."""
        self._trials[record.number] = record
        self._epochs[record.number] = max((e.epoch for e in epochs), default=0)
        self._proposed += record.kind is TrialKind.SEARCH
        self._scores[record.number] = []
        for epoch in epochs:
            self._score(record, epoch.metrics)
        if record.state in (TrialState.RUNNING, TrialState.INTERRUPTED):
            self.counts[TrialState.RUNNING] += 1
            self._resumes.append(record.number)
        else:
            self.counts[record.state] += 1
            self.proposals.end(record.number, record.state, self._values(record.number))

    # Starting jobs

    def _can_propose(self) -> bool:
        return not self.exhausted and (self.limit is None or self._proposed < self.limit)

    def _start_fixed(self, fixed: Fixed) -> Job:
        record = self._new_record(fixed.name, fixed.kind, fixed.params, {}, fixed.reported)
        identity = self.proposals.space.identity(fixed.params)
        self.proposals.add(record.number, fixed.params, identity)
        return self._start(record)

    def _start_proposal(self) -> Job | None:
        try:
            proposal = self.proposals.propose()
        except RuntimeError as error:
            self.exhausted = str(error)
            return None
        if proposal is None:
            self.exhausted = "every setting of the space has been tried"
            return None
        name = trial_name(len(self._trials), {record.name for record in self._trials.values()})
        record = self._new_record(name, TrialKind.SEARCH, proposal.params, proposal.notes)
        self.proposals.accept(record.number)
        self._proposed += 1
        return self._start(record)

    def _new_record(
        self,
        name: str,
        kind: TrialKind,
        params: dict[str, Any],
        notes: dict[str, Any],
        reported: dict[str, float] | None = None,
    ) -> TrialRecord:
        config = self._resolve(params)
        return TrialRecord(
            number=len(self._trials),
            name=name,
            kind=kind,
            state=TrialState.RUNNING,
            params=params,
            config=config.model_dump(mode="json"),
            reported=reported or {},
            facts=self.objective.facts(config),
            created=self.clock(),
            sampler=notes,
        )

    def _start(self, record: TrialRecord) -> Job:
        self.records.add_trial(record)
        self._trials[record.number] = record
        self._epochs[record.number], self._scores[record.number] = 0, []
        self.counts[TrialState.RUNNING] += 1
        if record.kind is TrialKind.SEARCH:
            self.scheduler.started(record.number, record.params)
        return self._job(record)

    def _continue(self, trial: int) -> Job:
        record = self._change(trial, state=TrialState.RUNNING)
        self.records.update_trial(trial, state=TrialState.RUNNING)
        return self._job(record)

    def _run_on(self, resume: Resume) -> Job:
        """Set a stopped trial running again: promoted, or with a donor's weights (PBT)."""
        trial, now, drain = resume.trial, self.clock(), not self._can_propose()
        before = self._trials[trial].params
        changes: dict[str, Any] = {"state": TrialState.RUNNING, "ended": None, "reason": None}
        if resume.params is not None:
            params = before | resume.params
            changes |= {"params": params, "config": self._resolve(params).model_dump(mode="json")}
        with self.records.transaction():
            if resume.donor is None:
                self.records.add_event(
                    now, "promoted", trial, epoch=self._epochs[trial], drain=drain
                )
            else:
                self._inherit(trial, resume.donor)
                self.records.add_event(
                    now, "exploited", trial, epoch=self._epochs[trial], params=resume.params,
                    donor=self._trials[resume.donor].name, donor_epoch=self._epochs[resume.donor],
                    before=before, drain=drain,
                )  # fmt: skip
            self.records.update_trial(trial, **changes)
        self._count(self._trials[trial].state, TrialState.RUNNING)
        record = self._change(trial, **changes)
        self.proposals.reopen(trial, record.params)
        self.scheduler.started(trial, record.params)
        return self._job(record)

    def _inherit(self, trial: int, donor: int) -> None:
        folders = self._folder(donor), self._folder(trial)
        self.objective.inherit(*folders, epoch=self._epochs[trial])

    def _job(self, record: TrialRecord) -> Job:
        recorded = self._epochs[record.number]
        most = self.objective.max_epochs(self.objective.config_type.model_validate(record.config))
        self.running[record.number] = Running(record, most, recorded)
        folder = self._folder(record.number)
        self.on_start(record)
        return Job(record.number, record.name, record.config, folder, recorded)

    # Judging results

    def _fault(self, epoch: Epoch) -> str | None:
        """What makes an epoch unusable: a metric that is missing or not finite."""
        if self.goals.first not in epoch.metrics:
            return f"epoch {epoch.number} reports no {self.goals.first}"
        for name, value in epoch.metrics.items():
            if not math.isfinite(value):
                return f"{name} is {value} in epoch {epoch.number}"
        return None

    def _judge(self, trial: int, epoch: Epoch) -> Decision:
        self._epochs[trial] = epoch.number
        record = self._trials[trial]
        self._score(record, epoch.metrics)
        value = epoch.metrics[self.goals.first]
        self.proposals.report(trial, epoch.number, value)
        decision = self.scheduler.report(trial, epoch.number, self.goals.greater(value))
        return decision if record.kind is TrialKind.SEARCH else Decision.CONTINUE

    def _score(self, record: TrialRecord, metrics: Mapping[str, float]) -> None:
        """Keep the values of the trial's best epoch, and the study's best trial."""
        values = self.goals.values(metrics, record.facts)
        if values is None:
            return
        best = self._scores[record.number]
        if not best or self.goals.better(values[0], best[0]):
            self._scores[record.number] = values
        if self.best is None or self.goals.better(values[0], self.best[1]):
            self.best = (record.name, values[0])

    def _values(self, trial: int) -> list[float] | None:
        return self._scores[trial] or None

    # Ending trials

    def _end(self, trial: int, state: TrialState, **changes: Any) -> None:
        changes = {"state": state, "ended": self.clock(), **changes}
        before = self._trials[trial].state
        self.running.pop(trial, None)
        self.records.update_trial(trial, **changes)
        self._change(trial, **changes)
        self._count(TrialState.RUNNING if before is TrialState.INTERRUPTED else before, state)
        self.proposals.end(trial, state, self._values(trial))
        self.scheduler.ended(trial, state)
        if not self._may_go_on(state, changes.get("reason")):
            self.objective.forget(self._folder(trial))
        self.on_end(self._trials[trial])

    def _retry(self, trial: int, outcome: Outcome) -> None:
        self.running.pop(trial)
        retries = self._trials[trial].retries + 1
        with self.records.transaction():
            self.records.update_trial(trial, retries=retries)
            self.records.add_event(
                self.clock(), "retried", trial, error=outcome.error, traceback=outcome.traceback
            )
        self._change(trial, retries=retries)
        self._resumes.append(trial)

    def _fail(self, trial: int, outcome: Outcome) -> None:
        self._end(
            trial, TrialState.FAILED, reason=outcome.kind, error=outcome.error,
            traceback=outcome.traceback,
        )  # fmt: skip
        ended = [t for t in self._trials.values() if t.state is not TrialState.RUNNING]
        kinds = {t.reason if t.state is TrialState.FAILED else None for t in ended}
        if len(ended) >= ALIKE and kinds == {outcome.kind}:
            self.stop(f"all {len(ended)} trials failed alike: {outcome.error}")

    def _interrupt(self, trial: int) -> None:
        self.running.pop(trial)
        self.records.update_trial(trial, state=TrialState.INTERRUPTED)
        self._change(trial, state=TrialState.INTERRUPTED)
        self._count(TrialState.RUNNING, TrialState.INTERRUPTED)

    def _may_go_on(self, state: TrialState, reason: str | None) -> bool:
        """Whether a promotion, an exploit or `--extend` may need the last checkpoint."""
        if state is TrialState.STOPPED:
            return self.config.scheduler.keeps_checkpoints or reason == "budget"
        return state is not TrialState.FAILED

    # Bookkeeping

    def _resolve(self, params: Mapping[str, Any]) -> Any:
        return self.objective.config_type.model_validate(self.proposals.space.config(params))

    def _folder(self, trial: int) -> Path:
        return self.records.folder.absolute() / "trials" / self._trials[trial].name

    def _change(self, trial: int, **changes: Any) -> TrialRecord:
        self._trials[trial] = replace(self._trials[trial], **changes)
        return self._trials[trial]

    def _count(self, before: TrialState, after: TrialState) -> None:
        self.counts[before] -= 1
        self.counts[after] += 1

    def _record_infeasible(self, infeasible: Infeasible) -> None:
        self.records.add_event(
            self.clock(),
            "infeasible",
            params=infeasible.params,
            violations=infeasible.violations,
        )
