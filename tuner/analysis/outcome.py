"""The outcome of a study in words: the best trial, its repeats, failures, the workers."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sr_models.plain_text import one_line
from tuner.analysis.baselines import Gain, gain_of, goal_gain
from tuner.analysis.columns import reported_metrics, scaled_metrics, short_names
from tuner.analysis.comparison import Comparison
from tuner.analysis.importance import shares
from tuner.analysis.rows import Repeats, Row
from tuner.analysis.snapshot import Snapshot
from tuner.analysis.utilization import utilization
from tuner.analysis.values import (
    epochs_text,
    mean_text,
    metric_text,
    scale_text,
    seconds_text,
    setting_text,
    unit_text,
)
from tuner.objectives.metric import Metric
from tuner.records import EventKind, TrialKind, TrialRecord, TrialState
from tuner.records.status import INTERRUPTED, OUT_OF_TIME, search_end

MOST_FAILURES = 5
MOST_SETTINGS = 12
_RAISED_AT = re.compile(r'File "([^"\n]+)", line (\d+)')
_INSTALLED = re.compile(r"^<|site-packages|/lib(64)?/python3(\.\d+)?/")
"""Files of libraries, including Python's own, on whatever machine a trial ran."""
_PACKAGES = [Path(__file__).parents[2] / name for name in ("tuner", "sr_models")]
"""This project's packages; their lines in a traceback do not help the user, like those of
libraries."""


def outcome_lines(study: Snapshot, comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Return the outcome of a study as pairs of a heading and a text."""
    best = comparison.best(study.name)
    if best is not None:
        yield "best", best_text(study, comparison, best)
        many = len(best.params) > MOST_SETTINGS
        telling = list(shares(comparison.studies)) if many else []
        yield "", settings_text(best, most=MOST_SETTINGS, first=telling)
    if (warning := none_better_text(study, comparison)) is not None:
        yield "beware", warning
    for row in comparison.rows:
        if row.study == study.name and row.repeats:
            yield "seeds", repeats_text(study, row, row.repeats)
    yield "trials", counts_text(study)
    if (untried := untried_text(study)) is not None:
        yield "not run", untried
    for text in failure_texts(study):
        yield "failed", text
    if (advice := advice_text(study)) is not None:
        yield "advice", advice
    if (busy := utilization_text(study)) is not None:
        yield "workers", busy
    page = study.folder / "report.html"
    yield "results", one_line(str(study.folder)) + (f", page {page.name}" if page.is_file() else "")


def best_text(study: Snapshot, comparison: Comparison, best: Row) -> str:
    """Return which trial is best, its value and epoch, its gain, and its value on another scale.

    If it was repeated, the mean over the other seeds and its gain are given instead.
    """
    if best.repeats:
        return _confirmed_text(study, best, best.repeats)
    parts = [f"{one_line(best.trial)}: {score_text(study, best)}"]
    if (against := gain_text(study, best)) is not None:
        parts.append(against)
    if (ended := ended_text(best)) is not None:
        parts.append(ended)
    published = set(reported_metrics(comparison)) & best.scaled.keys()
    name = next((name for name in scaled_metrics(comparison) if name in published), None)
    if name is not None and (scale := study.describe(name).scale) is not None:
        parts.append(f"{scale_text(scale, best.scaled[name].at_best)} on the {scale.label}")
    return ", ".join(parts)


def _confirmed_text(study: Snapshot, best: Row, found: Repeats) -> str:
    own = best.best(study.metric)
    against = None if own is None else gain_text(study, best, more=found.mean - own)
    text = f"{one_line(best.trial)}: mean {_mean_text(study, found)}"
    return text if against is None else f"{text}, {against}"


def gain_text(study: Snapshot, row: Row, *, more: float = 0.0) -> str | None:
    """Return how far a trial, plus `more`, is from its baseline: `0.59 dB below bicubic`."""
    gain = goal_gain(study.described, study.metric)
    gained = None if gain is None else _gained(study, row, gain)
    if gain is None or gained is None:
        return None
    gained += more
    size = unit_text(replace(gain.shown, signed=False), abs(gained))
    place = "above" if gained >= 0 else "below"
    return f"{size} {place} {one_line(gain.of.baseline_label or 'the baseline')}"


def none_better_text(study: Snapshot, comparison: Comparison) -> str | None:
    """Return a warning if all trials are worse than what they are compared with."""
    gain = goal_gain(study.described, study.metric)
    rows = [row for row in comparison.rows if row.study == study.name]
    found = [] if gain is None else [_gained(study, row, gain) for row in rows]
    gains = [value for value in found if value is not None]
    if gain is None or not gains or any(_is_better(value, gain.of) for value in gains):
        return None
    label = one_line(gain.of.baseline_label or "the baseline")
    value = "" if gain.of.baseline is None else f" ({unit_text(gain.of, gain.of.baseline)})"
    return f"no trial is better than {label}{value}: none of these models is useful yet"


def _gained(study: Snapshot, row: Row, gain: Gain) -> float | None:
    """The gain of a trial at its best epoch."""
    if gain == gain_of(study.described, study.metric):
        return row.gain.at_best
    value, baseline = row.best(gain.of.name), gain.of.baseline
    return None if value is None or baseline is None else value - baseline


def _is_better(gain: float, metric: Metric) -> bool:
    return gain < 0 if metric.minimized else gain > 0


def untried_text(study: Snapshot) -> str | None:
    """Return what an ended search has not tried of its plan: baselines by name, proposals."""
    end = search_end(study.events)
    known = {trial.name for trial in study.trials}
    names = [
        one_line(name) for name in study.info.get("planned_baselines", ()) if name not in known
    ]
    planned = study.info.get("budget", {}).get("trials")
    proposed = sum(trial.kind is TrialKind.SEARCH for trial in study.trials)
    parts = [f"baseline{'s' if len(names) > 1 else ''} {', '.join(names)}"] if names else []
    if end == OUT_OF_TIME and planned is not None and proposed < planned:
        parts.append(f"{planned - proposed} of {planned} proposals")
    return "; ".join(parts) if parts and end is not None else None


def score_text(study: Snapshot, row: Row) -> str:
    """Return a trial's best value of the study's metric with its unit, and its epoch."""
    assert study.metric is not None
    found = row.metrics[study.metric]
    value = unit_text(study.describe(study.metric), found.best)
    epoch = "" if found.best_epoch is None else f" in epoch {found.best_epoch} of {row.epochs}"
    return f"{one_line(study.metric)} {value}{epoch}"


def ended_text(row: Row) -> str | None:
    """Return how a trial that was cut short has ended: `stopped after 3 of 6 epochs`."""
    if not row.cut_short:
        return None
    return f"{row.state} after {epochs_text(row.epochs, row.planned)} epochs"


def repeats_text(study: Snapshot, row: Row, found: Repeats) -> str:
    """Return the result of a trial with other seeds, and the value that it was chosen for."""
    assert study.metric is not None
    metric = study.describe(study.metric)
    others = f", {found.others} without a result" if found.others else ""
    chosen = metric_text(metric, row.best(metric.name))
    mean = _mean_text(study, found)
    return f"{one_line(row.trial)}: {mean}{others}, {chosen} as it was found"


def _mean_text(study: Snapshot, found: Repeats) -> str:
    metric = study.describe(study.metric or "")
    value = " ".join(filter(None, [mean_text(metric, found.mean, found.deviation), metric.unit]))
    return f"{one_line(metric.name)} {value} over {_counted(len(found.values), 'other seed')}"


def settings_text(row: Row, *, most: int | None = None, first: Sequence[str] = ()) -> str:
    """Return the settings that a trial has.

    Args:
        row: the trial.
        most: name only so many; None for all.
        first: if there are more, name these first.
    """
    names = short_names(row.params)
    has = [path for path, value in row.params.items() if value is not None or path in row.nulls]
    shown = has
    if most is not None and len(has) > most:
        shown = [*(path for path in first if path in has), *(p for p in has if p not in first)]
        shown = shown[:most]
    told = [f"{names[path]} {setting_text(row.params[path], null=True)}" for path in shown]
    more = (
        f" and {_counted(len(has) - len(shown), 'more setting')}" if len(has) > len(shown) else ""
    )
    return ", ".join(told) + more


def counts_text(study: Snapshot) -> str:
    """Return how many trials there are, by state, and how many proposals were never trained."""
    counts = Counter(trial.state for trial in study.trials)
    states = ", ".join(f"{counts[state]} {state}" for state in TrialState if counts[state])
    epochs = sum(map(len, study.epochs.values()))
    broken = sum(event.kind is EventKind.INFEASIBLE for event in study.events)
    text = f"{len(study.trials)}: {states}; {_counted(epochs, 'epoch')}" if states else "none"
    return f"{text}; {_counted(broken, 'proposal')} violated a constraint" if broken else text


def _place(trial: TrialRecord) -> str:
    """The last line of the user's own code in an error's traceback; empty if there is none."""
    for file, line in reversed(_RAISED_AT.findall(trial.traceback or "")):
        if not _INSTALLED.search(file) and not any(map(Path(file).is_relative_to, _PACKAGES)):
            return f" ({one_line(Path(file).name)}, line {line})"
    return ""


def failure_texts(study: Snapshot) -> list[str]:
    """Return the errors, most frequent first, and the trials that had them."""
    names: dict[str, list[str]] = defaultdict(list)
    for trial in study.trials:
        if trial.state is TrialState.FAILED:
            error = trial.error or trial.reason or "no reason was recorded"
            names[one_line(f"{error}{_place(trial)}")].append(one_line(trial.name))
    kinds = sorted(names, key=lambda error: -len(names[error]))
    shown = [f"{_some(names[error])}: {error}" for error in kinds[:MOST_FAILURES]]
    more = sum(len(names[error]) for error in kinds[MOST_FAILURES:])
    return [*shown, f"and {more} more"] if more else shown


def advice_text(study: Snapshot) -> str | None:
    """Return what to do if a search has ended and every trial has failed."""
    states = {trial.state for trial in study.trials}
    cut_off = {
        TrialState.FAILED,
        TrialState.INTERRUPTED,
    }  # if all failed alike, the last were interrupted
    none = TrialState.FAILED in states and states <= cut_off
    if not none or search_end(study.events) in (None, INTERRUPTED):
        return None
    return (
        "no trial has a result: fix what failed, then retry these trials, or start again under "
        f"another name, or delete {one_line(str(study.folder))}"
    )


def utilization_text(study: Snapshot) -> str | None:
    """Return how busy the workers were (see `tuner.analysis.utilization`).

    None if hardly anything was trained: that is a toy, and says nothing about the workers.
    """
    busy = utilization(study)
    if busy.ratio is None or round(busy.ratio, 3) == 0:
        return None
    workers = _counted(busy.workers, "worker")
    times = f"{seconds_text(busy.training)} of {seconds_text(busy.available)}"
    return f"{workers}, training {busy.ratio:.1%} of the time ({times})"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _some(names: list[str], most: int = 3) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
