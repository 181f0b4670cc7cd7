"""All that changes during training, and how it is stored in a checkpoint and restored."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from sr_models.config import TrainConfig
from sr_models.networks import build_network
from sr_models.optimizers import build_optimizer
from sr_models.training.checkpoint import Checkpoint, CheckpointError
from sr_models.training.early_stopping import EarlyStopping
from sr_models.training.ema import follow
from sr_models.training.epoch import Epoch
from sr_models.training.goal import PSNR, Goal
from sr_models.training.reproducible import Reproducible
from sr_models.training.runtime import Runtime

_BY_PSNR = Goal()

# Settings that may differ between a checkpoint and the config that continues from it: longer runs,
# other hardware. Data are compared by their fingerprint instead.
_FREE = (
    "data.",
    "metrics",
    "training.max_epochs",
    "training.patience",
    "training.min_delta",
    "training.precision",
    "training.channels_last",
    "training.device",
    "training.step",
    "training.pictures",
)


class TrainingState:
    """Weights, optimizer, schedule, average, patience, and the epochs so far."""

    def __init__(
        self, config: TrainConfig, runtime: Runtime, fingerprint: str, goal: Goal = _BY_PSNR
    ) -> None:
        self._config = config
        self._goal = goal
        self._fingerprint = fingerprint
        with Reproducible(runtime.device, config.seed, 0):
            self.network = runtime.place(build_network(config.network))
        self.optimizer = build_optimizer(config.optimizer, self.network.parameters())
        self.lr_schedule = config.lr_schedule.build(config.training.max_epochs)
        self.average = follow(self.network, config.training.ema)
        self.early_stopping = EarlyStopping(config.training.patience, config.training.min_delta)
        self.outputs = config.network.outputs
        self.epoch = 0
        self.rows: list[Epoch] = []

    @property
    def best(self) -> Epoch | None:
        """The best epoch so far; among equal epochs the first."""
        return max(self.rows, key=lambda row: self._goal.score(row.metrics), default=None)

    def take(self, row: Epoch) -> bool:
        """Add an epoch; return whether it is the best so far."""
        self.epoch = row.number
        self.rows.append(row)
        self._observe(row)
        return self.best is row

    def _observe(self, row: Epoch) -> None:
        score = self._goal.score(row.metrics)
        self.lr_schedule.observe(score)
        self.early_stopping.observe(score)

    def set_learning_rate(self, epoch: float) -> None:
        """Set the learning rate of the schedule after `epoch` epochs, which may be a fraction."""
        rate = self._config.optimizer.learning_rate * self.lr_schedule.factor(epoch)
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)  # in the same memory, where a CUDA graph reads it
            else:
                group["lr"] = rate

    def moments(self) -> Iterator[tuple[str, Tensor]]:
        """Yield the optimizer's moments of each weight, by name; empty before the first step."""
        for name, weight in self._trained():
            for key, value in self.optimizer.state.get(weight, {}).items():
                yield f"{name}.{key}", value

    def checkpoint(self) -> Checkpoint:
        """Return a checkpoint of the state."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self._averaged()}
        tensors |= {f"optimizer.{name}": value for name, value in self.moments()}
        notes = {
            "settings": self._config.model_dump(mode="json"),
            "fingerprint": self._fingerprint,
            "rows": [asdict(row) for row in self.rows],
            "goal": self._goal.metric,
            "patience": self.early_stopping.state(),
            "lr_schedule": self.lr_schedule.state(),
            "average_updates": self.average.updates,
        }
        # Copies, because the file format allows neither strides nor tensors that share memory.
        own = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
        return Checkpoint(self.epoch, own, notes)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Continue from a checkpoint.

        Raises:
            CheckpointError: it belongs to another network, other data or other settings.
        """
        notes = checkpoint.notes
        self._require_same_run(notes)
        self._restore_weights(checkpoint.tensors, notes["average_updates"])
        self._restore_moments(_under("optimizer.", checkpoint.tensors))
        self.epoch = checkpoint.epoch
        self.rows = [Epoch(**row) for row in notes["rows"]]
        if notes.get("goal", PSNR) == self._goal.metric:
            self.lr_schedule.restore(notes["lr_schedule"])
            self.early_stopping.restore(notes["patience"])
        else:  # they hold values of another metric
            for row in self.rows:
                self._observe(row)

    def _require_same_run(self, notes: Mapping[str, Any]) -> None:
        if notes["settings"] is None:  # copied from a donor: the settings are meant to differ
            return
        then, now = _with_defaults(notes["settings"]), self._config.model_dump(mode="json")
        differences = [
            f"{path}: {there!r} in the checkpoint, {here!r} now"
            for path, there, here in _differences(then, now)
            if not path.startswith(_FREE)
        ]
        if notes["fingerprint"] != self._fingerprint:
            differences.append("data: other images, sizes or split than the checkpoint's")
        if differences:
            raise CheckpointError(
                "the folder holds a checkpoint of another run: "
                + "; ".join(differences)
                + ". Choose another folder, or delete the checkpoint."
            )

    def _restore_weights(self, tensors: Mapping[str, Tensor], updates: int) -> None:
        try:
            self.network.load_state_dict(_under("network.", tensors))
            # Without an average of its own (a donor that had none) it starts at the weights.
            averaged = self.network.state_dict() | _under("average.", tensors)
            self.average.network.load_state_dict(averaged)
        except RuntimeError as error:
            raise CheckpointError(f"the checkpoint belongs to another network: {error}") from error
        self.average.updates = updates

    def _averaged(self) -> Iterator[tuple[str, Tensor]]:
        """The averages of the weights that training changes."""
        if self.average.network is self.network:
            return
        fixed = {
            name for name, weight in self.network.named_parameters() if not weight.requires_grad
        }
        for name, value in self.average.network.state_dict().items():
            if name not in fixed:
                yield name, value

    def _restore_moments(self, moments: Mapping[str, Tensor]) -> None:
        """Restore the moments; learning rate, betas and so on stay the config's."""
        packed: dict[int, dict[str, Tensor]] = {}
        for index, (name, weight) in enumerate(self._trained()):
            own = _under(f"{name}.", moments)
            packed[index] = {key: _laid_out_as(weight, value) for key, value in own.items()}
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": packed, "param_groups": groups})

    def _trained(self) -> Iterator[tuple[str, nn.Parameter]]:
        """The weights in the optimizer's order."""
        return (pair for pair in self.network.named_parameters() if pair[1].requires_grad)


def _laid_out_as(weight: Tensor, value: Tensor) -> Tensor:
    """The value with the strides of the weight, which a GPU's fused optimizer needs."""
    return torch.empty_like(weight).copy_(value) if value.shape == weight.shape else value


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }


def _with_defaults(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings completed by keys that the version which wrote them did not have."""
    try:
        return TrainConfig.model_validate(settings).model_dump(mode="json")
    except ValidationError:  # reported by the differences
        return settings


def _differences(there: Any, here: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Dotted paths at which two nested dicts differ, and the two values."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in [*there, *(key for key in here if key not in there)]:
            yield from _differences(there.get(key), here.get(key), f"{path}.{key}".lstrip("."))
    elif there != here:
        yield path, there, here
