"""The enumerations of study.db: the states and kinds of trials, and the kinds of events."""

from enum import StrEnum


class TrialState(StrEnum):
    """The state of a trial.

    `complete`: it reached its own end (max_epochs or patience). `stopped`: the scheduler or the
    budget ended it early; a scheduler that promotes trials may resume it. `failed`: with an error.
    `interrupted`: the run ended while the trial was training; `--resume` continues it from its last
    epoch.
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
    """What can happen to a study or to a trial, with the keys of the event's data in brackets.

    Runs: `started`, `resumed`, `extended` (trials, differences, environment), `confirming` (the
    repeats of the best trials begin), `searching` (Ray has started), `ended` (reason). Trials:
    `retried` (error, traceback), `moved` (to another machine; error: what was wrong with the
    previous one), `promoted` (epoch), `exploited` (PBT's lineage: donor, donor_epoch, before,
    params). Proposals: `infeasible` (params, violations; never trained), `learned` (from an earlier
    study: folder, trials). `warning` (text).
    """

    STARTED = "started"
    RESUMED = "resumed"
    EXTENDED = "extended"
    CONFIRMING = "confirming"
    SEARCHING = "searching"
    ENDED = "ended"
    RETRIED = "retried"
    MOVED = "moved"
    PROMOTED = "promoted"
    EXPLOITED = "exploited"
    INFEASIBLE = "infeasible"
    LEARNED = "learned"
    WARNING = "warning"


RUN_STARTS = (EventKind.STARTED, EventKind.RESUMED, EventKind.EXTENDED)
"""The events that begin a run of a study."""
