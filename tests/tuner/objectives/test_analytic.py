import math
import subprocess
import sys
from pathlib import Path

import pytest

from sr_models.errors import NonFiniteError
from tuner.objectives import get_objective
from tuner.objectives.analytic import CHECKPOINT, TRAINED, AnalyticConfig, end_of_curve
from tuner.objectives.protocol import TrialContext

OBJECTIVE = get_objective("analytic")


def run(config: AnalyticConfig, folder: Path, recorded: int = 0) -> list[dict[str, float]]:
    folder.mkdir(exist_ok=True)
    return [
        dict(epoch.metrics) for epoch in OBJECTIVE.run(config, TrialContext(folder, recorded, 1))
    ]


def trained(folder: Path) -> list[int]:
    return [int(line.split()[0]) for line in (folder / TRAINED).read_text().splitlines()]


def test_better_settings_end_higher(tmp_path: Path) -> None:
    best = AnalyticConfig(x=0.3, y=0.7, depth=4, kind="b")
    other = AnalyticConfig()
    assert end_of_curve(best) == 30.0
    ends = [run(c, tmp_path / c.kind)[-1]["validation/psnr"] for c in (best, other)]
    assert ends[0] > ends[1]


@pytest.mark.parametrize("done", [1, 5, 8])
def test_goes_on_from_the_checkpoint_as_if_never_interrupted(tmp_path: Path, done: int) -> None:
    whole = run(AnalyticConfig(), tmp_path / "whole")
    folder = tmp_path / "parts"
    folder.mkdir()
    first = OBJECTIVE.run(AnalyticConfig(), TrialContext(folder, 0, 1))
    before = [dict(next(first).metrics) for _ in range(done)]
    assert before + run(AnalyticConfig(), folder, recorded=done) == whole
    assert trained(folder) == list(range(1, 10))


def test_epochs_that_only_the_checkpoint_has_are_yielded_again_without_training(
    tmp_path: Path,
) -> None:
    whole = run(AnalyticConfig(), tmp_path)
    assert run(AnalyticConfig(), tmp_path, recorded=7) == whole[7:]
    assert len(trained(tmp_path)) == 9


def test_patience_ends_a_trial_early(tmp_path: Path) -> None:
    assert 1 < len(run(AnalyticConfig(noise=1.0, patience=2, max_epochs=50), tmp_path)) < 50


def test_a_trial_inherits_weights_and_keeps_its_rows(tmp_path: Path) -> None:
    donor, folder = tmp_path / "donor", tmp_path / "own"
    run(AnalyticConfig(max_epochs=9), donor)
    own = run(AnalyticConfig(max_epochs=2), folder)
    OBJECTIVE.copy_weights(donor, folder, epoch=2)
    rows = run(AnalyticConfig(max_epochs=3, noise=0), folder)
    assert rows[:2] == own
    assert rows[2]["validation/psnr"] > own[1]["validation/psnr"] + 3
    OBJECTIVE.discard_checkpoint(folder)
    assert not (folder / CHECKPOINT).exists()


def test_fails_when_asked(tmp_path: Path) -> None:
    config = AnalyticConfig(fail_at=3, fail_once=True)
    with pytest.raises(RuntimeError, match="epoch 3 fails"):
        run(config, tmp_path)
    assert len(run(config, tmp_path, recorded=2)) == 7
    assert len(run(AnalyticConfig(fail_at=3, fault_above=0.6), tmp_path / "spared")) == 9


def test_is_not_finite_when_asked(tmp_path: Path) -> None:
    with pytest.raises(NonFiniteError, match="epoch 2"):
        run(AnalyticConfig(nan_at=2), tmp_path / "raises")
    rows = run(AnalyticConfig(nan_at=2, nan_silently=True), tmp_path / "yields")
    assert [math.isnan(row["validation/psnr"]) for row in rows[:3]] == [False, True, False]


def test_dies_when_asked_and_goes_on_afterwards(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from tuner.objectives.analytic import OBJECTIVE, AnalyticConfig
from tuner.objectives.protocol import TrialContext
list(OBJECTIVE.run(AnalyticConfig(exit_at=4), TrialContext(Path({str(tmp_path)!r}), 0, 1)))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 1
    assert len(run(AnalyticConfig(exit_at=4), tmp_path, recorded=3)) == 6
    assert trained(tmp_path) == [1, 2, 3, 4, 4, 5, 6, 7, 8, 9]
