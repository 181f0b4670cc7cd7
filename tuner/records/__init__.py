"""study.db: the one truth about a study, in SQLite.

One process writes (the driver of the study), any number read. Everything that people see
(tables, pages, exports, trackers) is computed from here. Every write is one transaction, so a
process that is killed leaves the state before or after it, never between. The rollback journal
is used instead of WAL: it also works on network file systems, and a study at rest is one file
that can be moved and zipped.

Each row carries the `revision` of its last change, from one counter that only grows: a reader
asks for what came after the revision that it has seen (`Records.changes`).
"""

from tuner.records.entries import Changes, EpochRecord, Event, TrialRecord
from tuner.records.kinds import RUN_STARTS, EventKind, TrialKind, TrialState
from tuner.records.records import FILE_NAME, PART, Records
from tuner.records.sqlite_file import DiskError, RecordsError

__all__ = [
    "FILE_NAME",
    "PART",
    "RUN_STARTS",
    "Changes",
    "DiskError",
    "EpochRecord",
    "Event",
    "EventKind",
    "Records",
    "RecordsError",
    "TrialKind",
    "TrialRecord",
    "TrialState",
]
