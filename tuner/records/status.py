"""Whether a study is running, was interrupted or has ended, according to its own events."""

from collections.abc import Sequence
from enum import StrEnum

from tuner.records import RUN_STARTS, Event, EventKind

INTERRUPTED = "interrupted"
"""Why a run ended: a person stopped it."""
ALL_DONE = "all trials done"
"""Why a search ended: all trials that were asked for are done."""
OUT_OF_TIME = "budget"
"""Why a search ended: its time is used up."""
USED_UP = "every setting of the space has been tried"
"""Why a search ended: no setting is left that has not been tried."""


class StudyStatus(StrEnum):
    """The status of a study after its last run.

    A run that was killed could not record its end, so its study is `running` until it is resumed.
    """

    RUNNING = "running"
    INTERRUPTED = INTERRUPTED
    ENDED = "ended"


def study_status(events: Sequence[Event]) -> StudyStatus:
    """Return the status of a study from its events, oldest first."""
    runs = [event for event in events if event.kind in (*RUN_STARTS, EventKind.ENDED)]
    if not runs or runs[-1].kind is not EventKind.ENDED:
        return StudyStatus.RUNNING
    interrupted = runs[-1].data.get("reason") == INTERRUPTED
    return StudyStatus.INTERRUPTED if interrupted else StudyStatus.ENDED


def search_end(events: Sequence[Event]) -> str | None:
    """Return why the last search ended, or None while it has not; confirming is no search.

    Args:
        events: all events of the study, oldest first.
    """
    reason, confirming = None, False
    for event in events:
        if event.kind in (*RUN_STARTS, EventKind.CONFIRMING):
            confirming = event.kind is EventKind.CONFIRMING
            reason = reason if confirming else None
        elif event.kind is EventKind.ENDED and not confirming:
            reason = str(event.data.get("reason"))
    return reason
