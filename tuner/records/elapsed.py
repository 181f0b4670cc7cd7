"""How long a study has run, over all its runs."""

from collections.abc import Sequence

from tuner.records import RUN_STARTS, EpochRecord, Event, EventKind


def elapsed(events: Sequence[Event], epochs: Sequence[EpochRecord]) -> float:
    """Seconds of all searches, without what prepares them, or the repeats that confirm their best.

    A search that was killed counts to its last recorded epoch. A clock that was set back makes a
    run count as nothing, never as less.
    """
    total = 0.0
    starts = [event for event in events if event.kind in (*RUN_STARTS, EventKind.CONFIRMING)]
    for index, start in enumerate(starts):
        if start.kind is EventKind.CONFIRMING:
            continue
        until = starts[index + 1].revision if index + 1 < len(starts) else float("inf")
        run = [event for event in events if start.revision <= event.revision < until]
        begun = next((event for event in run if event.kind is EventKind.SEARCHING), start)
        times = [event.time for event in run]
        times += [epoch.ended for epoch in epochs if start.revision < epoch.revision < until]
        total += max(0.0, max(times) - begun.time)
    return total
