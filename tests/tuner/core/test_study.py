"""The state machine of a study: what it records, counts and tells the search, call by call."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from sr_models.errors import UserError
from tests.tuner.core.opened import epoch, open_study, raising, states
from tests.tuner.simulated import history, new_study, run_jobs, study_config
from tuner.core.job import EnqueuedTrial, Outcome
from tuner.objectives.analytic import CHECKPOINT, Analytic
from tuner.records import DiskError, Records, TrialKind, TrialState
from tuner.schedulers import Decision


class TestRecords:
    def test_a_trial_starts_with_its_first_epoch(self, tmp_path: Path) -> None:
        study = open_study(tmp_path)
        job = study.next_job()
        assert job is not None
        for number in (1, 2, 3):
            study.report(job.trial, epoch(number), "w")
        assert study.state.records.trials()[0].started == 1.0

    def test_an_epoch_and_its_decision_are_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Killed between the two, a trial would run on that the scheduler has stopped."""
        study = open_study(tmp_path, scheduler={"type": "asha", "grace_period": 1})
        job = study.next_job()
        assert job is not None
        monkeypatch.setattr(Records, "update_trial", raising(DiskError("full")))
        with pytest.raises(DiskError):
            study.report(job.trial, epoch(1), "w")
        assert study.state.records.epochs() == []
        assert states(study) == {"T000": TrialState.RUNNING}

    def test_a_commit_that_fails_leaves_nothing_open(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        study = open_study(tmp_path)
        records = study.state.records
        real = records._connection

        class Full:
            in_transaction = property(lambda _: real.in_transaction)
            rollback, execute = real.rollback, real.execute

            def commit(self) -> None:
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorname = "SQLITE_FULL"
                raise error

        monkeypatch.setattr(records, "_connection", Full())
        with pytest.raises(DiskError, match="the disk is full"):
            records.set_info("lost", 1)
        monkeypatch.undo()
        records.set_info("kept", 2)
        with Records.open(records.folder) as reader:
            assert "lost" not in reader.info
            assert reader.info["kept"] == 2

    def test_a_crowded_gpu_costs_a_trial_no_try(self, tmp_path: Path) -> None:
        study = open_study(tmp_path, retries=0)
        job = study.next_job()
        assert job is not None
        study.report(job.trial, epoch(1), "w")
        for _ in range(3):
            study.ended(job.trial, Outcome("out of memory", "OutOfMemoryError", gpu_share=0.5))
            again = study.next_job()
            assert again is not None
            assert (again.trial, again.recorded) == (job.trial, 1)
        assert study.state.trials[job.trial].retries == 0

    def test_what_a_trial_is_trained_by_is_kept_on_disk_alone(self, tmp_path: Path) -> None:
        """A super-resolution config takes 3 kB of memory, more than all else that is known."""
        study = open_study(tmp_path)
        job = study.next_job()
        assert job is not None
        study.ended(job.trial, Outcome("killed", "WorkerDied"))
        again = study.next_job()
        assert again is not None
        assert again.config == job.config
        assert study.state.trials[job.trial].config == {}
        assert study.state.records.trials()[0].config == job.config.model_dump(mode="json")

    def test_a_last_epoch_and_the_end_are_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        study = open_study(tmp_path, workers=2, objective={"max_epochs": 2})
        first, second = study.next_job(), study.next_job()
        assert first is not None
        assert second is not None
        study.report(first.trial, epoch(1), "w", end=True)
        study.report(second.trial, epoch(1), "w")
        monkeypatch.setattr(Records, "update_trial", raising(DiskError("full")))
        with pytest.raises(DiskError):
            study.report(second.trial, epoch(2), "w", end=True)
        one, two = study.state.records.trials()
        assert (one.state, one.reason) == (TrialState.COMPLETE, "patience")
        assert two.state is TrialState.RUNNING
        assert [e.epoch for e in study.state.records.epochs(second.trial)] == [1]

    def test_a_checkpoint_outlives_the_trial_until_its_end_is_recorded(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Deleted before, a run that is killed in between would begin the trial again."""
        study = open_study(
            tmp_path, scheduler={"type": "asha", "grace_period": 1, "mode": "stop"}, workers=2
        )
        for value in (30.0, 20.0):
            job = study.next_job()
            assert job is not None
            job.folder.mkdir(parents=True)
            (job.folder / CHECKPOINT).write_text("{}")
            if value == 20.0:
                monkeypatch.setattr(
                    Analytic,
                    "discard_checkpoint",
                    _asserting(lambda: states(study)["T001"], "stopped"),
                )
            decision = study.report(job.trial, epoch(1, value), "w")
        assert decision is Decision.STOP

    def test_what_a_killed_run_did_not_delete_is_deleted_later(self, tmp_path: Path) -> None:
        sections = {"scheduler": {"type": "asha", "grace_period": 1, "mode": "stop"}}
        config = study_config(tmp_path, **sections)
        new_study(config, tmp_path / "study").close()
        run_jobs(config, tmp_path / "study")
        with Records.open(tmp_path / "study") as records:
            stopped = [t.name for t in records.trials() if t.state is TrialState.STOPPED]
        left = tmp_path / "study" / "trials" / stopped[0] / CHECKPOINT
        assert not left.exists(), "a stopped trial needs none"
        left.write_text("{}")
        open_study(tmp_path, **sections)
        assert not left.exists()

    def test_a_clock_that_is_set_back_is_told_of(self, tmp_path: Path) -> None:
        study = open_study(tmp_path)
        times = iter([5000.0, 5001.0, 1400.0, 1401.0, 1402.0, 1403.0])
        study.state.clock = lambda: next(times)
        told: list[str] = []
        study.state.on_warning = told.append
        first = study.next_job()
        assert first is not None
        study.report(first.trial, epoch(1), "w")
        study.ended(first.trial, Outcome())
        second = study.next_job()
        assert second is not None
        study.ended(second.trial, Outcome())
        assert told == ["the clock was set back by 3601 s: times will overlap"]
        (warning,) = [e for e in study.state.records.events() if e.kind == "warning"]
        assert warning.data["text"] == told[0]
        assert open_study(tmp_path).next_job() is not None, "goes on"


def test_repeats_are_neither_the_best_nor_trials_of_the_search(tmp_path: Path) -> None:
    """As tuner/analysis/ranking.py has it, at hand while the study runs."""
    study = open_study(tmp_path, budget={"trials": 2})
    names = []
    for value in (25.0, 24.0):
        job = study.next_job()
        assert job is not None
        study.report(job.trial, epoch(1, value), "w")
        study.ended(job.trial, Outcome())
        names.append(study.state.trials[job.trial])
    study.only(
        [
            EnqueuedTrial(f"{trial.name}-seed1", TrialKind.CONFIRM, {**trial.params, "seed": 1})
            for trial in names
        ]
    )
    assert (study.done, study.planned) == (0, 2)
    for value, best in ((24.5, 24.5), (26.0, 26.0)):
        job = study.next_job()
        assert job is not None
        study.report(job.trial, epoch(1, value), "w")
        study.ended(job.trial, Outcome())
        found = study.state.trials.best
        assert found is not None
        assert (found.value, found.repeats) == (best, 1)
    assert found.name == names[1].name
    assert found.gained == 2.0
    assert (study.done, study.planned) == (2, 2)
    again = open_study(tmp_path, budget={"trials": 2})
    assert (again.done, again.planned) == (2, 2)
    assert again.state.trials.best == found


def _asserting(found: Callable[[], object], wanted: object) -> Callable[..., None]:
    def function(*_: object) -> None:
        assert found() == wanted

    return function


class TestNames:
    def test_a_baseline_may_have_a_proposed_trials_name(self, tmp_path: Path) -> None:
        config = study_config(
            tmp_path,
            baselines={"T001": {"set": {"x": 0.1}}, "T002": {"set": {"x": 0.2}}},
            budget={"trials": 3},
        )
        new_study(config, tmp_path / "study").close()
        run_jobs(config, tmp_path / "study", epochs=12)
        run_jobs(config, tmp_path / "study")
        assert [trial[0] for trial in history(tmp_path / "study")[0]] == [
            "T001", "T002", "T002b", "T003", "T004",
        ]  # fmt: skip

    def test_a_new_baseline_may_not(self, tmp_path: Path) -> None:
        config = study_config(tmp_path)
        new_study(config, tmp_path / "study").close()
        run_jobs(config, tmp_path / "study")
        with pytest.raises(UserError, match=r"baselines\.T001: .* choose another"):
            open_study(tmp_path, baselines={"T001": {"set": {"x": 0.1}}})


class TestConstraints:
    @pytest.mark.parametrize("cuts", [(3, 20, 31), (12, 12, 12, 12)])
    def test_killed_and_resumed_equals_never_killed(
        self, tmp_path: Path, cuts: tuple[int, ...]
    ) -> None:
        """Rejected proposals have a place in the sampler's view: TPE weighs trials by their age."""
        config = study_config(
            tmp_path,
            objective={"max_epochs": 2},
            search={"x": {"low": 0.0, "high": 1.0}, "depth": {"low": 1, "high": 16}},
            constraints={"parameters": {"max": 8000, "min": 2000}},
            sampler={"type": "tpe", "startup_trials": 5},
            budget={"trials": 40},
        )
        for name in ("whole", "cut"):
            new_study(config, tmp_path / name).close()
        run_jobs(config, tmp_path / "whole")
        for cut in cuts:
            run_jobs(config, tmp_path / "cut", epochs=cut)
        run_jobs(config, tmp_path / "cut")
        assert history(tmp_path / "cut") == history(tmp_path / "whole")
        with Records.open(tmp_path / "whole") as records:
            assert sum(event.kind == "infeasible" for event in records.events()) > 5
            assert all(2000 <= t.static_metrics["parameters"] <= 8000 for t in records.trials())

    def test_two_metrics_stop_early_by_the_first(self, tmp_path: Path) -> None:
        config = study_config(
            tmp_path,
            search={"x": {"low": 0.0, "high": 1.0}, "depth": {"low": 1, "high": 16}},
            metric=["validation/psnr", "parameters"],
            scheduler={"type": "asha", "grace_period": 1, "mode": "stop"},
            constraints={"parameters": {"max": 9000}},
            budget={"trials": 20},
        )
        new_study(config, tmp_path / "study").close()
        study = run_jobs(config, tmp_path / "study", workers=2)
        with Records.open(tmp_path / "study") as records:
            trials, epochs = records.trials(), records.epochs()
        assert {trial.state for trial in trials} == {TrialState.COMPLETE, TrialState.STOPPED}
        assert all(trial.static_metrics["parameters"] <= 9000 for trial in trials)
        complete = [t for t in study.state.suggester.optuna_trials if t.state.name == "COMPLETE"]
        assert complete
        assert all(t.values[1] == 1000 * t.params["depth"] for t in complete)
        first = {row.trial: row.metrics["validation/psnr"] for row in epochs if row.epoch == 1}
        stopped = {t.number for t in trials if t.state is TrialState.STOPPED}
        assert max(first, key=lambda number: first[number]) not in stopped


def test_no_repeat_is_told_to_the_search(tmp_path: Path) -> None:
    """A confirmed setting would weigh as many times as it has seeds."""
    study = open_study(tmp_path)
    from tuner.core.job import EnqueuedTrial

    study.only([EnqueuedTrial("T000-seed1", TrialKind.CONFIRM, {"x": 0.5, "seed": 1})])
    job = study.next_job()
    assert job is not None
    study.report(job.trial, epoch(1), "w")
    study.ended(job.trial, Outcome())
    assert study.next_job() is None
    assert study.finished == "all trials done"
    assert study.state.suggester.optuna_trials == []
