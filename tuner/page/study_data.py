"""A study as the page's JSON: all of it, or the changes since a revision (docs/page-data.md).

Recorded values are given as they are. Values that follow from them for a trial (best values, gains)
are computed as for every other output, and given with them. What depends on the reader's choices
(ranks, differences from a reference) is computed on the page.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from tuner.analysis.commands import Commands, is_unfinished
from tuner.analysis.metrics import finite
from tuner.analysis.settings import flatten, planned_epochs
from tuner.analysis.snapshot import Snapshot
from tuner.page.epoch_columns import epoch_columns, group_by_trial
from tuner.page.stats import (
    baselines_data,
    gain_data,
    metric_data,
    repeats_data,
    trial_stats,
)
from tuner.records import Changes, Event, RecordsError, TrialKind, TrialRecord, TrialState
from tuner.records.notes import Notes, notes_stamp, read_notes
from tuner.records.status import study_status

FORMAT = 3
LONG = 10**15
"""From here on numbers are written with an exponent; settings are shown with all digits."""

MAX_TEXT = 400_000
"""Characters of study.yaml that are shown; a longer file is cut."""


def study_data(snapshot: Snapshot, *, key: str, place: str, revision: int) -> dict[str, Any]:
    """Return a whole study.

    Args:
        snapshot: the study.
        key: the study's key in the page's addresses.
        place: the name of its folder in commands.
        revision: the revision that the page has then.
    """
    settings = {trial.number: told(flatten(trial.config)) for trial in snapshot.trials}
    common = shared_settings(settings.values())
    trials = [
        trial_data(trial, {k: v for k, v in settings[trial.number].items() if k not in common})
        for trial in snapshot.trials
    ]
    epochs = {
        number: epoch_columns(rows, _origin(snapshot.info))
        for number, rows in snapshot.epochs.items()
        if rows
    }
    return {
        "key": key,
        "place": place,
        "revision": revision,
        "identity": identity(snapshot.info),
        **head(snapshot),
        "common": common,
        "trials": trials,
        "epochs": epochs,
        "stats": {
            trial.number: trial_stats(snapshot, trial)
            for trial in snapshot.trials
            if snapshot.epochs[trial.number]
        },
        "repeats": repeats_data(snapshot),
        "events": [event_data(event) for event in snapshot.events],
        "notes_stamp": str(notes_stamp(snapshot.folder)),  # before the notes themselves are read
        "notes": notes_data(snapshot.folder),
        "files": files(snapshot.folder),
        "commands": command_lines(replace(snapshot, folder=Path(place))),
    }


def update_data(changes: Changes, touched: Snapshot) -> dict[str, Any]:
    """Return what has changed in a study: rows to add or to replace, under the same names.

    A trial of an update has all its settings, so that it needs no `common`.

    Args:
        changes: the rows that changed.
        touched: the study with those trials, completely, that changed or have new epochs; with all
            trials if repeats are among them.
    """
    origin = _origin(touched.info)
    return {
        "revision": changes.revision,
        "identity": identity(touched.info),
        **head(touched),
        "trials": [trial_data(trial, told(flatten(trial.config))) for trial in changes.trials],
        "epochs": {
            number: epoch_columns(rows, origin)
            for number, rows in group_by_trial(changes.epochs).items()
        },
        "stats": {
            trial.number: trial_stats(touched, trial)
            for trial in touched.trials
            if touched.epochs[trial.number]
        },
        **({"repeats": repeats_data(touched)} if has_repeats(touched.trials) else {}),
        "events": [event_data(event) for event in changes.events],
    }


def has_repeats(trials: Iterable[TrialRecord]) -> bool:
    """Return whether any of the trials repeats another trial with another seed."""
    return any(trial.kind is TrialKind.CONFIRM for trial in trials)


def head(snapshot: Snapshot) -> dict[str, Any]:
    """Return what describes the study as a whole, and what its metrics mean."""
    info = snapshot.info
    measured = (
        name
        for rows in snapshot.epochs.values()
        for row in (*rows[:1], *rows[-1:])
        for name in row.metrics
    )
    goals = list(snapshot.metrics)
    names = dict.fromkeys([*snapshot.described, *goals, *measured])
    return {
        "name": str(info.get("study") or ""),
        "description": str(info.get("description") or ""),
        "created": _origin(info),
        "status": study_status(snapshot.events),
        "goals": goals,
        "columns": {name: metric_data(snapshot.describe(name)) for name in names},
        "gain": gain_data(snapshot),
        "baselines": baselines_data(snapshot),
        "budget": info.get("budget") or {},
        "planned": planned(info),
        "workers": info.get("workers"),
        "data": info.get("data"),
    }


def planned(info: Mapping[str, Any]) -> int | None:
    """Return how many proposals and baselines a study will have; None for no limit."""
    proposals = (info.get("budget") or {}).get("trials")
    file = yaml.safe_load(info.get("file") or "")
    baselines = file.get("baselines") if isinstance(file, Mapping) else None
    return None if proposals is None else proposals + len(baselines or ())


def trial_data(trial: TrialRecord, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a trial without its epochs; `settings` are its config's values by dotted path."""
    optional = {
        "reported": finite_values(trial.reported),
        "facts": finite_values(trial.static_metrics),
        "reason": trial.reason,
        "error": trial.error,
        "traceback": trial.traceback,
        "retries": trial.retries,
        "planned_epochs": planned_epochs(trial) if trial.state is TrialState.RUNNING else None,
    }
    return {
        "number": trial.number,
        "name": trial.name,
        "kind": trial.kind.value,
        "state": trial.state.value,
        "params": told(trial.params),
        "settings": {k: v for k, v in settings.items() if k not in trial.params},
        "created": trial.created,
        "started": trial.started,
        "ended": trial.ended,
        **{key: value for key, value in optional.items() if value},
    }


def told(value: Any) -> Any:
    """Return settings as JSON; long whole numbers become text, because the page would round them.

    Every setting of thousands of trials is converted here, so the common types come first.
    """
    kind = type(value)
    if kind is int:
        return str(value) if abs(value) >= LONG else value
    if kind is dict:
        return {key: told(item) for key, item in value.items()}
    return [told(item) for item in value] if kind is list else value


def event_data(event: Event) -> dict[str, Any]:
    """Return an event as JSON."""
    return {"time": event.time, "kind": event.kind, "trial": event.trial, "data": event.data}


def identity(info: Mapping[str, Any]) -> str:
    """Return an id that distinguishes a study from another study in the same folder."""
    return f"{info.get('study')} {info.get('created')}"


def command_lines(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return what can be done with a study in a terminal, and how."""
    commands = Commands(snapshot)
    more, retry = commands.more(), commands.retry()
    resume = ("Resume where it was interrupted", commands.resume())
    return [
        *([resume] if is_unfinished(snapshot) else []),
        *([] if more is None else [more]),
        *([] if retry is None else [("Run failed trials again", retry)]),
        ("Retrain the best over several seeds", commands.confirm()),
        ("Export the best model", commands.export()),
        ("Export it as ONNX", commands.export("model.onnx")),
        ("Compare in the terminal", commands.report()),
        ("Write this page", commands.page()),
    ]


def notes_data(folder: Path) -> dict[str, Any]:
    """Return people's notes about the study; nothing if they cannot be read."""
    try:
        return read_notes(folder).model_dump(mode="json")
    except RecordsError:
        return Notes().model_dump(mode="json")


def files(folder: Path) -> dict[str, Any]:
    """Return the study's own files, as far as they can be read: `yaml` text and `environment`."""
    return {
        "yaml": read_text(folder / "study.yaml", folder),
        "environment": _read_json(folder / "environment.json", folder),
    }


def read_text(path: Path, folder: Path) -> str | None:
    """Return the text of a file that is really inside `folder`; None if there is none."""
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return None
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(MAX_TEXT)
    except OSError:
        return None


def shared_settings(settings: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values that all trials have in common, so that they are sent only once."""
    rows = iter(settings)
    common = dict(next(rows, {}))
    for row in rows:
        common = {k: v for k, v in common.items() if k in row and row[k] == v}
    return common


def finite_values(values: Mapping[str, Any]) -> dict[str, float]:
    """Return only the values that are finite numbers."""
    return {k: v for k, raw in values.items() if (v := finite(raw)) is not None}


def _origin(info: Mapping[str, Any]) -> float:
    return finite(info.get("created")) or 0.0


def _read_json(path: Path, folder: Path) -> Any:
    text = read_text(path, folder)
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return None
