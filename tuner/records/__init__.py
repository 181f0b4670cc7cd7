"""study.db: the only store of a study's results, in SQLite.

A single process writes it (the driver of the study), and any number of processes read it.
Everything that people see (tables, pages, exports, trackers) is computed from it. Every write is a
transaction, so a process that is killed leaves the state before or after the write, never between.
The rollback journal is used instead of WAL because it also works on network file systems, and
because a study at rest is then a single file that can be moved and zipped.

Each row carries the `revision` of its last change, from a counter that only grows. A reader asks
for everything after the revision that it has seen (`Records.changes`).
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
