"""A study as the page's JSON, whole or what changed since a revision (docs/page-data.md).

Everything is given as it was recorded; what can be derived from it (best values, gains, ranks) is
derived on the page, in one place, for a whole study and for its updates alike.
"""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tuner.analysis import commands
from tuner.analysis.metrics import finite, minimized
from tuner.analysis.report_scale import OUTPUTS, bicubic_for
from tuner.analysis.snapshot import Snapshot
from tuner.analysis.values import unit
from tuner.page.epoch_columns import epoch_columns, group_by_trial
from tuner.records import Changes, Event, TrialRecord
from tuner.records.status import study_status

FORMAT = 1
MAX_TEXT = 400_000
"""Characters of study.yaml that are shown; a larger one is cut."""


def study_data(snapshot: Snapshot, *, key: str, place: str, revision: int) -> dict[str, Any]:
    """A whole study. `place` is how its folder is named in commands."""
    settings = {trial.number: flatten(trial.config) for trial in snapshot.trials}
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
    metrics = dict.fromkeys(
        name
        for rows in snapshot.epochs.values()
        for row in (*rows[:1], *rows[-1:])
        for name in row.metrics
    )
    return {
        "key": key,
        "place": place,
        "revision": revision,
        "identity": identity(snapshot.info),
        **head(snapshot.info, snapshot.events, metrics),
        "common": common,
        "trials": trials,
        "epochs": epochs,
        "events": [event_data(event) for event in snapshot.events],
        "files": files(snapshot.folder),
        "commands": command_lines(replace(snapshot, folder=Path(place))),
    }


def update_data(
    changes: Changes, info: Mapping[str, Any], events: Sequence[Event]
) -> dict[str, Any]:
    """What changed in a study: rows to add or to replace, under the same names.

    A trial of an update holds all its settings, so that it needs no `common`.
    """
    origin = _origin(info)
    metrics = dict.fromkeys(name for row in changes.epochs for name in row.metrics)
    return {
        "revision": changes.revision,
        "identity": identity(info),
        **head(info, events, metrics),
        "trials": [trial_data(trial, flatten(trial.config)) for trial in changes.trials],
        "epochs": {
            number: epoch_columns(rows, origin)
            for number, rows in group_by_trial(changes.epochs).items()
        },
        "events": [event_data(event) for event in changes.events],
    }


def head(
    info: Mapping[str, Any], events: Sequence[Event], metrics: Iterable[str]
) -> dict[str, Any]:
    """What is said of the study as a whole; `metrics` are the names whose meaning is needed."""
    goals = list(info.get("metrics") or ())
    directions = dict(zip(goals, info.get("directions") or (), strict=False))
    bicubic = finite_values(info.get("baseline_bicubic") or {})
    return {
        "name": str(info.get("study") or ""),
        "description": str(info.get("description") or ""),
        "created": _origin(info),
        "status": study_status(events),
        "goals": goals,
        "columns": {
            name: {"less": minimized(name, directions), "unit": unit(name)}
            for name in dict.fromkeys([*goals, *metrics])
        },
        "budget": info.get("budget") or {},
        "workers": info.get("workers"),
        "bicubic": {
            ",".join(outputs): bicubic_for(bicubic, outputs) for outputs in _output_choices()
        },
        "data": info.get("data"),
    }


def trial_data(trial: TrialRecord, settings: Mapping[str, Any]) -> dict[str, Any]:
    """One trial without its epochs; `settings` are its config's values by dotted path."""
    optional = {
        "reported": finite_values(trial.reported),
        "facts": finite_values(trial.static_metrics),
        "reason": trial.reason,
        "error": trial.error,
        "traceback": trial.traceback,
        "retries": trial.retries,
    }
    return {
        "number": trial.number,
        "name": trial.name,
        "kind": trial.kind.value,
        "state": trial.state.value,
        "params": trial.params,
        "settings": {k: v for k, v in settings.items() if k not in trial.params},
        "created": trial.created,
        "started": trial.started,
        "ended": trial.ended,
        **{key: value for key, value in optional.items() if value},
    }


def event_data(event: Event) -> dict[str, Any]:
    """One event."""
    return {"time": event.time, "kind": event.kind, "trial": event.trial, "data": event.data}


def identity(info: Mapping[str, Any]) -> str:
    """Tells a study from another one that took its place in the same folder."""
    return f"{info.get('study')} {info.get('created')}"


def command_lines(snapshot: Snapshot) -> list[tuple[str, str]]:
    """What can be done with a study in a terminal, and how."""
    more = commands.more(snapshot)
    return [
        ("Resume where it was interrupted", commands.resume(snapshot)),
        *([] if more is None else [more]),
        ("Retrain the best over several seeds", commands.confirm(snapshot)),
        ("Take out the best model", commands.export(snapshot)),
        ("Take it out as ONNX", commands.export(snapshot, "model.onnx")),
        ("Compare in the terminal", commands.report(snapshot)),
        ("Write this page", commands.page(snapshot)),
    ]


def files(folder: Path) -> dict[str, Any]:
    """The study's own files as far as they can be read: `yaml` text and `environment`."""
    return {
        "yaml": read_text(folder / "study.yaml", folder),
        "environment": _read_json(folder / "environment.json", folder),
    }


def read_text(path: Path, folder: Path) -> str | None:
    """The text of a file that truly lies inside `folder`; None where there is none."""
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return None
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(MAX_TEXT)
    except OSError:
        return None


def flatten(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A nested config as dotted path -> value."""
    found: dict[str, Any] = {}
    for key, value in config.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            found |= flatten(value, f"{path}.")
        else:
            found[path] = value
    return found


def shared_settings(settings: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The values that all trials have alike, so that they need to be said only once."""
    rows = iter(settings)
    common = dict(next(rows, {}))
    for row in rows:
        common = {k: v for k, v in common.items() if k in row and row[k] == v}
    return common


def finite_values(values: Mapping[str, Any]) -> dict[str, float]:
    """Only what is a finite number."""
    return {k: v for k, raw in values.items() if (v := finite(raw)) is not None}


def _origin(info: Mapping[str, Any]) -> float:
    return finite(info.get("created")) or 0.0


def _read_json(path: Path, folder: Path) -> Any:
    text = read_text(path, folder)
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return None


def _output_choices() -> Iterable[tuple[str, ...]]:
    """Every combination of outputs that trials may predict, none included."""
    for count in range(len(OUTPUTS) + 1):
        yield from itertools.combinations(OUTPUTS, count)
