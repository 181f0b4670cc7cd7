"""The comparison behind the claim: it sees what a kill could have done."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sr_models.errors import WorkFailedError
from tests.tuner.simulated import new_study, run_jobs, study_config
from tuner.records import Records

ROOT = Path(__file__).parents[2] / "benchmarks"
SECTIONS: dict[str, Any] = {
    "sampler": {"type": "tpe", "seed": 1},
    "scheduler": {"type": "asha", "mode": "promote", "grace_period": 1, "reduction_factor": 3},
    "budget": {"trials": 9},
}


@pytest.fixture
def comparison(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The benchmark's module, imported as its script does."""
    monkeypatch.syspath_prepend(ROOT)
    import crash.comparison

    yield crash.comparison
    for name in [name for name in sys.modules if name.split(".")[0] == "crash"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study that was killed after 5 epochs and gone on with."""
    config = study_config(tmp_path, **SECTIONS)
    for name in ("whole", "killed"):
        new_study(config, tmp_path / name).close()
    run_jobs(config, tmp_path / "whole")
    run_jobs(config, tmp_path / "killed", epochs=5)
    run_jobs(config, tmp_path / "killed")
    return tmp_path


def change(folder: Path, sql: str) -> None:
    with Records.open(folder / "killed", write=True) as records:
        records._connection.execute(sql)


DAMAGE = {
    "setting": "UPDATE trials SET params = '{}' WHERE number = 3",
    "state": "UPDATE trials SET state = 'running' WHERE number = 3",
    "value": "UPDATE epochs SET metrics = replace(metrics, '.', '.9') WHERE trial = 2",
    "lost": "DELETE FROM epochs WHERE trial = 2 AND epoch = 1",
}


def test_what_went_on_equals_what_was_not_killed(comparison: Any, folder: Path) -> None:
    killed, whole = (comparison.Ended.of(folder / name) for name in ("killed", "whole"))
    comparison.require_same(killed, whole)
    alone = folder / "alone"
    comparison.require_sound(killed, whole, lambda trial: comparison.trained_alone(trial, alone))
    assert comparison.twice(killed) == 0
    with (folder / "killed" / "trials" / killed.best / "trained.txt").open("a") as file:
        file.write("1 4711\n")
    assert comparison.twice(killed) == 1


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_difference_is_seen(comparison: Any, folder: Path, damage: str) -> None:
    change(folder, DAMAGE[damage])
    killed, whole = (comparison.Ended.of(folder / name) for name in ("killed", "whole"))
    with pytest.raises(WorkFailedError, match="differ from those of a study that was not killed"):
        comparison.require_same(killed, whole)


@pytest.mark.parametrize("damage", ["state", "value", "lost"])
def test_a_difference_is_seen_whatever_the_order(
    comparison: Any, folder: Path, damage: str
) -> None:
    change(folder, DAMAGE[damage])
    killed, whole = (comparison.Ended.of(folder / name) for name in ("killed", "whole"))
    with pytest.raises(WorkFailedError):
        comparison.require_sound(
            killed, whole, lambda trial: comparison.trained_alone(trial, folder / "alone")
        )


def test_an_epoch_that_was_trained_and_is_not_recorded_is_seen(
    comparison: Any, folder: Path
) -> None:
    change(folder, DAMAGE["lost"])
    with pytest.raises(WorkFailedError, match="epochs trained differ"):
        comparison.twice(comparison.Ended.of(folder / "killed"))
