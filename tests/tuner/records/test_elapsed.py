"""When a study ran: pauses between its runs and what prepares a run are no running time."""

from tuner.records import EpochRecord, Event, EventKind
from tuner.records.elapsed import elapsed, runs


def event(revision: int, time: float, kind: EventKind) -> Event:
    return Event(time, kind, None, {}, revision)


def epoch(revision: int, started: float, ended: float) -> EpochRecord:
    return EpochRecord(0, revision, {}, started, ended, "w", revision)


def test_pauses_and_a_run_that_was_interrupted_while_ray_was_started_do_not_count() -> None:
    events = [
        event(1, 0.0, EventKind.STARTED),
        event(2, 10.0, EventKind.SEARCHING),
        event(4, 30.0, EventKind.ENDED),
        event(5, 1000.0, EventKind.RESUMED),
        event(6, 1008.0, EventKind.ENDED),
        event(7, 2000.0, EventKind.RESUMED),
        event(8, 2010.0, EventKind.SEARCHING),
        event(11, 2050.0, EventKind.ENDED),
    ]
    # kept before the interruption, recorded after it (revision 9)
    epochs = [epoch(3, 11.0, 19.0), epoch(9, 19.0, 29.0), epoch(10, 2011.0, 2040.0)]
    found = runs(events, epochs)
    assert [(run.began, run.ended) for run in found] == [(10, 30), (1000, 1000), (2010, 2050)]
    assert [len(run.epochs) for run in found] == [2, 0, 1]
    assert elapsed(events, epochs) == 20.0 + 40.0


def test_repeats_are_a_run_of_their_own_and_a_killed_run_lasted_to_its_last_epoch() -> None:
    events = [
        event(1, 0.0, EventKind.STARTED),
        event(2, 5.0, EventKind.SEARCHING),
        event(4, 500.0, EventKind.CONFIRMING),
        event(5, 510.0, EventKind.SEARCHING),
        event(7, 530.0, EventKind.ENDED),
        event(8, 900.0, EventKind.EXTENDED),
        event(9, 904.0, EventKind.SEARCHING),
    ]
    epochs = [epoch(3, 6.0, 45.0), epoch(6, 511.0, 529.0), epoch(10, 905.0, 914.0)]
    assert [run.seconds for run in runs(events, epochs)] == [40.0, 20.0, 10.0]
    assert elapsed(events, epochs) == 50.0


def test_time_that_runs_backwards_is_no_time() -> None:
    events = [
        Event(1000.0, EventKind.STARTED, None, {}, 1),
        Event(400.0, EventKind.WARNING, None, {}, 4),
        Event(500.0, EventKind.RESUMED, None, {}, 6),
        Event(900.0, EventKind.CONFIRMING, None, {}, 9),
    ]
    epochs = [
        EpochRecord(0, 1, {}, 1000.0, 1060.0, revision=3),
        EpochRecord(0, 2, {}, 400.0, 460.0, revision=5),
        EpochRecord(0, 3, {}, 500.0, 530.0, revision=7),
        EpochRecord(1, 1, {}, 900.0, 2000.0, revision=10),
    ]
    assert elapsed(events, epochs) == 60.0 + 30.0


def test_what_prepares_a_search_does_not_count() -> None:
    events = [
        Event(1000.0, EventKind.STARTED, None, {}, 1),
        Event(1030.0, EventKind.SEARCHING, None, {}, 2),
        Event(2000.0, EventKind.RESUMED, None, {}, 4),
        Event(2007.0, EventKind.LEARNED, None, {}, 5),  # killed while Ray was started
    ]
    epochs = [EpochRecord(0, 1, {}, 1035.0, 1090.0, revision=3)]
    assert elapsed(events, epochs) == 60.0
