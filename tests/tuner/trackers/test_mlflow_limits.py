"""What MLflow does not take in one request, or would keep as something else."""

import math
from types import SimpleNamespace
from typing import Any

import pytest
from mlflow.utils.validation import _validate_batch_log_limits

from tuner.records import EpochRecord
from tuner.trackers.mlflow.runs import Mlflow, MlflowLog


class _Client:
    """Keeps what a run is sent, if MLflow would take it."""

    def __init__(self, params: dict[str, str]) -> None:
        self.params = params
        self.tags: dict[str, str] = {}
        self.metrics: list[Any] = []

    def get_run(self, run: str) -> Any:
        return SimpleNamespace(data=SimpleNamespace(params=dict(self.params)))

    def log_batch(self, run: str, metrics: Any = (), params: Any = (), tags: Any = ()) -> None:
        _validate_batch_log_limits(metrics, params, tags)
        self.params |= {one.key: one.value for one in params}
        self.tags |= {one.key: one.value for one in tags}
        self.metrics += metrics


def _tracker(**params: str) -> tuple[Mlflow, _Client]:
    client = _Client(params)
    tracker = Mlflow(client, "1", "here", {}, is_new=False, log_model=False)  # type: ignore[arg-type]
    return tracker, client


@pytest.mark.parametrize("count", [0, 1, 100, 101, 350])
def test_any_number_of_settings_is_told_and_told_again(count: int) -> None:
    tracker, client = _tracker()
    first, second = ({f"p{i}": i + more for i in range(count)} for more in (0, 1))
    tracker._describe("run", first, {"kind": "search"})
    assert client.params == {name: str(value) for name, value in first.items()}
    tracker._describe("run", second, {"kind": "search"})
    assert client.params == {name: str(value) for name, value in first.items()}
    changed = {name: str(value) for name, value in second.items()}
    assert client.tags == {"kind": "search", **changed}


def test_an_infinite_value_is_no_huge_number() -> None:
    tracker, client = _tracker()
    row = {"loss": math.inf, "gain": -math.inf, "psnr": 20.0}
    MlflowLog(tracker, "run", 0).add([EpochRecord(0, 1, row, 0.0, 1.0)])
    values = {one.key: one.value for one in client.metrics}
    assert math.isnan(values["loss"])
    assert math.isnan(values["gain"])
    assert values["psnr"] == 20.0
