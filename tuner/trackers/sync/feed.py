"""Sends a tracker what is new in study.db, from where it left off.

The feed follows study.db instead of the trial loop, so a slow tracker delays nothing else, and a
finished study is sent by the same code as a running study.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tuner.records import Records, TrialRecord
from tuner.trackers.protocol import Tracker, TrialLog
from tuner.trackers.sync.cursor import Cursor
from tuner.trackers.sync.disk import require_space
from tuner.trackers.views.params import Scalar
from tuner.trackers.views.study import StudyView
from tuner.trackers.views.trial import TrialView, trial_view

Tell = Callable[[str, int, int], None]
"""Called before each piece of work with its name, the pieces done, and out of how many."""


class Feed:
    """The feed of a tracker."""

    def __init__(
        self, records: Records, config: Any, path: Path, tell: Tell, *, afresh: bool
    ) -> None:
        self._records = records
        self._path = path
        self._tell = tell
        self._logs: dict[int, tuple[TrialLog, dict[str, Scalar]]] = {}
        tell(f"opening {config.type}", 0, 1)
        require_space(records.folder)
        self._study = StudyView.read(records)
        self._tracker: Tracker = config.connect(self._study)
        cursor = Cursor.load(path, config.destination(), self._study.goals)
        if afresh or self._tracker.is_new:
            cursor = Cursor(config.destination(), goals=cursor.goals)
        self._cursor = cursor
        self._unsure = set(cursor.open)
        self._trials = {trial.number: trial for trial in records.trials()}
        self._baselines_told = False
        self._tell_study()

    @property
    def place(self) -> str:
        """Where the copy is and how to look at it."""
        return self._tracker.place

    def step(self) -> None:
        """Send all that is new in study.db, then move the cursor."""
        if self._records.revision == self._cursor.revision and not self._unsure:
            return
        changes = self._records.changes(self._cursor.revision)
        self._trials |= {trial.number: trial for trial in changes.trials}
        numbers = {trial.number for trial in changes.trials} | {e.trial for e in changes.epochs}
        self._each(sorted(numbers | self._unsure), self._update)
        self._unsure.clear()
        self._move(changes.revision)

    def finish(self) -> None:
        """Send the rest, end what is open, and write what is only known at the end."""
        self.step()
        self._each(sorted(self._logs), self._end)
        self._tell_study()
        self._tell("the best model", 0, 1)
        self._tracker.close(self._study)
        self._move(self._cursor.revision)

    def _tell_study(self) -> None:
        self._tell("the study", 0, 1)
        self._study = StudyView.read(self._records)
        self._tracker.write_study(self._study)
        if self._baselines_told:
            return
        self._baselines_told = True
        for baseline in self._study.baselines:
            log = self._tracker.open_trial(self._study, baseline)
            log.add(_after(log.recorded, baseline))
            log.end(baseline)

    def _each(self, numbers: list[int], work: Callable[[TrialRecord], None]) -> None:
        for done, number in enumerate(numbers):
            record = self._trials[number]
            self._tell(f"trial {record.name}", done, len(numbers))
            require_space(self._records.folder)
            work(record)

    def _update(self, record: TrialRecord) -> None:
        trial = trial_view(self._records, record)
        log = self._log(trial)
        log.add(_after(log.recorded, trial))
        if not trial.running:
            self._end(record)

    def _end(self, record: TrialRecord) -> None:
        log, _ = self._logs.pop(record.number)
        log.end(trial_view(self._records, record))

    def _log(self, trial: TrialView) -> TrialLog:
        """The open copy of a trial. If its settings have changed (PBT), the copy starts again."""
        number = trial.record.number
        known = self._logs.get(number)
        if known and known[1] != trial.settings:
            self._end(trial.record)
            known = None
        if known is None:
            known = self._tracker.open_trial(self._study, trial), trial.settings
            self._logs[number] = known
        return known[0]

    def _move(self, revision: int) -> None:
        self._cursor = replace(self._cursor, revision=revision, open=sorted(self._logs))
        self._cursor.save(self._path)


def _after(epoch: int, trial: TrialView) -> list[Any]:
    return [record for record in trial.epochs if record.epoch > epoch]
