"""A running study: what is tried next, what a result means, and when the study is over.

This is the whole of a search without its workers: it knows neither Ray nor the time. An executor
drives it with real workers, the simulation with simulated workers, through four calls: `next_job`,
`report`, `ended` and `close`. Each of them has recorded its effect in study.db when it returns.
"""

import math
from collections.abc import Sequence
from difflib import get_close_matches

from tuner.core.ending import TrialEnder
from tuner.core.fail_fast import alike_failures
from tuner.core.failing_region import FailingRegion
from tuner.core.job import EnqueuedTrial, Job, Outcome
from tuner.core.queue import TrialQueue
from tuner.core.retries import RetryCounter
from tuner.core.starting import TrialStarter
from tuner.core.state import Running, StudyState
from tuner.core.suggester import Infeasible, NothingFeasibleError
from tuner.core.trials import trial_name
from tuner.objectives.protocol import Epoch
from tuner.records import EpochRecord, EventKind, TrialKind, TrialRecord, TrialState
from tuner.records.disk import MEND
from tuner.records.status import ALL_DONE, INTERRUPTED, USED_UP
from tuner.schedulers import Decision

_UNFINISHED = (TrialState.RUNNING, TrialState.INTERRUPTED)


class Study:
    """A running study.

    Args:
        state: what it was built from, and the state of its trials.
        workers: how many trials may run at once.
        limit: how many trials may be proposed in all; None for no limit.
    """

    def __init__(self, state: StudyState, *, workers: int, limit: int | None) -> None:
        self.state = state
        self.workers = workers
        self.queue = TrialQueue(limit)
        self.stopping: str | None = None
        """Why the study is being ended early."""
        self.blocked: str | None = None
        """What is wrong with the disk, if the study ends because of that."""
        self._starter = TrialStarter(state)
        self._ender = TrialEnder(state)
        self._failing_region = FailingRegion(state.trials)
        self._retries = RetryCounter(state.config.retries)
        self._ahead: Job | None = None  # prepared before it was asked for
        self._drained = False  # no trial is left to promote
        self._apart = 0  # trials of earlier runs that are not among those `planned`
        self._ended_apart = 0
        state.suggester.on_infeasible = self._record_infeasible

    # What an executor asks

    @property
    def finished(self) -> str | None:
        """Why the study is over; None while there is something to do."""
        if self.stopping:
            return self.stopping
        if self.state.running or not self._drained:
            return None
        return self.queue.exhausted or ALL_DONE

    @property
    def planned(self) -> int | None:
        """How many trials there will be in all; None if only the time is limited.

        Repeats count in the run that trains them: `confirm` plans only these, and a search leaves
        out the repeats that had ended before.
        """
        trials = self.state.trials
        return self.queue.planned(len(trials) - self._apart, trials.searched)

    @property
    def done(self) -> int:
        """How many of the `planned` trials have ended."""
        return self._ended - self._ended_apart

    @property
    def _ended(self) -> int:
        counts = self.state.trials.counts
        return sum(counts[state] for state in TrialState if state not in _UNFINISHED)

    def over(self) -> bool:
        """Return whether nothing is left to do; called before any worker is started."""
        self._ahead = self.next_job()
        return self._ahead is None and self.finished is not None

    def next_job(self) -> Job | None:
        """Return the next job, recorded as running; None if no trial can start now.

        The order is: trials that an earlier run left unfinished or that are to be retried,
        baselines, trials that the scheduler promotes, new proposals. Once half of a time budget is
        used, the baselines that have not started wait for the proposals.
        """
        job, self._ahead = self._ahead, None
        running = self.state.running
        while job is None and self.stopping is None and len(running) < self.workers:
            trial = self._start_next()
            if trial is None:
                return None
            job = self._starter.job(trial) if trial in running else None  # else it failed at once
        return job

    def report(self, trial: int, epoch: Epoch, worker: str, *, end: bool = False) -> Decision:
        """Record an epoch and decide whether its trial continues.

        Args:
            trial: its number.
            epoch: the epoch that it has just trained.
            worker: the name of the worker.
            end: whether it is the trial's last epoch, so that the trial is complete unless the
                scheduler stops it.
        """
        fault = self._fault(epoch)
        if fault is not None:
            self._fail(trial, fault)
            return Decision.STOP
        running = self.state.running[trial]
        running.epoch, running.metrics = epoch.number, epoch.metrics
        with self.state.records.transaction():
            self.state.trials.add_epoch(EpochRecord.of(trial, epoch, worker))
            decision = self._judge(trial, epoch)
            unscored = self._unscored(trial) if end else None
            if decision is Decision.STOP:
                self._ender.record(trial, TrialState.STOPPED, reason="scheduler")
            elif end and unscored is None:
                reason = _own_end(running)
                self._ender.record(trial, TrialState.COMPLETE, reason=reason)
        if decision is Decision.CONTINUE and unscored is not None:
            self._fail(trial, unscored)
            return Decision.STOP
        if end or decision is Decision.STOP:
            self._ender.clean_up(trial)
        else:
            self.state.on_epoch(running)
        return decision

    def ended(self, trial: int, outcome: Outcome) -> None:
        """Record how a job ended: complete, to be retried, or failed."""
        running = self.state.running.get(trial)
        if running is None:
            return
        if outcome.error is None:
            outcome = self._unscored(trial) or outcome
        if outcome.error is None:
            self._ender.end(trial, TrialState.COMPLETE, reason=_own_end(running))
        elif outcome.disk:
            self._block(trial, outcome.disk)
        elif outcome.blameless or outcome.crowded:
            self._ender.move(trial, outcome)
            self.queue.unfinished.append(trial)
        elif outcome.retry and self._retries.try_again(trial, running.epoch):
            self._ender.retry(trial, outcome)
            self.queue.unfinished.append(trial)
        else:
            self._fail(trial, outcome)

    def stop(self, reason: str) -> None:
        """End the study early; `reason` is "budget" (the time is used up) or `INTERRUPTED`."""
        self.stopping = self.stopping or reason

    def block(self, trouble: str) -> None:
        """End the study and leave all trials as they are: nothing is left to run them on."""
        self.blocked = trouble
        self.stop(INTERRUPTED)

    def close(self) -> str:
        """Interrupt the trials that are still running; return why the study has ended."""
        reason = self.finished or INTERRUPTED
        left = [*self.state.running, *self.queue.unfinished]
        self.queue.unfinished.clear()
        with self.state.records.transaction():
            for trial in left:
                if reason == "budget":
                    self._ender.record(trial, TrialState.STOPPED, reason="budget")
                else:
                    self._ender.interrupt(trial)
            self.state.records.add_event(self.state.now(), EventKind.ENDED, reason=reason)
        for trial in left if reason == "budget" else ():
            self._ender.clean_up(trial)
        return reason

    # Filling the queue

    def propose_first(self, *, after: float) -> None:
        """After so many seconds, let proposals come before baselines that have not started."""
        self.queue.proposals_first_from = self.state.clock() + after

    def enqueue(self, trial: EnqueuedTrial) -> None:
        """Run a baseline, or a repeat, before anything is proposed."""
        self.queue.enqueued.append(trial)

    def only(self, trials: Sequence[EnqueuedTrial]) -> None:
        """Run these trials and nothing else: no baselines, no proposals, no unfinished trials."""
        self.queue.only(trials)
        repeats = [t for t in self.queue.unfinished if self._kind(t) is TrialKind.CONFIRM]
        for trial in set(self.queue.unfinished).difference(repeats):
            self._ender.interrupt(trial)
        self.queue.unfinished.clear()
        self.queue.unfinished.extend(repeats)
        self._apart = len(self.state.trials) - len(repeats)
        self._ended_apart = self._ended

    def adopt(
        self, record: TrialRecord, epochs: list[EpochRecord], *, stopped: bool = False
    ) -> None:
        """Take over a recorded trial; an unfinished trial is queued to continue.

        It is not queued if the scheduler has `stopped` it, as a scheduler that was built for more
        epochs may have.
        """
        self.state.trials.adopt(record, epochs)
        self.queue.proposed += record.kind is TrialKind.SEARCH
        if record.state not in _UNFINISHED:
            self._apart += record.kind is TrialKind.CONFIRM
            self._ended_apart += record.kind is TrialKind.CONFIRM
            self._ender.tell(record.number)
            self._ender.discard_checkpoint(record.number)
        elif stopped:
            self._ender.end(record.number, TrialState.STOPPED, reason="scheduler")
        else:
            self.queue.unfinished.append(record.number)

    # Starting trials

    def _start_next(self) -> int | None:
        """Start the next trial; None if no trial can start now."""
        if self.queue.unfinished:
            trial = self.queue.unfinished.popleft()
            self._starter.continue_trial(trial)
            return trial
        if self.queue.takes_enqueued(self.state.clock):
            return self._start_enqueued(self.queue.enqueued.popleft())
        drain = not self.queue.can_propose
        resume = self.state.scheduler.next_resume(drain=drain) if self.queue.promotes else None
        if resume is not None:
            fault = self._starter.resume(resume, drain=drain)
            if fault is not None:
                self.ended(resume.trial, fault)
            return resume.trial
        if self.queue.can_propose:
            trial_or_none = self._start_proposal()
            return self._start_next() if trial_or_none is None else trial_or_none
        self._drained = not self.state.running
        return None

    def _start_enqueued(self, enqueued: EnqueuedTrial) -> int:
        if enqueued.kind is not TrialKind.CONFIRM:
            self.state.suggester.add(len(self.state.trials), enqueued.params)
        return self._start(enqueued, {})

    def _start_proposal(self) -> int | None:
        try:
            proposal = self.state.suggester.propose()
        except NothingFeasibleError as error:
            self.queue.exhausted = str(error)
            return None
        if proposal is None:
            self.queue.exhausted = USED_UP
            return None
        number = len(self.state.trials)
        self.state.suggester.accept(number)
        self.queue.proposed += 1
        taken = self.state.trials.names.union(map(str.lower, self.state.config.baselines))
        enqueued = EnqueuedTrial(trial_name(number, taken), TrialKind.SEARCH, proposal.params)
        return self._start(enqueued, proposal.notes)

    def _start(self, enqueued: EnqueuedTrial, notes: dict[str, object]) -> int:
        number, fault = self._starter.start(enqueued, notes)
        if fault is not None:
            self._fail(number, fault)
        return number

    # Judging results

    def _fault(self, epoch: Epoch) -> Outcome | None:
        """What makes an epoch unusable: a metric that is missing or not finite."""
        first = self.state.goals.first
        if first not in epoch.metrics:
            found = f", only {', '.join(map(_name, epoch.metrics))}" if epoch.metrics else ""
            similar = get_close_matches(first, epoch.metrics, n=1)
            missing = f"epoch {epoch.number} reports no {_name(first)}{found}; " + (
                f"did you mean {_name(similar[0])}? A study of another name can search for that"
                if similar
                else "the search needs it for each epoch: if it is measured only now and then, "
                "yield only then"
            )
            return Outcome(missing, "MissingMetricError")
        for name, value in epoch.metrics.items():
            if not math.isfinite(value):
                return Outcome(f"{name} is {value} in epoch {epoch.number}", "NonFiniteError")
        return None

    def _unscored(self, trial: int) -> Outcome | None:
        """What is missing of a trial that has reached its end: the second of two metrics."""
        if not self.state.trials.epochs(trial) or self.state.trials.values(trial) is not None:
            return None
        missing = " and ".join(map(_name, self.state.goals.metrics[1:]))
        return Outcome(
            f"no epoch reports {missing}, which the search needs as well", "MissingMetricError"
        )

    def _judge(self, trial: int, epoch: Epoch) -> Decision:
        kind = self._kind(trial)
        if kind is TrialKind.CONFIRM:  # a repeat, which is no news to the search
            return Decision.CONTINUE
        value = epoch.metrics[self.state.goals.first]
        self.state.suggester.report(trial, epoch.number, value)
        score = self.state.goals.greater(value)
        decision = self.state.scheduler.report(trial, epoch.number, score)
        return decision if kind is TrialKind.SEARCH else Decision.CONTINUE

    def _fail(self, trial: int, outcome: Outcome) -> None:
        self._ender.fail(trial, outcome)
        alike = alike_failures(self.state.trials, self.state.running)
        if alike:
            self.stop(f"all {alike} trials failed alike: {outcome.error}")
        elif found := self._failing_region.warning():
            self.state.warn(found)

    def _block(self, trial: int, trouble: str) -> None:
        """End the study and leave all trials as they are, because none of them is to blame."""
        name, folder = self.state.trials[trial].name, self.state.records.folder
        self.blocked = f"trial {name} cannot be kept in {folder}: {trouble}; {MEND}"
        self.stop(f"disk: {trouble}")

    def _kind(self, trial: int) -> TrialKind:
        return self.state.trials[trial].kind

    def _record_infeasible(self, infeasible: Infeasible) -> None:
        self.state.records.add_event(
            self.state.now(),
            EventKind.INFEASIBLE,
            ask=infeasible.ask,
            params=infeasible.params,
            violations=infeasible.violations,
        )


def _own_end(running: Running) -> str:
    """Why a trial has ended that nothing has stopped."""
    early = running.max_epochs is not None and running.epoch < running.max_epochs
    return "patience" if early else "max_epochs"


def _name(metric: str) -> str:
    """The name of a metric, in quotes if it begins or ends with whitespace."""
    return metric if metric == metric.strip() else repr(metric)
