"""LCBench as a surrogate: learning curves of 34 tabular tasks, predicted in a millisecond.

YAHPO Gym (Pfisterer et al. 2022) fitted a neural network to the curves of LCBench (Zimmer et al.
2021): 2,000 settings of a small network on each of 34 OpenML tasks, 52 rows each. It is made to
measure how well a search spends its epochs.

The first row is left out, because it describes the network before training: over 200 random
settings its rank correlation with the last row is 0.01, averaged over the tasks; that of the second
row is 0.60. So epoch n here is YAHPO's n + 1, and a full trial has 51 epochs.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from pydantic import Field

from sr_models.errors import DataError, UserError
from sr_models.frozen import FrozenConfig
from tuner.objectives.protocol import Cost, Epoch, Metric, Progress, TrialContext

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENVIRONMENT = "SR_TUNER_DATA"
FILES = ("model.onnx", "encoding.json")
SOURCE = "https://github.com/slds-lmu/yahpo_data (folder lcbench)"

Task = Literal[
    "3945", "7593", "34539", "126025", "126026", "126029", "146212", "167104", "167149",
    "167152", "167161", "167168", "167181", "167184", "167185", "167190", "167200", "167201",
    "168329", "168330", "168331", "168335", "168868", "168908", "168910", "189354", "189862",
    "189865", "189866", "189873", "189905", "189906", "189908", "189909",
]  # fmt: skip
TASKS: tuple[str, ...] = get_args(Task)
MAX_EPOCHS = 51

# The order of the network's inputs (after the epoch) and outputs in YAHPO Gym.
_INPUTS = (
    "batch_size",
    "learning_rate",
    "momentum",
    "weight_decay",
    "num_layers",
    "max_units",
    "max_dropout",
)
_OUTPUTS = (
    "time",
    "val_accuracy",
    "val_cross_entropy",
    "val_balanced_accuracy",
    "test_cross_entropy",
    "test_balanced_accuracy",
)


class SurrogateConfig(FrozenConfig):
    """A setting of LCBench's network on a task; ranges and defaults are the benchmark's.

    Args:
        task: OpenML's number of the task.
        batch_size: usually searched on a log scale.
        learning_rate: of SGD with cosine annealing; usually searched on a log scale.
        momentum: of SGD.
        weight_decay: L2 penalty.
        num_layers: number of hidden layers.
        max_units: width of the first layer; usually searched on a log scale.
        max_dropout: dropout of the first layer.
        max_epochs: epochs of a full trial.
        folder: the folder with model.onnx and encoding.json; by default `lcbench` in
            $SR_TUNER_DATA.
    """

    task: Task = "3945"
    batch_size: int = Field(default=91, ge=16, le=512)
    learning_rate: float = Field(default=0.0031622777, ge=1e-4, le=0.1)
    momentum: float = Field(default=0.545, ge=0.1, le=0.99)
    weight_decay: float = Field(default=0.050005, ge=1e-5, le=0.1)
    num_layers: int = Field(default=3, ge=1, le=5)
    max_units: int = Field(default=256, ge=64, le=1024)
    max_dropout: float = Field(default=0.5, ge=0, le=1)
    max_epochs: int = Field(default=MAX_EPOCHS, ge=1, le=MAX_EPOCHS)
    folder: str | None = None


class Surrogate:
    """The benchmark as an objective. It trains nothing, so it needs no checkpoints."""

    name = "surrogate"
    config_type: type[FrozenConfig] = SurrogateConfig
    metrics: tuple[Metric, ...] = (
        Metric("val_accuracy", "maximize", "%", "accuracy in validation"),
        Metric("val_balanced_accuracy", "maximize", "", "balanced accuracy in validation"),
        Metric("val_cross_entropy", "minimize", "", "cross-entropy in validation"),
        Metric("test_balanced_accuracy", "maximize", "", "balanced accuracy in the test"),
        Metric("test_cross_entropy", "minimize", "", "cross-entropy in the test"),
        Metric("seconds", "minimize", "s", "time of the epoch", minor=True),
    )
    keeps_weights: tuple[str, ...] = ()
    fingerprinted: tuple[str, ...] = ()

    def configured(self, config: FrozenConfig) -> Self:
        """Return the same objective: no config adds metrics."""
        return self

    def prepare(self, config: FrozenConfig, folder: Path, progress: Progress) -> dict[str, Any]:
        """Check that the surrogate is available and runs."""
        config = _checked(config)
        _network(_folder(config))
        return {"data": {"fingerprint": f"lcbench {config.task}"}, "baseline_bicubic": {}}

    def static_metrics(self, config: FrozenConfig) -> dict[str, float]:
        """Return nothing: no metric is known without the curve."""
        return {}

    def max_epochs(self, config: FrozenConfig) -> int:
        """Return the epochs of a full trial."""
        return _checked(config).max_epochs

    def cost(self, config: FrozenConfig, threads: int, progress: Progress) -> Cost:
        """Return no cost: the curves are looked up."""
        return Cost()

    def run(self, config: FrozenConfig, context: TrialContext) -> Iterator[Epoch]:
        """Yield the epochs after `context.recorded`, at once."""
        rows = curve(_checked(config))
        for number, metrics in enumerate(rows[context.recorded :], start=context.recorded + 1):
            now = time.time()
            yield Epoch(number, metrics, now, now)

    def copy_weights(self, donor: Path, folder: Path, *, epoch: int) -> None:
        """Do nothing: a curve belongs to its setting, and there are no weights."""

    def discard_checkpoint(self, folder: Path) -> None:
        """Do nothing: a trial that continues needs no files."""


def curve(config: SurrogateConfig) -> list[dict[str, float]]:
    """Return the metrics of each epoch: accuracies in percent, and the `seconds` that it took."""
    network = _network(_folder(config))
    rows = network.predict(config).tolist()
    return [_metrics(row, rows[i - 1][0] if i else 0.0) for i, row in enumerate(rows)]


def _metrics(row: list[float], time_before: float) -> dict[str, float]:
    """The metrics of an epoch; the surrogate predicts the total time, which must not decrease."""
    metrics = dict(zip(_OUTPUTS, row, strict=True))
    return {
        **{name: metrics[name] for name in _OUTPUTS[1:]},
        "seconds": max(metrics["time"] - time_before, 0.0),
    }


@dataclass(frozen=True)
class _Network:
    """The surrogate in ONNX Runtime, and its numbers for the tasks."""

    session: Any
    tasks: Mapping[str, int]

    def predict(self, config: SurrogateConfig) -> "NDArray[Any]":
        """Return the outputs after each epoch of a trial, (max_epochs, 6)."""
        import numpy as np

        epochs = np.arange(2, config.max_epochs + 2, dtype=np.float32)[:, None]
        setting = np.array([getattr(config, name) for name in _INPUTS], dtype=np.float32)
        inputs = {
            "x_cat": np.full((len(epochs), 1), self.tasks[config.task], dtype=np.int32),
            "x_cont": np.hstack([epochs, np.tile(setting, (len(epochs), 1))]),
        }
        (outputs,) = self.session.run(None, inputs)
        return np.asarray(outputs)


@lru_cache(maxsize=2)
def _network(folder: Path) -> _Network:
    """Load the surrogate, once in a process and with a single thread: workers share the cores."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise DataError(
            f"objective.folder: {folder} holds no {' and no '.join(missing)}; get the surrogate "
            f"from {SOURCE} and name its folder, or set ${ENVIRONMENT} to its parent folder"
        )
    try:
        import onnxruntime
    except ImportError as error:
        raise UserError(
            "objective.type: surrogate needs ONNX Runtime; install it with: pip install onnxruntime"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        folder / "model.onnx", options, providers=["CPUExecutionProvider"]
    )
    encoding = json.loads((folder / "encoding.json").read_text())
    return _Network(session, encoding["OpenML_task_id"])


def _folder(config: SurrogateConfig) -> Path:
    if config.folder is not None:
        return Path(config.folder).expanduser()
    if ENVIRONMENT in os.environ:
        return Path(os.environ[ENVIRONMENT]) / "lcbench"
    raise DataError(
        f"objective.folder: where is the surrogate of LCBench? Get it from {SOURCE} and name its "
        f"folder, or set ${ENVIRONMENT} to its parent folder"
    )


def _checked(config: FrozenConfig) -> SurrogateConfig:
    assert isinstance(config, SurrogateConfig)
    return config


OBJECTIVE = Surrogate()
