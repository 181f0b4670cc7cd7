"""The studies of a results folder as they are now: some appear, some vanish, some are damaged.

Everything that is kept here could be read again. The cache holds what takes longest, the JSON of a
whole study; a page that gets a slightly outdated version catches up with its next request.
"""

import gzip
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sr_models.errors import UserError
from tuner.analysis.snapshot import Snapshot, read_snapshot
from tuner.page.analysis_data import analysis_data
from tuner.page.builder import script_json
from tuner.page.note_change import NoteChange
from tuner.page.pictures import epoch_data, images, manifest, shared_data
from tuner.page.pictures import trial_pictures as find_pictures
from tuner.page.study_data import (
    has_repeats,
    identity,
    notes_data,
    study_data,
    update_data,
)
from tuner.page.trial_files import trial_files
from tuner.records import FILE_NAME, Changes, Records, RecordsError
from tuner.records.notes import changing_notes, notes_stamp
from tuner.records.status import study_status

SLOW = 0.3
"""Seconds: a study whose JSON takes longer to make may be served slightly outdated."""

LATE = 3000
"""Revisions by which it may be outdated."""

SETTLED = 5.0
"""Seconds after its last change during which a file is read again, because clocks are coarse."""

MOST_FOLDERS = 2000
"""Number of folders that are searched for studies."""


class NoSuchStudyError(UserError):
    """The results folder has no study of this name (any more)."""


@dataclass(frozen=True)
class _Made:
    """A study's JSON, compressed, and when it was made."""

    identity: str
    revision: int
    seconds: float
    body: bytes


class Library:
    """All studies in a results folder, or the study in the folder itself.

    Args:
        results: the folder.
    """

    def __init__(self, results: Path) -> None:
        self.results = results
        self._made: dict[str, _Made] = {}
        self._analyses: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self._entries: dict[str, tuple[tuple[int, int, int], dict[str, Any]]] = {}
        self._busy = threading.Lock()

    def folders(self) -> dict[str, Path]:
        """Return key -> folder of every study: folders in the results, and those a level below."""
        if (self.results / FILE_NAME).is_file():
            return {self.results.resolve().name: self.results}
        return {
            folder.relative_to(self.results).as_posix(): folder
            for folder in _study_folders(self.results)
        }

    def index(self) -> list[dict[str, Any]]:
        """Return all studies, newest first; for studies that cannot be read, the reason."""
        entries = [self._entry(key, folder) for key, folder in self.folders().items()]
        return sorted(entries, key=lambda entry: (entry["problem"] is not None, -entry["created"]))

    def study(self, key: str) -> bytes:
        """Return a whole study as gzipped JSON (docs/page-data.md).

        Raises:
            NoSuchStudyError: there is no such study.
            RecordsError: it cannot be read.
        """
        folder = self._folder(key)
        with Records.open(folder) as records:
            made = self._made.get(key)
            if made and made.identity == identity(records.info):
                late = records.revision - made.revision
                if late == 0 or (made.seconds > SLOW and 0 < late < LATE):
                    return made.body
            with self._busy:  # two requests at once get the same answer
                made = self._make(key, folder, records)
        self._made[key] = made
        return made.body

    def warm(self) -> None:
        """Make the JSON of the newest study, so that the first page need not wait for it."""
        newest = next((entry["key"] for entry in self.index() if entry["problem"] is None), None)
        if newest is not None:
            with suppress(UserError):
                self.study(newest)

    def changes(self, seen: Mapping[str, int]) -> dict[str, Any]:
        """Return what has changed in some studies since the given revisions."""
        folders = self.folders()
        noted = {key: str(notes_stamp(folders[key])) for key in seen if key in folders}
        updates = {}
        for key, revision in seen.items():
            try:
                updates[key] = _update(folders[key], revision) if key in folders else None
            except RecordsError:
                updates[key] = None  # the index says what is wrong
        return {"index": self.index(), "updates": updates, "notes": noted, "now": time.time()}

    def analysis(self, key: str) -> dict[str, Any]:
        """Return what takes longer to compute than to read.

        Raises:
            NoSuchStudyError, RecordsError: as for `study`.
        """
        with Records.open(self._folder(key)) as records:
            found, revision = identity(records.info), records.revision
            known = self._analyses.get(key)
            if known and known[:2] == (found, revision):
                return known[2]
            snapshot = read_snapshot(records)
        with self._busy:
            data = analysis_data(snapshot)
        self._analyses[key] = (found, revision, data)
        return data

    def pictures(self, key: str, trials: Sequence[int]) -> dict[str, Any]:
        """Return the images of a study and the pictures of some of its trials, by number.

        Raises:
            NoSuchStudyError, RecordsError: as for `study`.
        """
        folder = self._folder(key)
        shared = shared_data(folder, lambda path: _address(key, file=path.stem))
        about = manifest(folder)
        with Records.open(folder) as records:
            names = {trial.number: trial.name for trial in records.trials()}
        found = {
            number: [
                epoch_data(
                    pictures,
                    folder,
                    lambda path, number=number, epoch=pictures.epoch: _address(  # type: ignore[misc]
                        key, trial=number, epoch=epoch, file=path.stem
                    ),
                    about,
                )
                for pictures in find_pictures(folder, names[number], len(shared["images"]))
            ]
            for number in trials
            if number in names
        }
        return {**shared, "trials": found, "left_out": 0}

    def trial(self, key: str, number: int) -> dict[str, Any]:
        """Return what is in the folder of a trial; nothing if there is no such trial.

        Raises:
            NoSuchStudyError, RecordsError: as for `study`.
        """
        folder = self._folder(key)
        with Records.open(folder) as records:
            name = next((trial.name for trial in records.trials() if trial.number == number), None)
        return {} if name is None else trial_files(folder, name)

    def notes(self, key: str) -> dict[str, Any]:
        """Return people's notes about a study, and their stamp.

        Raises:
            NoSuchStudyError: there is no such study.
        """
        folder = self._folder(key)
        return {"notes": notes_data(folder), "stamp": str(notes_stamp(folder))}

    def note(self, key: str, said: NoteChange) -> dict[str, Any]:
        """Write a note on a trial, or the saved views; return all notes as they are then.

        Raises:
            NoSuchStudyError: there is no such study, or no such trial.
            RecordsError: the existing notes cannot be read; they are left as they are.
            UserError, WorkFailedError: the folder cannot be written.
        """
        folder = self._folder(key)
        if said.trial is not None:
            with Records.open(folder) as records:
                if said.trial not in {trial.name for trial in records.trials()}:
                    raise NoSuchStudyError(f"{key} has no trial {said.trial!r}")
        with changing_notes(folder) as change:
            change.notes = said.applied_to(change.notes)
        return self.notes(key)

    def image_file(self, key: str, file: str) -> Path | None:
        """Return an image that all trials of a study share, by its file's stem; None if there is
        none."""
        files = (path for row in images(self._folder(key)) for path in row["files"].values())
        return next((path for path in files if path.stem == file), None)

    def trial_file(self, key: str, trial: int, epoch: int, file: str) -> Path | None:
        """Return a picture of a trial; None if there is none."""
        k, _, output = file.partition("-")
        folder = self._folder(key)
        with Records.open(folder) as records:
            name = next(
                (record.name for record in records.trials() if record.number == trial), None
            )
        if name is None or not _is_index(k):
            return None
        for pictures in find_pictures(folder, name, int(k) + 1):
            if pictures.epoch == epoch:
                return pictures.files.get(int(k), {}).get(output)
        return None

    def _folder(self, key: str) -> Path:
        """The folder of a study; only folders found in the results, never a path from outside."""
        folder = self.folders().get(key)
        if folder is None:
            raise NoSuchStudyError(f"there is no study {key!r} in {self.results}")
        return folder

    def _make(self, key: str, folder: Path, records: Records) -> _Made:
        began = time.monotonic()
        revision = records.revision
        snapshot = read_snapshot(records)
        data = study_data(snapshot, key=key, place=_as_served(folder), revision=revision)
        body = gzip.compress(script_json(data).encode(), compresslevel=1)
        return _Made(identity(snapshot.info), revision, time.monotonic() - began, body)

    def _entry(self, key: str, folder: Path) -> dict[str, Any]:
        try:
            found = (folder / FILE_NAME).stat()
            stamp, changed = (found.st_mtime_ns, found.st_size, found.st_ino), found.st_mtime
            known = self._entries.get(key)
            if known and known[0] == stamp and time.time() - changed > SETTLED:
                return known[1]
            with Records.open(folder) as records:
                info = records.info
                entry = {
                    "key": key,
                    "name": str(info.get("study") or key),
                    "status": study_status(records.events()),
                    "created": float(info.get("created") or 0.0),
                    "changed": changed,
                    "problem": None,
                }
        except (RecordsError, OSError) as error:
            return _damaged(key, str(error))
        self._entries[key] = (stamp, entry)
        return entry


def _study_folders(results: Path) -> Iterator[Path]:
    below = _subfolders(results)
    looked = 0
    for folder in below:
        candidates = [folder] if (folder / FILE_NAME).is_file() else _subfolders(folder)
        for candidate in candidates:
            looked += 1
            if looked > MOST_FOLDERS:
                return
            if (candidate / FILE_NAME).is_file():
                yield candidate


def _subfolders(folder: Path) -> list[Path]:
    try:
        children = sorted(folder.iterdir())
    except OSError:
        return []
    return [child for child in children if child.is_dir() and not child.name.startswith(".")]


def _update(folder: Path, since: int) -> dict[str, Any]:
    with Records.open(folder) as records:
        changes = records.changes(since)
        return update_data(changes, _touched(records, changes))


def _as_served(folder: Path) -> str:
    """A folder's name in commands that are run where the dashboard was started."""
    try:
        return Path(os.path.relpath(folder)).as_posix()
    except ValueError:  # on another drive there is no relative path
        return folder.as_posix()


def _touched(records: Records, changes: Changes) -> Snapshot:
    """The study with only the trials that changed or have new epochs, with all their epochs."""
    numbers = {trial.number for trial in changes.trials} | {row.trial for row in changes.epochs}
    trials = [trial for trial in records.trials() if trial.number in numbers]
    if has_repeats(trials):  # the mean of a repeated trial needs all of its repeats
        return read_snapshot(records)
    epochs = {trial.number: tuple(records.epochs(trial.number)) for trial in trials}
    events = tuple(records.events())
    return Snapshot(records.folder, records.info, tuple(trials), epochs, events, changes.revision)


def _is_index(text: str) -> bool:
    return text.isdecimal() and len(text) <= 3


def _damaged(key: str, problem: str) -> dict[str, Any]:
    return {
        "key": key,
        "name": key,
        "status": "damaged",
        "created": 0.0,
        "changed": 0.0,
        "problem": problem,
    }


def _address(key: str, **query: Any) -> str:
    """The address of a picture, relative to the page."""
    from urllib.parse import urlencode

    return f"picture?{urlencode({'key': key, **query})}"
