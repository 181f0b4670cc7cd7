"""What a feed asks of a tracker.

Everything is told at least once: after a crash the feed tells again what it is not sure of, so a
tracker must be able to hear things twice. There are two ways to that: a copy in files of our own is
written anew from study.db (every epoch is there), a server is asked what it has.
"""

from collections.abc import Sequence
from typing import Protocol

from tuner.records import EpochRecord
from tuner.trackers.views.study import StudyView
from tuner.trackers.views.trial import TrialView


class TrialLog(Protocol):
    """The copy of one trial, open for writing."""

    recorded: int
    """Epochs up to this number are in the copy already."""

    def add(self, epochs: Sequence[EpochRecord]) -> None:
        """Add epochs, in order, each with a number above `recorded`."""

    def end(self, trial: TrialView) -> None:
        """Add state, pictures and the best epoch, and see the copy safe; closes it."""


class Tracker(Protocol):
    """An open connection to one tool."""

    is_new: bool
    """Whether there was no copy yet, so that all must be told whatever the cursor says."""

    @property
    def place(self) -> str:
        """Where the copy lies and what to look at it with, for the person at the keyboard."""

    def write_study(self, study: StudyView) -> None:
        """Write what is known of the study as a whole; told at the start and at the end."""

    def open_trial(self, study: StudyView, trial: TrialView) -> TrialLog:
        """Start the copy of a trial, or go on with it, under the settings that it has now."""

    def close(self, study: StudyView) -> None:
        """Write what only the end of a study tells (its best model); all trial logs are ended."""
