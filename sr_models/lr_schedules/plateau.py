"""The schedule that watches the score, and decreases when it stops rising."""

import math
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from sr_models.lr_schedules.base import LrSchedule, WarmUp


class PlateauConfig(WarmUp):
    """Decreases the learning rate if validation/psnr has not risen for some epochs."""

    type: Literal["plateau"] = "plateau"

    factor: float = Field(0.5, gt=0, lt=1)
    """Factor of the learning rate on a plateau."""

    patience: int = Field(3, ge=1)
    """Number of epochs without a better validation/psnr that make a plateau."""

    min_delta: float = Field(0.01, ge=0)
    """dB by which validation/psnr must rise to count as better."""

    final: float = Field(0.01, ge=0, le=1)
    """The fraction of the learning rate below which it does not fall."""

    def build(self, max_epochs: int) -> LrSchedule:
        """Build the schedule of a run of so many epochs."""
        return _Plateau(self)


class _Plateau(LrSchedule):
    """A schedule that watches the score."""

    def __init__(self, config: PlateauConfig) -> None:
        self._config = config
        self._level = 1.0
        self._best = -math.inf
        self._waited = 0

    def factor(self, epoch: float) -> float:
        return self._level * self._config.rise(epoch)

    def observe(self, score: float) -> None:
        if score > self._best + self._config.min_delta:
            self._best, self._waited = score, 0
            return
        self._waited += 1
        if self._waited >= self._config.patience:
            self._level = max(self._level * self._config.factor, self._config.final)
            self._waited = 0

    def state(self) -> dict[str, float]:
        known = {"best": self._best} if math.isfinite(self._best) else {}
        return {"level": self._level, "waited": self._waited, **known}

    def restore(self, state: Mapping[str, float]) -> None:
        self._level = float(state.get("level", 1.0))
        self._waited = int(state.get("waited", 0))
        self._best = float(state.get("best", -math.inf))
