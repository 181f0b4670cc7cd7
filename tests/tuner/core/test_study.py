"""The state machine of a study where something goes wrong between two of its calls."""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sr_models.errors import UserError, WorkFailedError
from tests.tuner.simulated import history, hurry, new_study, run_jobs, study_config, trained
from tuner.core.job import EnqueuedTrial, Outcome
from tuner.core.study import Study
from tuner.lifecycle.build import build_study
from tuner.objectives.analytic import CHECKPOINT, Analytic, AnalyticConfig
from tuner.objectives.protocol import Epoch, TrialContext
from tuner.records import DiskError, EpochRecord, Event, EventKind, Records, TrialKind, TrialState
from tuner.records.elapsed import elapsed
from tuner.schedulers import Decision

FULL = OSError(errno.ENOSPC, "No space left on device")


def open_study(root: Path, *, workers: int = 1, **sections: Any) -> Study:
    config = study_config(root, **sections)
    if not (root / "study").is_dir():
        new_study(config, root / "study").close()
    records = Records.open(root / "study", write=True)
    hurry(records)
    return build_study(config, records, workers=workers, clock=lambda: 0.0)


def epoch(number: int, value: float = 25.0) -> Epoch:
    return Epoch(number, {"validation/psnr": value}, float(number), number + 1.0)


def states(study: Study) -> dict[str, TrialState]:
    return {trial.name: trial.state for trial in study.state.records.trials()}


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
        monkeypatch.setattr(Records, "update_trial", _raising(DiskError("full")))
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
        monkeypatch.setattr(Records, "update_trial", _raising(DiskError("full")))
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


def _raising(error: Exception) -> Callable[..., None]:
    def function(*_: object, **__: object) -> None:
        raise error

    return function


def _asserting(found: Callable[[], object], wanted: object) -> Callable[..., None]:
    def function(*_: object) -> None:
        assert found() == wanted

    return function


class TestSettingsThatCannotBeBuilt:
    def broken(
        self, monkeypatch: pytest.MonkeyPatch, when: Callable[[AnalyticConfig], bool]
    ) -> None:
        static_metrics = Analytic.static_metrics

        def raising(self: Analytic, config: AnalyticConfig) -> dict[str, float]:
            if when(config):
                raise ValueError(f"no network of depth {config.depth}")
            return static_metrics(self, config)

        monkeypatch.setattr(Analytic, "static_metrics", raising)

    def test_are_failed_trials(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.broken(monkeypatch, lambda config: config.kind == "b")
        baselines = {"AS-0": {"set": {}}, "AS-1": {"set": {"kind": "b"}}}
        config = study_config(tmp_path, baselines=baselines)
        new_study(config, tmp_path / "study").close()
        study = run_jobs(config, tmp_path / "study", workers=2)
        with Records.open(tmp_path / "study") as records:
            trials = records.trials()
        assert len(trials) == 16
        for trial in trials:
            assert (trial.state is TrialState.FAILED) == (trial.params.get("kind") == "b")
            if trial.state is TrialState.FAILED:
                assert trial.error == "ValueError: no network of depth 2"
                assert "Traceback" in str(trial.traceback)
        told = {trial.state.name for trial in study.state.suggester.optuna_trials}
        assert told == {"COMPLETE", "PRUNED"}, "none is left running, and all are learned from"

    def test_end_the_study_if_all_are_such(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.broken(monkeypatch, lambda _: True)
        study = open_study(tmp_path)
        assert study.next_job() is None
        assert study.finished == "all 3 trials failed alike: ValueError: no network of depth 2"

    def test_are_no_secret_under_constraints(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.broken(monkeypatch, lambda config: config.kind == "b")
        config = study_config(tmp_path, constraints={"parameters": {"max": 9000}})
        new_study(config, tmp_path / "study").close()
        run_jobs(config, tmp_path / "study")
        with Records.open(tmp_path / "study") as records:
            failed = [t for t in records.trials() if t.state is TrialState.FAILED]
        assert failed
        assert {t.params["kind"] for t in failed} == {"b"}


class TestFailures:
    def test_a_success_is_a_trial_that_ended_well(self, tmp_path: Path) -> None:
        study = open_study(tmp_path, retries=0)
        job = study.next_job()
        assert job is not None
        study.report(job.trial, epoch(1, 29.0), "w")
        best = study.state.trials.best
        assert best is not None
        assert (best.name, best.value, best.epoch) == ("T000", 29.0, 1)
        study.ended(job.trial, Outcome("RuntimeError: late", "RuntimeError"))
        assert study.state.trials.best is None, "a failed trial is not the best of anything"
        assert open_study(tmp_path, retries=0).state.trials.best is None

    def test_trials_that_all_fail_alike_end_the_study(self, tmp_path: Path) -> None:
        study = open_study(tmp_path, retries=0, workers=2)
        for ended in range(3):
            job = study.next_job()
            study.next_job()
            assert job is not None
            assert study.finished is None, f"{ended} are not all"
            study.ended(min(study.state.running), Outcome("ValueError: no", "ValueError"))
        assert study.finished == "all 3 trials failed alike: ValueError: no"

    def test_but_diverging_tells_of_the_setting(self, tmp_path: Path) -> None:
        """Three settings in a row that diverge are bad luck where half of the space does."""
        study = open_study(tmp_path, retries=0, budget={"trials": 20})
        for ended in range(10):
            assert study.finished is None, f"{ended} are too few"
            job = study.next_job()
            assert job is not None
            study.ended(job.trial, Outcome("NonFiniteError: nan", "NonFiniteError"))
        assert study.finished == "all 10 trials failed alike: NonFiniteError: nan"

    def test_a_metric_that_is_not_there_ends_it_soon(self, tmp_path: Path) -> None:
        """No setting will bring it; its name is in quotes where it ends with a space."""
        study = open_study(tmp_path, retries=0, budget={"trials": 20})
        for _ in range(3):
            job = study.next_job()
            assert job is not None
            study.report(job.trial, Epoch(1, {"validation/psnr ": 1.0}, 0.0, 1.0), "here:1")
        assert study.finished is not None
        assert "reports no validation/psnr, only 'validation/psnr '; the search" in study.finished

    def test_unless_one_has_come_further(self, tmp_path: Path) -> None:
        study = open_study(tmp_path, retries=0, workers=2)
        good = study.next_job()
        assert good is not None
        for _ in range(4):
            job = study.next_job()
            assert job is not None
            study.ended(job.trial, Outcome("ValueError: no", "ValueError"))
        assert study.finished is None, "the first one runs on"
        study.ended(good.trial, Outcome("ValueError: no", "ValueError"))
        assert study.finished == "all 5 trials failed alike: ValueError: no"

    def test_a_retry_that_nobody_takes_up_is_not_left_running(self, tmp_path: Path) -> None:
        for reason, state in (("interrupted", "interrupted"), ("budget", "stopped")):
            root = tmp_path / reason
            root.mkdir()
            study = open_study(root)
            job = study.next_job()
            assert job is not None
            study.report(job.trial, epoch(1), "w")
            study.ended(job.trial, Outcome("OSError: gone", "OSError"))
            study.stop(reason)
            study.close()
            assert states(study) == {"T000": state}

    def test_what_an_earlier_run_left_is_not_left_running(self, tmp_path: Path) -> None:
        killed = open_study(tmp_path, workers=2)
        assert killed.next_job() is not None
        assert killed.next_job() is not None
        killed.state.records.close()
        study = open_study(tmp_path, workers=1)
        assert study.next_job() is not None
        study.stop("interrupted")
        study.close()
        assert set(states(study).values()) == {TrialState.INTERRUPTED}


class TestDisk:
    def test_a_full_disk_under_a_worker_is_no_fault_of_its_trial(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = study_config(tmp_path)
        for name in ("whole", "cut"):
            new_study(config, tmp_path / name).close()
        run_jobs(config, tmp_path / "whole")
        run = Analytic.run

        def full(self: Analytic, config: AnalyticConfig, setting: TrialContext) -> Iterator[Epoch]:
            for one in run(self, config, setting):
                if one.number == 4:
                    raise RuntimeError("cannot write the checkpoint") from FULL
                yield one

        with monkeypatch.context() as patch:
            patch.setattr(Analytic, "run", full)
            study = run_jobs(config, tmp_path / "cut")
        assert study.blocked is not None
        assert "T000" in study.blocked
        assert "No space left on device" in study.blocked
        assert states_in(tmp_path / "cut") == {"T000": TrialState.INTERRUPTED}
        run_jobs(config, tmp_path / "cut")
        assert history(tmp_path / "cut") == history(tmp_path / "whole")
        assert trained(tmp_path / "cut") == trained(tmp_path / "whole")

    @pytest.mark.parametrize(
        ("error", "blocks"),
        [
            (FULL, True),
            (OSError(errno.EROFS, "Read-only file system"), True),
            (RuntimeError("I/O error: No space left on device (os error 28)"), True),
            (FileNotFoundError(errno.ENOENT, "No such file"), False),
            (RuntimeError("shapes do not fit"), False),
        ],
    )
    def test_which_errors_come_from_the_disk(self, error: Exception, blocks: bool) -> None:
        assert (Outcome.of(error).disk is not None) is blocks

    def test_a_donor_without_room_changes_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Recorded before it is copied, a trial would go on with weights that it never got."""
        config = pbt_config(tmp_path)
        for name in ("whole", "cut"):
            new_study(config, tmp_path / name).close()
        run_jobs(config, tmp_path / "whole", workers=1)
        with monkeypatch.context() as patch:
            patch.setattr(Analytic, "copy_weights", _raising(FULL))
            with pytest.raises(WorkFailedError, match="No space left on device"):
                run_jobs(config, tmp_path / "cut", workers=1)
        run_jobs(config, tmp_path / "cut", workers=1)
        assert history(tmp_path / "cut") == history(tmp_path / "whole")


def states_in(folder: Path) -> dict[str, TrialState]:
    with Records.open(folder) as records:
        return {trial.name: trial.state for trial in records.trials()}


def pbt_config(root: Path) -> Any:
    return study_config(
        root,
        search={"x": {"low": 0.0, "high": 1.0}, "y": {"low": 0.0, "high": 1.0}},
        scheduler={"type": "pbt", "interval": 2, "population": 4},
        budget={"trials": 8},
    )


class TestPbt:
    def test_a_trial_whose_donor_cannot_be_read_has_failed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = pbt_config(tmp_path)
        new_study(config, tmp_path / "study").close()
        with monkeypatch.context() as patch:
            patch.setattr(
                Analytic, "copy_weights", _raising(UserError("no checkpoint to inherit from"))
            )
            run_jobs(config, tmp_path / "study", workers=2)
        with Records.open(tmp_path / "study") as records:
            trials = records.trials()
        failed = [trial for trial in trials if trial.state is TrialState.FAILED]
        assert failed
        assert all("no checkpoint to inherit" in str(trial.error) for trial in failed)
        assert {t.state for t in trials} == {TrialState.FAILED, TrialState.COMPLETE}
        run_jobs(config, tmp_path / "study", workers=2)  # and it can be restored

    def test_no_donor_trains_while_its_weights_are_copied(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A donor that ran on would give weights of a later epoch than the records say."""
        config = pbt_config(tmp_path)
        new_study(config, tmp_path / "study").close()
        copy_weights, copied = Analytic.copy_weights, []

        def watched(self: Analytic, donor: Path, folder: Path, *, epoch: int) -> None:
            with Records.open(tmp_path / "study") as records:
                record = records.trial(donor.name)
                recorded = max(row.epoch for row in records.epochs(record.number))
            begun = max(int(line.split()[0]) for line in (donor / "trained.txt").open())
            copied.append((record.state, begun - recorded))
            copy_weights(self, donor, folder, epoch=epoch)

        monkeypatch.setattr(Analytic, "copy_weights", watched)
        run_jobs(config, tmp_path / "study", workers=4)
        assert copied
        assert {state for state, _ in copied} <= {TrialState.STOPPED, TrialState.COMPLETE}
        assert {ahead for _, ahead in copied} == {0}

    @pytest.mark.parametrize("cut", [7, 9, 16, 23, 31])
    def test_cut_off_with_several_workers_no_epoch_is_lost_or_trained_twice(
        self, tmp_path: Path, cut: int
    ) -> None:
        config = pbt_config(tmp_path)
        new_study(config, tmp_path / "study").close()
        run_jobs(config, tmp_path / "study", workers=3, epochs=cut)
        run_jobs(config, tmp_path / "study", workers=3)
        trials, epochs = history(tmp_path / "study")
        assert {trial[2] for trial in trials} == {TrialState.COMPLETE}
        assert sorted(epochs) == [(trial, n) for trial in range(8) for n in range(1, 10)]
        lines = trained(tmp_path / "study")
        assert len(lines) == len(set(lines)) == 8 * 9


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
