import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.studies import FakeStudy, write_study
from tuner.analysis.importance import (
    FEWEST,
    Encoded,
    _losses,
    _permuted,
    common_epoch,
    encode,
    importance,
    scores_at,
    varied,
)
from tuner.analysis.snapshot import open_snapshot
from tuner.records import EpochRecord, TrialKind, TrialState


def test_what_decides_the_metric_comes_first(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "s", trials=80, epochs=8, failures=False, stopping=False)
    found = importance(open_snapshot(folder))
    assert found is not None
    # the fake curves depend on the learning rate most of all, and not at all on the betas
    assert next(iter(found.shares)) == "optimizer.learning_rate"
    assert found.shares["optimizer.betas"] < 0.1 < 0.4 < found.shares["optimizer.learning_rate"]
    assert sum(found.shares.values()) == pytest.approx(1)
    assert found.fit > 0.5
    assert found.epoch == 8
    assert found.trials == 80


def test_the_same_study_gives_the_same_shares(tmp_path: Path) -> None:
    snapshot = open_snapshot(write_study(tmp_path / "s", trials=30, epochs=4))
    before = importance(snapshot)
    _permuted.cache_clear()
    assert importance(snapshot) == before


def test_the_shares_are_those_of_permutation_importance() -> None:
    import numpy as np
    from sklearn.inspection import permutation_importance
    from sklearn.tree import DecisionTreeRegressor

    draws = np.random.RandomState(1)
    x = draws.uniform(size=(40, 3))
    model = DecisionTreeRegressor(min_samples_leaf=3).fit(x, y := x[:, 0] + x[:, 1] ** 2)
    wanted = permutation_importance(model, x, y, n_repeats=5, random_state=7).importances
    found = _losses(model, x, y, seed=7)
    assert found.tolist() == wanted.tolist()
    assert found[0].min() > found[2].max()


def test_too_few_trials_say_nothing(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "s", trials=FEWEST - 1, failures=False, stopping=False)
    assert importance(open_snapshot(folder)) is None


def test_stopped_trials_are_compared_where_they_stopped(tmp_path: Path) -> None:
    study = FakeStudy(tmp_path / "s")
    for index in range(30):
        trial = study.start()
        for _ in range(2 if index % 3 else 9):
            study.report(trial)
        study.end(trial, TrialState.STOPPED if index % 3 else TrialState.COMPLETE)
    snapshot = open_snapshot(study.close())
    # ten trials went on to epoch 9, but half of all reached only epoch 2
    assert common_epoch(snapshot) == 2
    scores = scores_at(snapshot, 2)
    assert len(scores) == 30
    first = snapshot.epochs[0]
    assert scores[0] == max(row.metrics["validation/psnr"] for row in first[:2])


def test_repeats_are_no_part_of_the_search(tmp_path: Path) -> None:
    study = FakeStudy(tmp_path / "s")
    for index in range(30):
        kind = TrialKind.CONFIRM if index % 3 == 0 else TrialKind.SEARCH
        params = {"optimizer.learning_rate": 10 ** -(1 + index / 10), "seed": index}
        if kind is TrialKind.SEARCH:
            del params["seed"]
        trial = study.start(params=params, kind=kind)
        study.report(trial)
        study.end(trial)
    found = importance(open_snapshot(study.close()))
    assert found is not None
    assert (list(found.shares), found.trials) == (["optimizer.learning_rate"], 20)


def test_failed_trials_and_settings_that_do_not_vary_stay_out(tmp_path: Path) -> None:
    study = FakeStudy(tmp_path / "s")
    for index in range(20):
        trial = study.start(params={"optimizer.learning_rate": 10**-index, "loss.type": "mse"})
        study.report(trial)
        study.end(trial, TrialState.FAILED if index % 2 else TrialState.COMPLETE)
    snapshot = open_snapshot(study.close())
    assert varied(snapshot) == ["optimizer.learning_rate"]
    assert set(scores_at(snapshot, 1)) == set(range(0, 20, 2))


def test_conditional_settings_and_odd_numbers_can_be_learned_from() -> None:
    assert encode([1e300, None, 2, math.inf]) == Encoded((1.0, -1.0, 0.0, -1.0), choice=False)
    choices = encode([[1, 2], None, [1, 2], "x"])
    assert choices.choice
    assert choices.values[0] == choices.values[2]
    assert len(set(choices.values)) == 3


def test_a_choice_is_shuffled_whole(tmp_path: Path) -> None:
    """However many columns the forest sees of it, all that matters here is one choice."""
    study = FakeStudy(tmp_path / "s")
    for index in range(40):
        kind = "abcde"[index % 5]
        trial = study.start(params={"loss.type": kind, "optimizer.learning_rate": 10**-index})
        value = {"validation/psnr": 20.0 + "cadbe".index(kind)}
        study.records.add_epoch(EpochRecord(trial, 1, value, 0.0, 1.0, "w0"))
        study.end(trial)
    found = importance(open_snapshot(study.close()))
    assert found is not None
    assert found.shares["loss.type"] > 0.95


@pytest.mark.parametrize(
    "value",
    [
        lambda rank: 1e-10 * rank,
        lambda rank: 1e9 + 1e-3 * rank,
        lambda rank: 1.7e308 * (rank / 10 - 1),
        lambda rank: 0.0 if rank < 16 else rank,
    ],
    ids=["tiny", "offset", "huge", "mostly equal"],
)
def test_the_scale_of_a_metric_does_not_matter(
    value: Callable[[int], float], tmp_path: Path
) -> None:
    study = FakeStudy(tmp_path / "s")
    for index in range(40):
        rank = index // 2
        trial = study.start(
            params={"optimizer.learning_rate": 1 + rank, "loss.type": "ab"[index % 2]}
        )
        epoch = EpochRecord(trial, 1, {"validation/psnr": value(rank)}, 0.0, 1.0, "w0")
        study.records.add_epoch(epoch)
        study.end(trial)
    found = importance(open_snapshot(study.close()))
    assert found is not None
    assert found.fit > 0.8
    assert found.shares["optimizer.learning_rate"] > 0.95
