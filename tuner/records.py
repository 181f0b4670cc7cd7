"""study.db: the one truth about a study, in SQLite.

One process writes (the driver of the study), any number read. Everything that people see
(tables, pages, exports, trackers) is computed from here. Every write is one transaction, so a
process that is killed leaves the state before or after it, never between. The rollback journal
is used instead of WAL: it also works on network file systems, and a study at rest is one file
that can be moved and zipped.

Each row carries the `revision` of its last change, from one counter that only grows: a reader
asks for what came after the revision that it has seen (`Records.changes`).
"""

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from sr_models.errors import UserError

FILE_NAME = "study.db"
FORMAT = 1


class RecordsError(UserError):
    """study.db is missing, is not ours, or cannot be written."""


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


@dataclass(frozen=True)
class TrialRecord:
    """One trial. Times are Unix seconds."""

    number: int
    name: str
    kind: TrialKind
    state: TrialState
    params: dict[str, Any]  # dotted path -> value: what the sampler or the baseline set
    config: dict[str, Any]  # the objective's resolved config, nested
    reported: dict[str, float] = field(default_factory=dict)  # the report's figures (baselines)
    facts: dict[str, Any] = field(default_factory=dict)  # known once: parameters, ms_per_image
    created: float = 0.0
    started: float | None = None
    ended: float | None = None
    reason: str | None = None  # why it ended: "patience", "max_epochs", "scheduler", "budget"
    error: str | None = None
    traceback: str | None = None
    retries: int = 0
    sampler: dict[str, Any] = field(default_factory=dict)  # the sampler's own notes
    revision: int = 0


@dataclass(frozen=True)
class EpochRecord:
    """One epoch of one trial: `metrics` by name, when it ran, and on which worker."""

    trial: int
    epoch: int  # from 1
    metrics: dict[str, float]
    started: float
    ended: float
    worker: str = ""
    revision: int = 0


@dataclass(frozen=True)
class Event:
    """Something that happened to a study or one of its trials.

    Kinds: started, resumed, extended, interrupted, ended (with the reason), retried, promoted,
    exploited (PBT's lineage: donor, donor_epoch, params), warning.
    """

    time: float
    kind: str
    trial: int | None
    data: dict[str, Any]
    revision: int = 0


@dataclass(frozen=True)
class Changes:
    """All that was written after a revision."""

    revision: int
    trials: list[TrialRecord]
    epochs: list[EpochRecord]
    events: list[Event]


_SCHEMA = """
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

_TRIAL_JSON = ("params", "config", "reported", "facts", "sampler")
_TRIAL_COLUMNS = (
    "number, name, kind, state, params, config, reported, facts, created, started, ended, "
    "reason, error, traceback, retries, sampler, revision"
)
_EPOCH_COLUMNS = "trial, epoch, metrics, started, ended, worker, revision"
_EVENT_COLUMNS = "time, kind, trial, data, revision"


class Records:
    """Reads and writes a study.db. Use as a context manager, or call `close`.

    The keys of `info` that every study has: `study` (name), `description`, `created`,
    `metrics` (list of names, the first is searched for and stopped by), `directions` (list of
    "maximize" or "minimize"), `budget` (trials, wall_clock in seconds or null), `workers`,
    `baseline_bicubic` (metric name -> value; empty where the objective has none), `data`
    (counts, fingerprint), `format`.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make a new, empty study.db in `folder`.

        Raises:
            RecordsError: one is there already, or the folder cannot be written.
        """
        path = folder / FILE_NAME
        if path.exists():
            raise RecordsError(f"{path} exists already; a study is never overwritten")
        with _explained(path):
            records = cls(_connect(path, "rwc"), path)
            with records._connection:
                records._connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
            records.set_info("format", FORMAT)
        return records

    @classmethod
    def open(cls, folder: Path, *, write: bool = False) -> Self:
        """Open the study.db of `folder`, only for reading unless `write`.

        Raises:
            RecordsError: there is none, it is damaged, or made by a newer version.
        """
        path = folder / FILE_NAME if folder.is_dir() else folder
        if not path.is_file():
            raise RecordsError(f"{folder} is not a study: it holds no {FILE_NAME}")
        with _explained(path):
            records = cls(_connect(path, "rw") if write else _connect_to_read(path), path)
            found = records.info.get("format")
        if found != FORMAT:
            records.close()
            raise RecordsError(f"{path} has format {found}; this version reads format {FORMAT}")
        return records

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def folder(self) -> Path:
        """The results folder of the study."""
        return self.path.parent

    # Reading

    @property
    def info(self) -> dict[str, Any]:
        """What is known of the study as a whole, by key (see the class)."""
        rows = self._connection.execute("SELECT key, value FROM study")
        return {key: json.loads(value) for key, value in rows if key != "revision"}

    @property
    def revision(self) -> int:
        """The revision of the last change, 0 for an empty study."""
        row = self._connection.execute("SELECT value FROM study WHERE key = 'revision'").fetchone()
        return int(row[0]) if row else 0

    def trials(self) -> list[TrialRecord]:
        """All trials, by number."""
        rows = self._connection.execute(f"SELECT {_TRIAL_COLUMNS} FROM trials ORDER BY number")
        return [_trial(row) for row in rows]

    def trial(self, name: str) -> TrialRecord:
        """The trial of this name.

        Raises:
            RecordsError: there is none.
        """
        query = f"SELECT {_TRIAL_COLUMNS} FROM trials WHERE name = ?"
        row = self._connection.execute(query, (name,)).fetchone()
        if row is None:
            raise RecordsError(f"study {self.folder.name} has no trial {name!r}")
        return _trial(row)

    def epochs(self, trial: int | None = None) -> list[EpochRecord]:
        """The epochs of one trial (by number) or of all, by trial and epoch."""
        where, values = ("", ()) if trial is None else ("WHERE trial = ?", (trial,))
        query = f"SELECT {_EPOCH_COLUMNS} FROM epochs {where} ORDER BY trial, epoch"
        return [_epoch(row) for row in self._connection.execute(query, values)]

    def events(self) -> list[Event]:
        """All events, oldest first."""
        query = f"SELECT {_EVENT_COLUMNS} FROM events ORDER BY revision"
        return [_event(row) for row in self._connection.execute(query)]

    def changes(self, since: int = 0) -> Changes:
        """All rows that changed after revision `since`, in the order of their revisions."""
        tail = "WHERE revision > ? ORDER BY revision"
        with self._reading() as execute:
            revision = self.revision
            trials = execute(f"SELECT {_TRIAL_COLUMNS} FROM trials {tail}", (since,))
            epochs = execute(f"SELECT {_EPOCH_COLUMNS} FROM epochs {tail}", (since,))
            events = execute(f"SELECT {_EVENT_COLUMNS} FROM events {tail}", (since,))
            return Changes(
                revision,
                [_trial(row) for row in trials],
                [_epoch(row) for row in epochs],
                [_event(row) for row in events],
            )

    # Writing

    def set_info(self, key: str, value: Any) -> None:
        """Set one key of `info` to a value that JSON can hold."""
        with self._writing():
            self._put(key, value)
            self._next_revision()

    def add_trial(self, trial: TrialRecord) -> None:
        """Add a new trial; its number and name must be new."""
        marks = ", ".join("?" * len(_TRIAL_COLUMNS.split(",")))
        with self._writing():
            values = _trial_values(trial, self._next_revision())
            self._connection.execute(
                f"INSERT INTO trials ({_TRIAL_COLUMNS}) VALUES ({marks})", values
            )

    def update_trial(self, number: int, **changes: Any) -> None:
        """Change some fields of a trial (named as in `TrialRecord`)."""
        with self._writing():
            self._update_trial(number, changes)

    def add_epoch(self, epoch: EpochRecord, **trial_changes: Any) -> None:
        """Add an epoch and, in the same transaction, change fields of its trial."""
        with self._writing():
            self._connection.execute(
                f"INSERT INTO epochs ({_EPOCH_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    epoch.trial,
                    epoch.epoch,
                    json.dumps(epoch.metrics),
                    epoch.started,
                    epoch.ended,
                    epoch.worker,
                    self._next_revision(),
                ),
            )
            if trial_changes:
                self._update_trial(epoch.trial, trial_changes)

    def add_event(self, time: float, kind: str, trial: int | None = None, **data: Any) -> None:
        """Add an event (see `Event` for the kinds)."""
        with self._writing():
            self._connection.execute(
                f"INSERT INTO events ({_EVENT_COLUMNS}) VALUES (?, ?, ?, ?, ?)",
                (time, kind, trial, json.dumps(data), self._next_revision()),
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make several writes one transaction: all of them happen, or none."""
        with self._writing():
            yield

    def _update_trial(self, number: int, changes: Mapping[str, Any]) -> None:
        values = {
            key: json.dumps(value) if key in _TRIAL_JSON else value
            for key, value in changes.items()
        } | {"revision": self._next_revision()}
        assignments = ", ".join(f"{key} = ?" for key in values)
        cursor = self._connection.execute(
            f"UPDATE trials SET {assignments} WHERE number = ?", (*values.values(), number)
        )
        assert cursor.rowcount == 1, f"no trial {number}"

    def _put(self, key: str, value: Any) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO study (key, value) VALUES (?, ?)", (key, json.dumps(value))
        )

    def _next_revision(self) -> int:
        revision = self.revision + 1
        self._put("revision", revision)
        return revision

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        with _explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        """One consistent view of several tables while the driver writes."""
        with _explained(self.path):
            self._connection.execute("BEGIN")
            try:
                yield self._connection.execute
            finally:
                self._connection.rollback()


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)
    if mode != "ro":
        connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """Open for reading; a transaction that a killed writer left half done is rolled back first.

    That takes writing, so where the folder cannot be written a copy of the file is read.
    """
    connection = _connect(path, "ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if "readonly" not in str(error):
            raise
        if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
            _connect(path, "rw").execute("SELECT 1 FROM sqlite_master").connection.close()
            return _connect(path, "ro")
        return _connect_to_copy(path)
    return connection


def _connect_to_copy(path: Path) -> sqlite3.Connection:
    with tempfile.TemporaryDirectory() as folder:
        for name in (path.name, f"{path.name}-journal"):
            shutil.copy(path.with_name(name), folder)
        with closing(_connect(Path(folder) / path.name, "rw")) as copied:
            connection = sqlite3.connect(":memory:", isolation_level=None)
            copied.backup(connection)
    return connection


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ones that say which file and what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError):
            raise
        raise RecordsError(f"{path}: {_explain(path, error)}") from error


def _explain(path: Path, error: sqlite3.DatabaseError) -> str:
    text = str(error)
    if "full" in text:
        return "the disk is full; free some space, then go on with --resume"
    if "readonly" in text or ("unable to open" in text and not os.access(path.parent, os.W_OK)):
        return "cannot be written; check the rights of the results folder"
    if "locked" in text or "busy" in text:
        return "is locked by another process for over 30 s; is the same study running twice?"
    return f"is damaged or not a study ({text})"


def _trial(row: tuple[Any, ...]) -> TrialRecord:
    names = [name.strip() for name in _TRIAL_COLUMNS.split(",")]
    values = dict(zip(names, row, strict=True))
    for key in _TRIAL_JSON:
        values[key] = json.loads(values[key])
    values["kind"], values["state"] = TrialKind(values["kind"]), TrialState(values["state"])
    return TrialRecord(**values)


def _trial_values(trial: TrialRecord, revision: int) -> list[Any]:
    names = [name.strip() for name in _TRIAL_COLUMNS.split(",")]
    values = {name: getattr(trial, name) for name in names} | {"revision": revision}
    return [json.dumps(value) if name in _TRIAL_JSON else value for name, value in values.items()]


def _epoch(row: tuple[Any, ...]) -> EpochRecord:
    trial, epoch, metrics, started, ended, worker, revision = row
    return EpochRecord(trial, epoch, json.loads(metrics), started, ended, worker, revision)


def _event(row: tuple[Any, ...]) -> Event:
    time, kind, trial, data, revision = row
    return Event(time, kind, trial, json.loads(data), revision)
