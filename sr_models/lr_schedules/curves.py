"""Schedules that are a function of time alone."""

import math
from abc import abstractmethod
from typing import Annotated, Literal

from pydantic import Field, field_validator

from sr_models.frozen import FrozenConfig
from sr_models.lr_schedules.base import LrSchedule, WarmUp

Fraction = Annotated[float, Field(gt=0, lt=1)]


class _Curved(FrozenConfig):
    """A schedule that is a function of time alone."""

    def build(self, max_epochs: int) -> LrSchedule:
        """Build the schedule of a run of so many epochs."""
        return _Curve(self, max_epochs)

    @abstractmethod
    def curve(self, epoch: float, max_epochs: int) -> float:
        """Return the factor, as `LrSchedule.factor`."""


class ConstantConfig(WarmUp, _Curved):
    """A constant learning rate."""

    type: Literal["constant"] = "constant"

    def curve(self, epoch: float, max_epochs: int) -> float:
        """Return the factor, as `LrSchedule.factor`."""
        return self.rise(epoch)


class CosineConfig(WarmUp, _Curved):
    """Half a cosine wave: Loshchilov and Hutter 2017, "SGDR", without restarts."""

    type: Literal["cosine"] = "cosine"

    final: float = Field(0.0, ge=0, le=1)
    """The fraction of the learning rate at max_epochs."""

    def curve(self, epoch: float, max_epochs: int) -> float:
        """Return the factor, as `LrSchedule.factor`."""
        if epoch < self.warmup_epochs:
            return self.rise(epoch)
        rest = max(max_epochs - self.warmup_epochs, 1e-9)
        return _cosine(1.0, self.final, (epoch - self.warmup_epochs) / rest)


class MultiStepConfig(WarmUp, _Curved):
    """Decreases at each milestone, as for EDSR and most networks since."""

    type: Literal["multi_step"] = "multi_step"

    milestones: tuple[Fraction, ...] = (0.5, 0.8, 0.9, 0.95)
    """The milestones, as fractions of max_epochs, ascending."""

    factor: float = Field(0.5, gt=0, lt=1)
    """Factor of the learning rate at each milestone."""

    @field_validator("milestones")
    @classmethod
    def milestones_ascend(cls, milestones: tuple[float, ...]) -> tuple[float, ...]:
        """Check that there is a milestone, and that they ascend."""
        if not milestones or list(milestones) != sorted(set(milestones)):
            raise ValueError("must be one or more fractions of max_epochs, ascending")
        return milestones

    def curve(self, epoch: float, max_epochs: int) -> float:
        """Return the factor, as `LrSchedule.factor`."""
        passed = sum(epoch >= milestone * max_epochs for milestone in self.milestones)
        return self.rise(epoch) * self.factor**passed


class OneCycleConfig(_Curved):
    """Up and down once: Smith and Topin 2018, "Super-Convergence"; here in two cosine halves."""

    type: Literal["one_cycle"] = "one_cycle"

    warmup: float = Field(0.3, ge=0, le=1)
    """The fraction of max_epochs in which the learning rate rises."""

    start: float = Field(0.04, ge=0, le=1)
    """The fraction of the learning rate at the first step."""

    final: float = Field(1e-4, ge=0, le=1)
    """The fraction of the learning rate at max_epochs."""

    def curve(self, epoch: float, max_epochs: int) -> float:
        """Return the factor, as `LrSchedule.factor`."""
        top = self.warmup * max_epochs
        if epoch < top:
            return _cosine(self.start, 1.0, epoch / top)
        return _cosine(1.0, self.final, (epoch - top) / max(max_epochs - top, 1e-9))


class _Curve(LrSchedule):
    """A schedule along its config's curve."""

    def __init__(self, config: _Curved, max_epochs: int) -> None:
        self._config = config
        self._max_epochs = max_epochs

    def factor(self, epoch: float) -> float:
        return self._config.curve(epoch, self._max_epochs)


def _cosine(start: float, end: float, progress: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(progress, 1.0))) / 2
