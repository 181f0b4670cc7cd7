"""Train a model. Importing this package does not import torch: its parts are imported on use."""

from typing import TYPE_CHECKING, Any

from sr_models.training.epoch import Epoch

if TYPE_CHECKING:
    from sr_models.training.cost_estimate import Estimate, estimate
    from sr_models.training.out_of_memory import OutOfMemoryError
    from sr_models.training.run import TrainingRun

__all__ = [
    "Epoch",
    "Estimate",
    "OutOfMemoryError",
    "TrainingRun",
    "estimate",
]

_HOMES = {
    "Estimate": "cost_estimate",
    "OutOfMemoryError": "out_of_memory",
    "TrainingRun": "run",
    "estimate": "cost_estimate",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
