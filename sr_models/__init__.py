"""Train and use a super-resolution model, without Ray or Optuna.

`TrainConfig` says what to train, `TrainingRun` trains it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sr_models.config import TrainConfig
    from sr_models.training import TrainingRun

__all__ = ["TrainConfig", "TrainingRun"]

_HOMES = {"TrainConfig": "sr_models.config", "TrainingRun": "sr_models.training"}


def __getattr__(name: str) -> Any:
    """Import on first use, so that importing the package is fast."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
