"""Copies of all that a step changes, to try a step without leaving a trace."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from sr_models.data import Batch
from sr_models.training.state import TrainingState
from sr_models.training.step import EagerStep, Step

_CLOSE, _NOISE = 1e-4, 4.0
"""A graph runs the same kernels, and most often not a bit differs: relative, and in units of what
two eager steps differ by, for some kernels sum in another order each time."""


def train_once(step: Step, state: TrainingState, batch: Batch) -> None:
    """Train a step, with the preparations on the host."""
    state.average.advance()
    step(batch)


@dataclass(frozen=True)
class Snapshot:
    """Copies of all that a step changes."""

    tensors: dict[str, Tensor]
    updates: int

    @classmethod
    def of(cls, eager: EagerStep) -> "Snapshot":
        """Copy the current values of all that a step changes."""
        tensors = {name: value.clone() for name, value in _changing(eager)}
        return cls(tensors, eager.state.average.updates)

    def restore(self, eager: EagerStep) -> None:
        """Write the copies back, into the same memory; what did not exist yet becomes zero."""
        for name, value in _changing(eager):
            if name in self.tensors:
                value.copy_(self.tensors[name])
            else:
                value.zero_()  # an optimizer's moments, which start as zero
        eager.state.average.updates = self.updates

    def difference(self, other: "Snapshot", again: "Snapshot") -> str | None:
        """Return the name of the first tensor that differs more than a repetition does, if any."""
        for name, value in self.tensors.items():
            noise = float((value - again.tensors[name]).abs().max())
            close = {"rtol": _CLOSE, "atol": _CLOSE / 100 + _NOISE * noise}
            if not torch.allclose(value, other.tensors[name], **close, equal_nan=True):
                return name
        return None


def _changing(eager: EagerStep) -> Iterator[tuple[str, Tensor]]:
    state = eager.state
    yield "the meter", eager.meter.sums
    for name, value in state.network.state_dict().items():
        yield f"network.{name}", value
    if state.average.network is not state.network:
        for name, value in state.average.network.state_dict().items():
            yield f"average.{name}", value
    for name, value in state.moments():
        yield f"optimizer.{name}", value
