"""How the learning rate changes over the epochs. Imports no torch.

A schedule is a factor on the optimiser's learning rate as a function of the epochs done so far,
with fractions, since it changes with every step. All but plateau depend on nothing else, so a
resumed run needs no state to go on along the same curve.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from sr_models.frozen import FrozenConfig


class LrSchedule:
    """A factor from 0 to 1 over time; this one is 1 throughout, and remembers nothing."""

    def factor(self, epoch: float) -> float:
        """The share of the learning rate after `epoch` epochs (0.5: half of the first one)."""
        return 1.0

    def observe(self, score: float) -> None:
        """Take note of an epoch's validation/psnr (dB)."""

    def state(self) -> dict[str, float]:
        """What a checkpoint must keep."""
        return {}

    def restore(self, state: Mapping[str, float]) -> None:
        """Go on from `state`."""


class _Curved(FrozenConfig):
    """A schedule that is a function of time alone."""

    def build(self, max_epochs: int) -> LrSchedule:
        """Build the schedule of a run of so many epochs."""
        return _Curve(self, max_epochs)

    def curve(self, epoch: float, max_epochs: int) -> float:
        """The factor, as `LrSchedule.factor`."""
        raise NotImplementedError


class _WarmUp(FrozenConfig):
    """A rise in a straight line before the schedule proper."""

    warmup_epochs: float = Field(0.0, ge=0, le=1000)
    """Epochs over which the learning rate rises from 0; fractions are allowed."""

    def rise(self, epoch: float) -> float:
        """The warm-up's own factor: 1 from its end on."""
        return min(1.0, epoch / self.warmup_epochs) if self.warmup_epochs else 1.0


class ConstantConfig(_WarmUp, _Curved):
    """The learning rate as it is."""

    type: Literal["constant"] = "constant"

    def curve(self, epoch: float, max_epochs: int) -> float:
        """The factor, as `LrSchedule.factor`."""
        return self.rise(epoch)


class CosineConfig(_WarmUp, _Curved):
    """Half a cosine wave down: Loshchilov and Hutter 2017, "SGDR", without restarts."""

    type: Literal["cosine"] = "cosine"

    final: float = Field(0.0, ge=0, le=1)
    """The share of the learning rate that is left at max_epochs."""

    def curve(self, epoch: float, max_epochs: int) -> float:
        """The factor, as `LrSchedule.factor`."""
        if epoch < self.warmup_epochs:
            return self.rise(epoch)
        rest = max(max_epochs - self.warmup_epochs, 1e-9)
        return _cosine(1.0, self.final, (epoch - self.warmup_epochs) / rest)


class OneCycleConfig(_Curved):
    """Up and down once: Smith and Topin 2018, "Super-Convergence"; here in two cosine halves."""

    type: Literal["one_cycle"] = "one_cycle"

    warmup: float = Field(0.3, ge=0, le=1)
    """The fraction of max_epochs that goes up."""

    start: float = Field(0.04, ge=0, le=1)
    """The share of the learning rate at the first step."""

    final: float = Field(1e-4, ge=0, le=1)
    """The share of the learning rate that is left at max_epochs."""

    def curve(self, epoch: float, max_epochs: int) -> float:
        """The factor, as `LrSchedule.factor`."""
        top = self.warmup * max_epochs
        if epoch < top:
            return _cosine(self.start, 1.0, epoch / top)
        return _cosine(1.0, self.final, (epoch - top) / max(max_epochs - top, 1e-9))


class PlateauConfig(_WarmUp):
    """Lower whenever validation/psnr has not risen for some epochs."""

    type: Literal["plateau"] = "plateau"

    factor: float = Field(0.5, gt=0, lt=1)
    """What the learning rate is multiplied by on a plateau."""

    patience: int = Field(3, ge=1)
    """Epochs without a better validation/psnr that make a plateau."""

    min_delta: float = Field(0.01, ge=0)
    """dB by which validation/psnr must rise to count as better."""

    final: float = Field(0.01, ge=0, le=1)
    """The share of the learning rate below which it does not fall."""

    def build(self, max_epochs: int) -> LrSchedule:
        """Build the schedule of a run of so many epochs."""
        return _Plateau(self)


LrScheduleConfig = Annotated[
    ConstantConfig | CosineConfig | OneCycleConfig | PlateauConfig, Field(discriminator="type")
]


class _Curve(LrSchedule):
    """A schedule along its config's curve."""

    def __init__(self, config: _Curved, max_epochs: int) -> None:
        self._config = config
        self._max_epochs = max_epochs

    def factor(self, epoch: float) -> float:
        return self._config.curve(epoch, self._max_epochs)


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


def _cosine(start: float, end: float, progress: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(progress, 1.0))) / 2
