"""Whether a study runs, was interrupted or has ended, by its own account."""

from collections.abc import Sequence
from enum import StrEnum

from tuner.records import RUN_STARTS, Event, EventKind

INTERRUPTED = "interrupted"
"""The reason of a run that ended before its time, at a person's wish."""
ALL_DONE = "all trials done"
"""The reason of a search that has run all trials that it was asked for."""
OUT_OF_TIME = "budget"
"""The reason of a search whose time was used up."""
USED_UP = "every setting of the space has been tried"
"""The reason of a search that could propose nothing new."""


class StudyStatus(StrEnum):
    """What the last run of a study is known to have come to.

    One that was killed had no chance to say so: it is `running` until it is resumed.
    """

    RUNNING = "running"
    INTERRUPTED = INTERRUPTED
    ENDED = "ended"


def study_status(events: Sequence[Event]) -> StudyStatus:
    """The status of the study with these events, the oldest first."""
    runs = [event for event in events if event.kind in (*RUN_STARTS, EventKind.ENDED)]
    if not runs or runs[-1].kind is not EventKind.ENDED:
        return StudyStatus.RUNNING
    interrupted = runs[-1].data.get("reason") == INTERRUPTED
    return StudyStatus.INTERRUPTED if interrupted else StudyStatus.ENDED


def search_end(events: Sequence[Event]) -> str | None:
    """Why the last search ended, whatever was confirmed since; None while none has ended."""
    reason, confirming = None, False
    for event in events:
        if event.kind in (*RUN_STARTS, EventKind.CONFIRMING):
            confirming = event.kind is EventKind.CONFIRMING
            reason = reason if confirming else None
        elif event.kind is EventKind.ENDED and not confirming:
            reason = str(event.data.get("reason"))
    return reason
