from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.studies import FakeStudy, write_study
from tuner.analysis.snapshot import open_snapshot, read_snapshot
from tuner.analysis.utilization import run_utilization, utilization
from tuner.records import EpochRecord, EventKind, Records


def epoch(worker: str, started: float, ended: float) -> EpochRecord:
    return EpochRecord(0, 1, {}, started, ended, worker)


def test_one_worker_without_a_pause_is_always_training() -> None:
    found = run_utilization([epoch("w0", 5, 15), epoch("w0", 15, 25)])
    assert (found.training, found.available, found.ratio) == (20, 20, 1.0)


def test_pauses_and_a_late_start_of_a_worker_count() -> None:
    found = run_utilization([epoch("w0", 0, 10), epoch("w0", 12, 20), epoch("w1", 4, 10)])
    assert found.training == 24
    assert found.available == 20 + 10
    assert found.ratio == pytest.approx(0.8)
    assert found.workers == 2


def test_what_comes_after_a_workers_last_epoch_does_not_count() -> None:
    found = run_utilization([epoch("w0", 0, 100), epoch("w1", 0, 10)])
    assert found.ratio == 1.0


def test_the_time_between_two_runs_does_not_count(tmp_path: Path) -> None:
    study = FakeStudy(tmp_path / "s")
    trial = study.start()
    study.report(trial, started=1000.0, seconds=10.0)
    study.records.add_event(5000.0, EventKind.RESUMED)
    study.report(trial, started=5010.0, seconds=8.0)
    study.report(trial, started=5020.0, seconds=8.0)
    snapshot = read_snapshot(study.records)
    found = utilization(snapshot)
    assert (found.training, found.available) == (26.0, 28.0)


def test_an_epoch_that_the_next_run_recorded_counts_to_the_run_that_trained_it(
    tmp_path: Path,
) -> None:
    """A checkpoint has it when the run is interrupted, study.db has it from the next run."""
    study = FakeStudy(tmp_path / "s")
    trial = study.start()
    start = study.clock
    study.report(trial, started=start, seconds=10.0)
    study.records.add_event(start + 5000.0, EventKind.RESUMED)
    study.report(trial, started=start + 10.0, seconds=10.0)
    study.report(trial, started=start + 5010.0, seconds=10.0)
    found = utilization(read_snapshot(study.records))
    assert (found.training, found.available) == (30.0, 30.0)


def test_a_run_after_the_clock_was_set_back_is_a_run_of_its_own(tmp_path: Path) -> None:
    study = FakeStudy(tmp_path / "s")
    trial = study.start()
    study.report(trial, started=5000.0, seconds=10.0)
    study.records.add_event(100.0, EventKind.RESUMED)
    study.report(trial, started=110.0, seconds=10.0)
    found = utilization(read_snapshot(study.records))
    assert (found.training, found.available) == (20.0, 20.0)


def test_an_epoch_of_negative_length_counts_as_nothing() -> None:
    found = run_utilization([epoch("w0", 10, 5)])
    assert found.training == 0
    assert found.ratio is None


def test_nothing_trained(tmp_path: Path) -> None:
    with Records.create(tmp_path) as records:
        found = utilization(read_snapshot(records))
    assert found.ratio is None


def test_a_realistic_study(tmp_path: Path) -> None:
    write_study(tmp_path / "s", workers=3)
    found = utilization(open_snapshot(tmp_path / "s"))
    assert found.workers == 3
    assert found.ratio is not None
    assert 0.9 < found.ratio < 1


times = st.floats(0, 1e6)


@given(st.lists(st.tuples(st.sampled_from("abc"), times, times), min_size=1, max_size=8))
def test_the_ratio_is_a_share(drawn: list[tuple[str, float, float]]) -> None:
    ratio = run_utilization([epoch(*one) for one in drawn]).ratio
    assert ratio is None or 0 <= ratio <= 1
