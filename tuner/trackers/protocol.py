"""The interface of a tracker, as a feed uses it.

Everything is sent at least once: after a crash the feed sends again whatever may be missing, so a
tracker must be able to receive things twice. There are two ways to do that: a copy in local files
is written anew from study.db (which has every epoch), and a server is asked what it has.
"""

from collections.abc import Sequence
from typing import Protocol

from tuner.records import EpochRecord
from tuner.trackers.views.study import StudyView
from tuner.trackers.views.trial import TrialView


class TrialLog(Protocol):
    """The copy of a trial, open for writing."""

    recorded: int
    """Epochs up to this number are already in the copy."""

    def add(self, epochs: Sequence[EpochRecord]) -> None:
        """Add epochs, in order, each with a number above `recorded`."""

    def end(self, trial: TrialView) -> None:
        """Add state, pictures and the best epoch, make sure that all is stored, and close."""


class Tracker(Protocol):
    """An open connection to a tool."""

    is_new: bool
    """Whether there was no copy yet, so that everything must be sent whatever the cursor says."""

    @property
    def place(self) -> str:
        """Where the copy is and how to look at it, for the person at the keyboard."""

    def write_study(self, study: StudyView) -> None:
        """Write what is known of the study as a whole; called at the start and at the end."""

    def open_trial(self, study: StudyView, trial: TrialView) -> TrialLog:
        """Start the copy of a trial, or continue it, with the settings that it has now."""

    def close(self, study: StudyView) -> None:
        """Write what is only known at the end of a study (its best model); all trial logs are
        ended."""
