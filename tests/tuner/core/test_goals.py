"""Which epoch stands for a trial, of two metrics, wherever it is asked."""

from pathlib import Path

from tests.tuner.analysis.small_study import PSNR, SmallStudy
from tuner.analysis.comparison import compare
from tuner.core.goals import Goals
from tuner.core.trials import TrialStore
from tuner.records import TrialState
from tuner.trackers.views.trial import trial_view

LOSS = "validation/loss"
GOALS = Goals((PSNR, LOSS), ("maximize", "minimize"))
REACHED = [(1.0, 0.5), (2.0, 0.9), (2.0, 0.4), (2.0, 0.4), (1.5, 0.1)]
CURVE = [{PSNR: psnr, LOSS: loss} for psnr, loss in REACHED]


def test_of_equals_in_the_first_metric_it_is_the_best_in_the_second(tmp_path: Path) -> None:
    """An accuracy that has reached 1 would keep the loss of the epoch in which it did."""
    study = SmallStudy(tmp_path / "s", metrics={PSNR: "maximize", LOSS: "minimize"})
    number = study.trial("a", CURVE)
    study.trial("b", [{PSNR: 2.0, LOSS: 0.6}])
    records = study.records
    (trial, _), epochs = records.trials(), records.epochs(number)

    assert GOALS.best(epochs, {}) == [2.0, 0.4]
    store = TrialStore(records, GOALS)
    store.adopt(trial, epochs)
    assert store.values(number) == [2.0, 0.4]
    assert store.best is not None
    assert (store.best.epoch, store.best_of(number)) == (3, store.best)

    comparison = compare(records)
    row = comparison.rows[0]
    assert (row.trial, row.best_epoch, row.state) == ("a", 3, TrialState.COMPLETE)
    assert (row.metrics[PSNR].best_epoch, row.metrics[LOSS].at_best) == (3, 0.4)
    assert row.metrics[LOSS].best == 0.1
    assert comparison.fronts["step4"] == {number}, "b is beaten by a's third epoch"

    told = trial_view(records, trial).best_epoch
    assert told is not None
    assert told.epoch == 3


def test_a_second_metric_that_is_not_measured_decides_nothing(tmp_path: Path) -> None:
    metrics = {PSNR: "maximize", "parameters": "minimize"}
    study = SmallStudy(tmp_path / "s", metrics=metrics)
    study.trial("a", CURVE, static_metrics={"parameters": 7.0})
    assert compare(study.records).rows[0].best_epoch == 2
    told = trial_view(study.records, study.records.trials()[0]).best_epoch
    assert told is not None
    assert told.epoch == 2
