"""`gpus_per_trial: auto`, on a machine that is told to have GPUs."""

from pathlib import Path
from typing import Any

import pytest

from sr_models.errors import UserError
from tests.tuner.simulated import SimulatedEngine, new_study, run_tuner, study_config, study_file
from tuner.config import load_study
from tuner.executors.allocation import Allocation, Machine
from tuner.executors.gpu_pace import Sample
from tuner.executors.gpu_share import Pace
from tuner.lifecycle.allocate import allocate, share_gpus
from tuner.records import Records

GB = 10**9


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Sample, int]]:
    """A machine of 16 cores with two GPUs on which four trials at once gain; what was run."""
    tried: list[tuple[Sample, int]] = []

    def pace(sample: Sample, count: int) -> Pace:
        tried.append((sample, count))
        return Pace(min(count, 4), GB, 80 * GB)

    _machine(monkeypatch, Machine(16, 2))
    monkeypatch.setattr("tuner.executors.gpu_pace.measure_pace", pace)
    return tried


def _machine(monkeypatch: pytest.MonkeyPatch, machine: Machine) -> None:
    monkeypatch.setattr("tuner.executors.allocation.this_machine", lambda **_: machine)


def shared(records: Records, folder: Path, **sections: Any) -> tuple[Allocation, list[str]]:
    config = study_config(folder, gpus_per_trial="auto", **sections)
    said: list[str] = []
    allocation = allocate(config, None)
    return share_gpus(config, allocation, None, records, said.append), said


def test_it_is_measured_once_a_study(tmp_path: Path, measured: list[tuple[Sample, int]]) -> None:
    with new_study(study_config(tmp_path), tmp_path / "study") as records:
        allocation, (said,) = shared(records, tmp_path)
        assert allocation == Allocation(workers=8, threads=2, gpus=0.25)
        assert said.startswith("gpus_per_trial: auto: 4 on each GPU at once (each takes 1.6 of 80")
        assert [count for _, count in measured] == [1, 2, 4], "of eight trials on two GPUs"
        again, nothing = shared(records, tmp_path)
    assert (again, nothing) == (allocation, [])
    assert len(measured) == 3


def test_the_first_trial_is_what_is_run(tmp_path: Path, measured: list[tuple[Sample, int]]) -> None:
    with new_study(study_config(tmp_path), tmp_path / "study") as records:
        shared(records, tmp_path, baselines={"first": {"set": {"x": 0.125}}})
    assert {sample.config["x"] for sample, _ in measured} == {0.125}


def test_workers_are_the_most(tmp_path: Path, measured: list[tuple[Sample, int]]) -> None:
    with new_study(study_config(tmp_path), tmp_path / "study") as records:
        few, _ = shared(records, tmp_path, workers=3)
        assert few == Allocation(workers=3, threads=5, gpus=0.5), "two on a GPU, not more"
    assert [count for _, count in measured] == [1, 2]


def test_without_a_gpu_it_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: SimulatedEngine
) -> None:
    _machine(monkeypatch, Machine(4, 0))
    monkeypatch.setattr("tuner.executors.gpu_pace.measure_pace", lambda *_: pytest.fail("run"))
    file = study_file(tmp_path, gpus_per_trial="auto")
    assert run_tuner(file, "--results", tmp_path / "results") == 0
    config = load_study(file)
    assert config.gpus_per_trial == "auto"
    assert allocate(config, None).gpus == 0


def test_a_dry_run_says_what_the_study_will_find_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _machine(monkeypatch, Machine(16, 1))
    file = study_file(tmp_path, gpus_per_trial="auto", workers=None)
    assert run_tuner(file, "--results", tmp_path, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "workers      at most 8 trials at a time, each with 2 threads; at most 8 share a" in said


def test_another_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="gpus_per_trial"):
        load_study(study_file(tmp_path, gpus_per_trial="many"))
