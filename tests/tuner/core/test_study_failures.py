"""A study whose trials cannot be built, fail, or meet a full disk."""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sr_models.errors import WorkFailedError
from tests.tuner.core.opened import epoch, open_study, pbt_config, raising, states, states_in
from tests.tuner.simulated import history, new_study, run_jobs, study_config, trained
from tuner.core.job import Outcome
from tuner.objectives.analytic import Analytic, AnalyticConfig
from tuner.objectives.protocol import Epoch, TrialContext
from tuner.records import Records, TrialState

FULL = OSError(errno.ENOSPC, "No space left on device")


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
        said = "reports no validation/psnr, only 'validation/psnr '; did you mean "
        assert said in study.finished

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

        def full(self: Analytic, config: AnalyticConfig, context: TrialContext) -> Iterator[Epoch]:
            for each in run(self, config, context):
                if each.number == 4:
                    raise RuntimeError("cannot write the checkpoint") from FULL
                yield each

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
            patch.setattr(Analytic, "copy_weights", raising(FULL))
            with pytest.raises(WorkFailedError, match="No space left on device"):
                run_jobs(config, tmp_path / "cut", workers=1)
        run_jobs(config, tmp_path / "cut", workers=1)
        assert history(tmp_path / "cut") == history(tmp_path / "whole")
