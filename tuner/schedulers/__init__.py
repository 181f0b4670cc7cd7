"""Schedulers stop trials. The union is the registry: a new scheduler is a file and a line here."""

from typing import Annotated

from pydantic import Field

from tuner.schedulers.asha import AshaConfig
from tuner.schedulers.hyperband import HyperbandConfig
from tuner.schedulers.median import MedianConfig
from tuner.schedulers.none import NoneConfig
from tuner.schedulers.pbt import PbtConfig
from tuner.schedulers.protocol import (
    BaseSchedulerConfig,
    Decision,
    Mutable,
    Resume,
    Scheduler,
    SchedulerContext,
)

SchedulerConfig = Annotated[
    NoneConfig | AshaConfig | HyperbandConfig | MedianConfig | PbtConfig,
    Field(discriminator="type"),
]

__all__ = [
    "AshaConfig",
    "BaseSchedulerConfig",
    "Decision",
    "HyperbandConfig",
    "MedianConfig",
    "Mutable",
    "NoneConfig",
    "PbtConfig",
    "Resume",
    "Scheduler",
    "SchedulerConfig",
    "SchedulerContext",
]
