"""The tables of study.db, and the conversion of their rows to entries and back."""

import json
from typing import Any

from tuner.records.entries import EpochRecord, Event, TrialRecord
from tuner.records.kinds import EventKind, TrialKind, TrialState

FORMAT = 1
"""Version of the tables; files of another version are refused."""

SCHEMA = """
CREATE TABLE study (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE trials (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    state TEXT NOT NULL, params TEXT NOT NULL, config TEXT NOT NULL, reported TEXT NOT NULL,
    facts TEXT NOT NULL, created REAL NOT NULL, started REAL, ended REAL, reason TEXT, error TEXT,
    traceback TEXT, retries INTEGER NOT NULL, sampler TEXT NOT NULL, revision INTEGER NOT NULL
);
CREATE TABLE epochs (
    trial INTEGER NOT NULL REFERENCES trials (number), epoch INTEGER NOT NULL,
    metrics TEXT NOT NULL, started REAL NOT NULL, ended REAL NOT NULL, worker TEXT NOT NULL,
    revision INTEGER NOT NULL, PRIMARY KEY (trial, epoch)
) WITHOUT ROWID;
CREATE TABLE events (
    revision INTEGER PRIMARY KEY, time REAL NOT NULL, kind TEXT NOT NULL, trial INTEGER,
    data TEXT NOT NULL
);
CREATE INDEX trials_revision ON trials (revision);
CREATE INDEX epochs_revision ON epochs (revision);
"""

FIELDS = {"facts": "static_metrics"}
"""Columns that are named differently from the field they hold; the names date from format 1."""
COLUMNS = {field: column for column, field in FIELDS.items()}
TRIAL_JSON = ("params", "config", "reported", "facts", "sampler")
TRIAL_COLUMNS = (
    "number, name, kind, state, params, config, reported, facts, created, started, ended, "
    "reason, error, traceback, retries, sampler, revision"
)
EPOCH_COLUMNS = "trial, epoch, metrics, started, ended, worker, revision"
EVENT_COLUMNS = "time, kind, trial, data, revision"


def trial_of(row: tuple[Any, ...]) -> TrialRecord:
    """Return the trial of a row."""
    names = [name.strip() for name in TRIAL_COLUMNS.split(",")]
    values = dict(zip(names, row, strict=True))
    for key in TRIAL_JSON:
        values[key] = json.loads(values[key])
    values["kind"], values["state"] = TrialKind(values["kind"]), TrialState(values["state"])
    return TrialRecord(**{FIELDS.get(key, key): value for key, value in values.items()})


def trial_values(trial: TrialRecord, revision: int) -> list[Any]:
    """Return the values of a trial's row."""
    names = [name.strip() for name in TRIAL_COLUMNS.split(",")]
    values = {name: getattr(trial, FIELDS.get(name, name)) for name in names}
    values["revision"] = revision
    return [json.dumps(value) if name in TRIAL_JSON else value for name, value in values.items()]


def epoch_of(row: tuple[Any, ...]) -> EpochRecord:
    """Return the epoch of a row."""
    trial, epoch, metrics, started, ended, worker, revision = row
    return EpochRecord(trial, epoch, json.loads(metrics), started, ended, worker, revision)


def event_of(row: tuple[Any, ...]) -> Event:
    """Return the event of a row."""
    time, kind, trial, data, revision = row
    return Event(time, EventKind(kind), trial, json.loads(data), revision)
