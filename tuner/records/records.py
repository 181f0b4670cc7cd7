"""Reading and writing study.db."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from tuner.records.disk import STUDY_DB
from tuner.records.entries import Changes, EpochRecord, Event, TrialRecord
from tuner.records.kinds import EventKind
from tuner.records.rows import (
    COLUMNS,
    EPOCH_COLUMNS,
    EVENT_COLUMNS,
    FORMAT,
    SCHEMA,
    TRIAL_COLUMNS,
    TRIAL_JSON,
    epoch_of,
    event_of,
    trial_of,
    trial_values,
)
from tuner.records.sqlite_file import RecordsError, connect, connect_to_read, damaged, explained

FILE_NAME = STUDY_DB
PART = f"{FILE_NAME}.part"  # while it is being made


class Records:
    """A study.db, open for reading or writing. Use it as a context manager, or call `close`.

    Every study has these keys in `info`: `study` (name), `description`, `created`, `metrics` (list
    of names; the first one is searched for and decides about stopping), `directions` (list of
    "maximize" or "minimize"), `metrics_described` (the objective's description of each metric;
    missing in studies of version 0.1.0), `budget` (trials, wall_clock in seconds or null),
    `workers`, `data` (counts, fingerprint), `format`. An objective that measures a baseline adds
    `baseline_LABEL`, metric name -> value: see `Metric.baseline_label`.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def create(cls, folder: Path, info: Mapping[str, Any] | None = None) -> Self:
        """Create a study.db in `folder` that holds `info`, completely or not at all.

        Raises:
            RecordsError: the folder has a study.db already, or cannot be written.
        """
        path, part = folder / FILE_NAME, folder / PART
        if path.exists():
            raise RecordsError(f"{path} exists already; a study is never overwritten")
        for left in (part, part.with_name(f"{PART}-journal")):  # by a run that was killed here
            left.unlink(missing_ok=True)
        with explained(path), cls(connect(part, "rwc"), part) as records:
            records._connection.executescript(f"BEGIN; {SCHEMA}")
            for key, value in {"format": FORMAT, **(info or {})}.items():
                records.set_info(key, value)
            records._connection.commit()
        part.rename(path)
        return cls.open(folder, write=True)

    @classmethod
    def open(cls, folder: Path, *, write: bool = False) -> Self:
        """Open the study.db of `folder`, read-only unless `write` is set.

        Raises:
            RecordsError: there is no study.db, it is damaged, or a newer version made it.
        """
        path = folder / FILE_NAME if folder.is_dir() else folder
        if not path.is_file():
            raise RecordsError(f"{folder} is not a study: it holds no {FILE_NAME}")
        with explained(path):
            records = cls(connect(path, "rw") if write else connect_to_read(path), path)
            found = records.info.get("format")
        if found != FORMAT:
            records.close()
            raise RecordsError(f"{path} has format {found}; this version reads format {FORMAT}")
        return records

    def close(self) -> None:
        """Close the file; everything written is kept."""
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
        rows = self._rows("SELECT key, value FROM study")
        return {key: json.loads(value) for key, value in rows if key != "revision"}

    @property
    def revision(self) -> int:
        """The revision of the last change, 0 for an empty study."""
        rows = self._rows("SELECT value FROM study WHERE key = 'revision'")
        return int(rows[0][0]) if rows else 0

    def trials(self) -> list[TrialRecord]:
        """All trials, by number."""
        query = f"SELECT {TRIAL_COLUMNS} FROM trials ORDER BY number"
        return [trial_of(row) for row in self._rows(query)]

    def trial(self, name: str) -> TrialRecord:
        """Return the trial called `name`.

        Raises:
            RecordsError: there is no such trial.
        """
        query = f"SELECT {TRIAL_COLUMNS} FROM trials WHERE name = ?"
        rows = self._rows(query, (name,))
        if not rows:
            raise RecordsError(f"study {self.folder.name} has no trial {name!r}")
        return trial_of(rows[0])

    def epochs(self, trial: int | None = None) -> list[EpochRecord]:
        """Return the epochs of a trial (by its number), or of all trials, by trial and epoch."""
        where, values = ("", ()) if trial is None else ("WHERE trial = ?", (trial,))
        query = f"SELECT {EPOCH_COLUMNS} FROM epochs {where} ORDER BY trial, epoch"
        return [epoch_of(row) for row in self._rows(query, values)]

    def events(self) -> list[Event]:
        """All events, oldest first."""
        query = f"SELECT {EVENT_COLUMNS} FROM events ORDER BY revision"
        return [event_of(row) for row in self._rows(query)]

    def changes(self, since: int = 0) -> Changes:
        """Return all rows that changed after revision `since`, in the order of their revisions."""
        tail = "WHERE revision > ? ORDER BY revision"
        with self._reading() as execute:
            revision = self.revision
            trials = execute(f"SELECT {TRIAL_COLUMNS} FROM trials {tail}", (since,))
            epochs = execute(f"SELECT {EPOCH_COLUMNS} FROM epochs {tail}", (since,))
            events = execute(f"SELECT {EVENT_COLUMNS} FROM events {tail}", (since,))
            return Changes(
                revision,
                [trial_of(row) for row in trials],
                [epoch_of(row) for row in epochs],
                [event_of(row) for row in events],
            )

    def check(self) -> None:
        """Check that the whole file can be read.

        Raises:
            RecordsError: the file is damaged.
        """
        ((found,), *_) = self._rows("PRAGMA quick_check(1)")
        if found != "ok":
            raise RecordsError(f"{self.path}: {damaged(found)}")

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with explained(self.path):
            return self._connection.execute(query, values).fetchall()

    # Writing

    def set_info(self, key: str, value: Any) -> None:
        """Set a key of `info` to a value that JSON can represent."""
        with self._writing():
            self._put(key, value)
            self._next_revision()

    def add_trial(self, trial: TrialRecord) -> None:
        """Add a new trial; its number and name must be new."""
        marks = ", ".join("?" * len(TRIAL_COLUMNS.split(",")))
        with self._writing():
            values = trial_values(trial, self._next_revision())
            self._connection.execute(
                f"INSERT INTO trials ({TRIAL_COLUMNS}) VALUES ({marks})", values
            )

    def update_trial(self, number: int, **changes: Any) -> None:
        """Change some fields of a trial; the keywords are fields of `TrialRecord`."""
        with self._writing():
            self._update_trial(number, changes)

    def add_epoch(self, epoch: EpochRecord, **trial_changes: Any) -> None:
        """Add an epoch and, in the same transaction, change fields of its trial."""
        with self._writing():
            self._connection.execute(
                f"INSERT INTO epochs ({EPOCH_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
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

    def add_event(
        self, time: float, kind: EventKind, trial: int | None = None, **data: Any
    ) -> None:
        """Add an event, with data that JSON can represent."""
        with self._writing():
            self._connection.execute(
                f"INSERT INTO events ({EVENT_COLUMNS}) VALUES (?, ?, ?, ?, ?)",
                (time, kind, trial, json.dumps(data), self._next_revision()),
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Group several writes into a transaction: all of them happen, or none."""
        with self._writing():
            yield

    def _update_trial(self, number: int, changes: Mapping[str, Any]) -> None:
        named = {COLUMNS.get(field, field): value for field, value in changes.items()}
        values = {
            key: json.dumps(value) if key in TRIAL_JSON else value for key, value in named.items()
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
        with explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        """A consistent view of several tables while the driver writes."""
        with explained(self.path):
            self._connection.execute("BEGIN")
            try:
                yield self._connection.execute
            finally:
                self._connection.rollback()
