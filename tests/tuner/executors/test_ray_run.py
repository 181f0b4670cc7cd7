"""A study on real Ray workers: what becomes of them, and of their trials."""

import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.tuner.simulated import run_tuner, study_file, trained
from tuner.core.study import Study
from tuner.objectives.protocol import Epoch
from tuner.records import EpochRecord, Records, TrialRecord, TrialState
from tuner.schedulers import Decision

pytestmark = pytest.mark.usefixtures("ray_started")

FAULTS: dict[str, dict[str, Any]] = {
    "raises": {"fail_at": 3},
    "raises-once": {"fail_at": 3, "fail_once": True},
    "nan": {"nan_at": 2, "nan_silently": True},
    "dies": {"exit_at": 3, "exit_once": False},
    "dies-once": {"exit_at": 3},
    "breaks-gpu": {"fail_at": 2, "fail_text": "CUDA error: device-side assert triggered"},
}
EPOCHS = 5


@dataclass(frozen=True)
class Ended:
    """A study that has run."""

    folder: Path
    code: int

    @property
    def trials(self) -> dict[str, TrialRecord]:
        with Records.open(self.folder) as records:
            return {trial.name: trial for trial in records.trials()}

    def epochs(self, name: str | None = None) -> list[EpochRecord]:
        with Records.open(self.folder) as records:
            return records.epochs(None if name is None else records.trial(name).number)

    def events(self, kind: str) -> list[Any]:
        with Records.open(self.folder) as records:
            return [event for event in records.events() if event.kind == kind]

    def computed(self, name: str) -> list[int]:
        """The epochs that a trial computed, repeats included."""
        lines = [line.rsplit(" ", 1) for line in trained(self.folder)]
        return [int(epoch) for trial, epoch in lines if trial == name]

    def processes(self, *names: str) -> list[str]:
        """The worker processes of some trials, in their order."""
        workers = [epoch.worker for name in names for epoch in self.epochs(name)]
        return list(dict.fromkeys(workers))


def run(root: Path, *options: object, **sections: Any) -> Ended:
    file = root / "toy.yaml"
    if not file.exists():
        study_file(root, **({"workers": 2, "threads": 1} | sections))
    code = run_tuner(file, "--results", root / "results", "--quiet", *options)
    return Ended(root / "results" / "toy", code)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, ray_started: None) -> Ended:
    """One study in which all goes wrong that can, and some trials are well."""
    return run(
        tmp_path_factory.mktemp("faults"),
        objective={"max_epochs": EPOCHS},
        baselines={"well": {"set": {}}} | {name: {"set": one} for name, one in FAULTS.items()},
        budget={"trials": 4},
    )


class TestFaults:
    def test_the_study_goes_on(self, ended: Ended) -> None:
        assert ended.code == 0
        complete = {n for n, trial in ended.trials.items() if trial.state is TrialState.COMPLETE}
        assert complete == {"well", "raises-once", "dies-once", "T007", "T008", "T009", "T010"}

    def test_an_error_is_tried_again_and_then_recorded(self, ended: Ended) -> None:
        trial = ended.trials["raises"]
        assert (trial.state, trial.retries) == (TrialState.FAILED, 1)
        assert trial.error == "RuntimeError: epoch 3 fails, as fail_at asks"
        assert "in _fault" in str(trial.traceback)
        assert ended.computed("raises") == [1, 2, 3, 3]

    def test_an_error_that_does_not_come_again_costs_one_epoch(self, ended: Ended) -> None:
        assert ended.trials["raises-once"].retries == 1
        assert ended.computed("raises-once") == [1, 2, 3, 3, 4, 5]
        number = ended.trials["raises-once"].number
        (retry,) = [event for event in ended.events("retried") if event.trial == number]
        assert retry.data["error"] == "RuntimeError: epoch 3 fails, as fail_at asks"

    def test_a_value_that_is_not_finite_is_no_epoch_and_not_tried_again(self, ended: Ended) -> None:
        trial = ended.trials["nan"]
        assert (trial.state, trial.retries) == (TrialState.FAILED, 0)
        assert trial.reason == "NonFiniteError"
        assert "is nan in epoch 2" in str(trial.error)
        assert [epoch.epoch for epoch in ended.epochs("nan")] == [1]

    def test_a_worker_that_dies_is_replaced_and_its_trial_goes_on(self, ended: Ended) -> None:
        assert ended.trials["dies-once"].retries == 1
        assert [epoch.epoch for epoch in ended.epochs("dies-once")] == [1, 2, 3, 4, 5]
        assert ended.computed("dies-once") == [1, 2, 3, 3, 4, 5]
        workers = [epoch.worker for epoch in ended.epochs("dies-once")]
        assert len(set(workers)) == 2

    def test_a_trial_that_kills_its_workers_has_failed(self, ended: Ended) -> None:
        trial = ended.trials["dies"]
        assert (trial.state, trial.reason, trial.retries) == (TrialState.FAILED, "WorkerDied", 1)
        assert "the worker process died" in str(trial.error)
        assert "exit" in str(trial.traceback), "what Ray knows of it"

    def test_a_worker_whose_gpu_is_broken_is_replaced(self, ended: Ended) -> None:
        """After such an error CUDA refuses all work: every later trial would fail with it."""
        trial = ended.trials["breaks-gpu"]
        assert (trial.state, trial.retries) == (TrialState.FAILED, 1)
        assert trial.error == "RuntimeError: CUDA error: device-side assert triggered"
        assert "in _fault" in str(trial.traceback)
        (broken,) = ended.processes("breaks-gpu")
        after = [e for e in ended.epochs() if e.revision > ended.epochs("breaks-gpu")[-1].revision]
        own = ended.computed("breaks-gpu")
        assert own == [1, 2, 2]
        assert broken not in {epoch.worker for epoch in after}


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The jobs as Ray knows them."""
    from tuner.executors.ray.adapters import JobScheduler

    seen: list[Any] = []
    add = JobScheduler.on_trial_add

    def note(scheduler: JobScheduler, controller: Any, trial: Any) -> None:
        seen.append(trial)
        add(scheduler, controller, trial)

    monkeypatch.setattr(JobScheduler, "on_trial_add", note)
    return seen


def test_workers_live_as_long_as_the_study(tmp_path: Path, jobs: list[Any]) -> None:
    ended = run(tmp_path, objective={"max_epochs": 3}, budget={"trials": 12})
    assert len(ended.trials) == 12
    processes = ended.processes(*ended.trials)
    assert len(processes) <= 2, "no process start for a trial"
    assert [len(ended.epochs(name)) for name in ended.trials] == [3] * 12
    assert len(jobs) == 12
    assert sum(bool(job.metric_n_steps) for job in jobs) <= 4, "the driver grows by no averages"
    assert not any("psnr" in name for job in jobs for name in job.metric_n_steps)


def test_trials_that_all_fail_alike_end_the_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = run(tmp_path, objective={"fail_at": 2}, budget={"trials": 50}, retries=0, workers=1)
    assert ended.code == 1
    assert len(ended.trials) <= 5
    (end,) = ended.events("ended")
    assert "failed alike: RuntimeError: epoch 2 fails" in end.data["reason"]
    assert "Traceback" not in capsys.readouterr().err


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Kills the worker of trial 0 in its third epoch; holds its name then."""
    report, done = Study.report, list[str]()

    def kill(worker: str) -> None:
        os.kill(int(worker.rpartition(":")[2]), signal.SIGKILL)

    def report_and_kill(
        study: Study, trial: int, epoch: Epoch, worker: str, *, end: bool = False
    ) -> Decision:
        if (trial, epoch.number) == (0, 2):
            done.append(worker)
            threading.Timer(0.05, kill, [worker]).start()
        return report(study, trial, epoch, worker, end=end)

    monkeypatch.setattr(Study, "report", report_and_kill)
    return done


def test_a_worker_that_is_killed_costs_one_epoch(tmp_path: Path, killed: list[str]) -> None:
    ended = run(
        tmp_path,
        objective={"max_epochs": 12, "seconds_per_epoch": 0.1},
        budget={"trials": 2},
        workers=1,
    )
    assert ended.code == 0
    assert [trial.retries for trial in ended.trials.values()] == [1, 0]
    first = next(iter(ended.trials))
    assert [epoch.epoch for epoch in ended.epochs(first)] == list(range(1, 13))
    assert len(ended.computed(first)) - len(set(ended.computed(first))) <= 1
    before, after = ended.processes(first)
    assert [before] == killed
    assert ended.processes(*ended.trials) == [before, after]


def test_time_that_is_up_stops_trials_and_more_of_it_goes_on(tmp_path: Path) -> None:
    sections: dict[str, Any] = {
        "objective": {"max_epochs": 40, "seconds_per_epoch": 0.05},
        "budget": {"trials": 3},
        "workers": 1,
    }
    ended = run(tmp_path, "--max-time", "3s", **sections)
    assert ended.code == 0
    stopped = [trial for trial in ended.trials.values() if trial.reason == "budget"]
    assert stopped
    assert {trial.state for trial in stopped} == {TrialState.STOPPED}
    ended = run(tmp_path, "--resume", "--max-time", "10m")
    assert ended.code == 0
    assert {(t.state, t.reason) for t in ended.trials.values()} == {
        (TrialState.COMPLETE, "max_epochs")
    }
    for name in ended.trials:
        assert [epoch.epoch for epoch in ended.epochs(name)] == list(range(1, 41))
        assert len(ended.computed(name)) <= 41, "but for the epoch that was under way"


def test_promoted_trials_go_on_from_their_checkpoints(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        scheduler={"type": "asha", "grace_period": 1, "reduction_factor": 3, "mode": "promote"},
        budget={"trials": 9},
        workers=1,
    )
    assert ended.code == 0
    promoted = {event.trial for event in ended.events("promoted")}
    assert promoted
    numbers = {trial.number: trial for trial in ended.trials.values()}
    assert any(numbers[trial].state is TrialState.COMPLETE for trial in promoted)
    assert len(trained(ended.folder)) == len(set(trained(ended.folder))) == len(ended.epochs())
    assert len(ended.processes(*ended.trials)) <= 2
