"""Schedules of the learning rate over the epochs. Importing this package does not import torch.

To add a schedule: a file with its config, whose `build` makes the schedule, and its name in the
union.
"""

from typing import Annotated

from pydantic import Field

from sr_models.lr_schedules.base import LrSchedule
from sr_models.lr_schedules.curves import (
    ConstantConfig,
    CosineConfig,
    MultiStepConfig,
    OneCycleConfig,
)
from sr_models.lr_schedules.plateau import PlateauConfig

LrScheduleConfig = Annotated[
    ConstantConfig | CosineConfig | MultiStepConfig | OneCycleConfig | PlateauConfig,
    Field(discriminator="type"),
]

__all__ = [
    "ConstantConfig",
    "CosineConfig",
    "LrSchedule",
    "LrScheduleConfig",
    "MultiStepConfig",
    "OneCycleConfig",
    "PlateauConfig",
]
