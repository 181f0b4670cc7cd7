"""Population based training in a study where something goes wrong between two of its calls."""

from pathlib import Path

import pytest

from sr_models.errors import UserError
from tests.tuner.core.opened import pbt_config, raising
from tests.tuner.simulated import history, new_study, run_jobs, trained
from tuner.objectives.analytic import Analytic
from tuner.records import Records, TrialState


class TestPbt:
    def test_a_trial_whose_donor_cannot_be_read_has_failed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = pbt_config(tmp_path)
        new_study(config, tmp_path / "study").close()
        with monkeypatch.context() as patch:
            patch.setattr(
                Analytic, "copy_weights", raising(UserError("no checkpoint to copy weights from"))
            )
            run_jobs(config, tmp_path / "study", workers=2)
        with Records.open(tmp_path / "study") as records:
            trials = records.trials()
        failed = [trial for trial in trials if trial.state is TrialState.FAILED]
        assert failed
        assert all("no checkpoint to copy" in str(trial.error) for trial in failed)
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
