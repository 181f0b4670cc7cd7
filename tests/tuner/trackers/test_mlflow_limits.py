"""What MLflow does not take: too much at once, infinite values, two studies that begin together."""

import math
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from tuner.records import EpochRecord, TrialKind
from tuner.trackers.mlflow.runs import Mlflow, MlflowLog
from tuner.trackers.mlflow.store import local_store, open_experiment, opening_lock
from tuner.trackers.views.pictures import Picture


class _Client:
    """Keeps what a run is sent, if MLflow would take it."""

    def __init__(self, params: dict[str, str]) -> None:
        self.params = params
        self.tags: dict[str, str] = {}
        self.metrics: list[Any] = []

    def get_run(self, run: str) -> Any:
        return SimpleNamespace(data=SimpleNamespace(params=dict(self.params), metrics=self.shown))

    @property
    def shown(self) -> dict[str, float]:
        """MLflow's latest values."""
        order = sorted(self.metrics, key=lambda one: (one.step, one.timestamp, one.value))
        return {one.key: one.value for one in order}

    def log_batch(self, run: str, metrics: Any = (), params: Any = (), tags: Any = ()) -> None:
        from mlflow.utils.validation import _validate_batch_log_limits

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


def test_a_best_that_goes_back_to_an_earlier_epoch_is_shown() -> None:
    """MLflow shows the number with the latest time."""
    tracker, client = _tracker()
    later, earlier = (
        SimpleNamespace(numbers={"best/psnr": value, "facts/size": 3.0}, numbers_from=(1, time))
        for value, time in [(25.0, 200.0), (20.0, 100.0)]
    )
    for trial, psnr in [(later, 25.0), (earlier, 20.0), (later, 25.0)]:
        for _ in range(2):  # what is shown already is not sent again
            tracker._numbers("run", trial)  # type: ignore[arg-type]
            assert client.shown == {"best/psnr": psnr, "facts/size": 3.0}
    assert [one.value for one in client.metrics] == [25.0, 3.0, 20.0, 25.0]


def test_a_trial_belongs_to_the_run_that_its_study_has_now() -> None:
    """Whoever deletes the study's run in MLflow keeps those of the trials."""
    tracker, client = _tracker()
    tracker.runs |= {"study": "new", "0": "old trial"}
    client.update_run = lambda *_, **__: None  # type: ignore[attr-defined]
    client.get_metric_history = lambda *_: []  # type: ignore[attr-defined]
    record = SimpleNamespace(name="a", created=1.0, kind=TrialKind.SEARCH)
    trial = SimpleNamespace(record=record, key="0", settings={}, metric="psnr")
    tracker.open_trial(SimpleNamespace(), trial)  # type: ignore[arg-type]
    assert client.tags["mlflow.parentRunId"] == "new"


@pytest.mark.parametrize("signs", ["%#", "+#", "+~"])
def test_a_picture_is_sent_once_by_whatever_name_mlflow_keeps_it(signs: str) -> None:
    between, slash = signs
    tracker, client = _tracker()
    sent: list[str] = []
    there = [f"images/pictures{slash}0-mid+step+0+timestamp+1000004+abc.png".replace("+", between)]
    client.list_artifacts = lambda *_: [SimpleNamespace(path=path) for path in there]  # type: ignore[attr-defined]
    client.log_image = lambda run, image, key, **_: sent.append(key)  # type: ignore[attr-defined]
    pictures = [
        Picture(f"pictures/0-{output}", Image.new("RGB", (4, 4)), 4) for output in ("mid", "x")
    ]
    tracker._pictures("run", pictures)
    assert sent == ["pictures/0-x"]


def test_a_shared_database_is_opened_by_one_study_at_a_time(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    begun, done = threading.Event(), threading.Event()

    def second() -> None:
        begun.set()
        with opening_lock(store):
            done.set()

    with opening_lock(store):
        thread = threading.Thread(target=second, daemon=True)
        thread.start()
        assert begun.wait(10)
        assert not done.wait(0.1)
        with opening_lock("http://127.0.0.1:5000"):
            pass  # a server sees to that itself
    assert done.wait(10)
    thread.join(10)


@pytest.mark.parametrize("name", ["what?", "50%20crop"])
def test_a_path_that_means_another_in_an_address_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "trackers" / "mlflow"
    folder.mkdir(parents=True)
    with pytest.raises(ValueError, match=r"with \?, or % and two digits, in its name: .*trackers"):
        local_store(folder)
    assert list(folder.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("made", ["7", None])
def test_an_experiment_that_another_study_makes_just_now_is_taken(made: str | None) -> None:
    from mlflow.exceptions import MlflowException

    class Server:
        asked = 0

        def get_experiment_by_name(self, name: str) -> Any:
            self.asked += 1
            found = SimpleNamespace(experiment_id=made, lifecycle_stage="active")
            return found if made and self.asked > 1 else None

        def create_experiment(self, name: str, **_: Any) -> str:
            raise MlflowException(f"Experiment {name!r} already exists")

    def opened() -> str:
        return open_experiment(Server(), "e", store="http://s", local=False)  # type: ignore[arg-type]

    if made:
        assert opened() == made
        return
    with pytest.raises(MlflowException, match="already exists"):
        opened()
