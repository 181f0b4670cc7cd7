"""The words of study.db: where a trial stands, who asked for it, and what can happen."""

from enum import StrEnum


class TrialState(StrEnum):
    """Where a trial stands.

    `complete`: reached its own end (max_epochs or patience). `stopped`: ended early by the
    scheduler or the budget; a scheduler that promotes may set it running again. `failed`: with
    the error. `interrupted`: the run ended under it; `--resume` goes on from its last epoch.
    """

    RUNNING = "running"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class TrialKind(StrEnum):
    """Who asked for a trial: the YAML's baselines, the sampler, or `tuner.confirm`."""

    BASELINE = "baseline"
    SEARCH = "search"
    CONFIRM = "confirm"


class EventKind(StrEnum):
    """What can happen to a study, or to one of its trials; in brackets, what its data holds.

    Runs: `started`, `resumed`, `extended` (trials, differences, environment), `confirming` (the
    repeats of the best trials begin), `searching` (Ray is there), `ended` (reason). Trials:
    `retried` (error, traceback), `promoted` (epoch), `exploited` (PBT's lineage: donor,
    donor_epoch, before, params). Proposals: `infeasible` (params, violations; never trained),
    `learned` (from an earlier study: folder, trials). `warning` (text).
    """

    STARTED = "started"
    RESUMED = "resumed"
    EXTENDED = "extended"
    CONFIRMING = "confirming"
    SEARCHING = "searching"
    ENDED = "ended"
    RETRIED = "retried"
    PROMOTED = "promoted"
    EXPLOITED = "exploited"
    INFEASIBLE = "infeasible"
    LEARNED = "learned"
    WARNING = "warning"


RUN_STARTS = (EventKind.STARTED, EventKind.RESUMED, EventKind.EXTENDED)
"""The events that begin a run of a study."""
