"""Trackers, which copy a study to other tools.

The union is the registry: a new tracker is a file and a line. A study file lists them in
`trackers:`, each as a mapping with its settings (`{type: mlflow, uri: "http://127.0.0.1:5000"}`)
or, for the defaults, by its type alone (`mlflow`).
"""

from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field

from tuner.trackers.base import TrackerSettings
from tuner.trackers.export import export_to_tracker
from tuner.trackers.mlflow.config import MlflowConfig
from tuner.trackers.neptune.config import NeptuneConfig
from tuner.trackers.own import OwnTrackerConfig
from tuner.trackers.secrets import scrub
from tuner.trackers.sync.manager import TrackerSync
from tuner.trackers.tensorboard.config import TensorboardConfig
from tuner.trackers.wandb.config import WandbConfig


def _from_shorthand(value: Any) -> Any:
    return {"type": value} if isinstance(value, str) else value


_Union = NeptuneConfig | MlflowConfig | TensorboardConfig | WandbConfig | OwnTrackerConfig

TRACKERS: tuple[type[TrackerSettings], ...] = get_args(_Union)
"""Every tracker that a study can name."""

TrackerConfig = Annotated[
    Annotated[_Union, Field(discriminator="type")],
    BeforeValidator(_from_shorthand),
]

__all__ = [
    "TRACKERS",
    "MlflowConfig",
    "NeptuneConfig",
    "OwnTrackerConfig",
    "TensorboardConfig",
    "TrackerConfig",
    "TrackerSettings",
    "TrackerSync",
    "WandbConfig",
    "export_to_tracker",
    "scrub",
]
