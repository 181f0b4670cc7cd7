"""An estimate, in words, of what a study takes at most: time, memory, disk."""

from dataclasses import dataclass

from tuner.config import StudyConfig
from tuner.lifecycle.progress import span
from tuner.objectives.protocol import Cost


@dataclass(frozen=True)
class _Plan:
    """All epochs that a study could train, and its trials."""

    epochs: int
    trials: int


def estimate(config: StudyConfig, workers: int, cost: Cost | None) -> dict[str, str]:
    """Return time, memory and disk, in words.

    Args:
        config: the study.
        workers: how many trials run at once.
        cost: the measured cost of a trial; None if it is unknown.
    """
    plan, budget = _plan(config), config.budget.wall_clock
    if cost is None or plan is None:
        return {"time": _unknown(config, known=cost is not None)}
    seconds = plan.epochs * cost.seconds_per_epoch / workers
    limit = f", cut off at the budget of {span(budget)}" if budget and budget < seconds else ""
    return {
        "time": f"{_at_most(seconds)} for {plan.epochs:,} epochs{limit}"
        + ("" if config.scheduler.type == "none" else ", less what the scheduler stops")
        + f"; {_each(cost.seconds_per_epoch)} an epoch, measured here with the objective section",
        "memory": f"about {_size(cost.memory_bytes * workers)} for the trials that run at once",
        "disk": f"at most {_size(_disk(cost, plan))} in the results folder",
    }


def _unknown(config: StudyConfig, *, known: bool) -> str:
    """What is not known before the first trials have run, and what limits it anyway."""
    lacking = "how many epochs a trial has" if known else "how long an epoch takes"
    budget = config.budget.wall_clock
    bound = (
        f"it ends after {span(budget)}" if budget else "for example --max-time 30m would limit it"
    )
    return f"not known before the first trials: the objective does not say {lacking}; {bound}"


def _plan(config: StudyConfig) -> _Plan | None:
    """The plan; None if only the objective's own code knows how long a trial is."""
    objective, space = config.objective, config.space()
    proposed = proposals(config) or 0
    each = objective.max_epochs(config.objective_config)
    found = [
        objective.max_epochs(space.build(baseline.set)) for baseline in config.baselines.values()
    ]
    baselines = [epochs for epochs in found if epochs is not None]
    if each is None or len(baselines) < len(found):
        return None
    return _Plan(proposed * each + sum(baselines), proposed + len(baselines))


def proposals(config: StudyConfig) -> int | None:
    """Return how many settings will be proposed at most; None if only the time is limited."""
    limits = [limit for limit in (config.budget.trials, config.space().size()) if limit is not None]
    return min(limits, default=None)


def _each(seconds: float) -> str:
    return f"{seconds:.2g} s" if seconds < 10 else span(seconds)


def _at_most(seconds: float) -> str:
    return "under 1 s" if seconds < 1 else f"at most {span(seconds)}"


def _disk(cost: Cost, plan: _Plan) -> int:
    return plan.trials * cost.trial_bytes + plan.epochs * cost.epoch_bytes


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
