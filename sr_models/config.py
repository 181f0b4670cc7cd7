"""Everything that is needed to train a model again. Importing this module does not import torch."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from sr_models.data.config import DataConfig
from sr_models.frozen import FrozenConfig
from sr_models.losses import LossConfig, MaeConfig
from sr_models.lr_schedules import ConstantConfig, LrScheduleConfig
from sr_models.metrics import IMAGE_METRICS
from sr_models.metrics.registry import LUMA_METRICS, MetricConfig
from sr_models.networks import NetworkConfig, ProgressiveConfig
from sr_models.optimizers import AdamConfig, OptimizerConfig
from sr_models.scales import SCALES


class TrainingSettings(FrozenConfig):
    """Batches, epochs, early stopping, precision, and what is kept of each epoch."""

    batch_size: int = Field(10, ge=1, le=4096)
    """Images per step."""

    max_epochs: int = Field(15, ge=1, le=100_000)
    """Epochs after which training ends at the latest."""

    patience: int | None = Field(10, ge=1)
    """The report's "limit": training ends after so many epochs in a row without a better
    validation/psnr. PSNR rather than the loss, because it means the same for every loss. `null`:
    never."""

    min_delta: float = Field(0.0, ge=0, le=100)
    """dB by which validation/psnr must rise to count as better for `patience`."""

    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Precision of the network's arithmetic; weights, losses and metrics are always fp32. `auto` is
    bf16 if the hardware multiplies matrices in it (see `sr_models.training.runtime`)."""

    channels_last: Literal["auto"] | bool = "auto"
    """Whether images and features are stored pixel by pixel instead of channel by channel, which
    only changes the speed. `auto`: if it is faster."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """`auto` is a GPU if there is one."""

    step: Literal["auto", "eager", "graph", "compile"] = "auto"
    """How a training step is executed. `graph` replays a CUDA graph of the whole step, `eager`
    starts its operations one by one, as on a CPU; `auto` uses a graph after checking that it
    computes the same, else eager: all three give the same numbers. `compile` lets PyTorch compile
    the network, and uses a graph of that: faster still on a GPU, after half a minute for each
    network that is new to the machine. It rounds differently, so it must be chosen explicitly: a
    choice by timing would make two equal runs differ."""

    gradient_clip: float | None = Field(None, gt=0)
    """Largest norm of the whole gradient, which is scaled down to it; `null`: no limit."""

    ema: float | None = Field(None, gt=0, lt=1)
    """Decay per step of an exponential moving average of the weights, which is then validated and
    kept; `null`: the weights themselves."""

    pictures: int = Field(3, ge=0, le=100)
    """Number of validation images whose predictions are kept for each epoch."""


MEASURED = (
    "loss",
    "gain",
    "ms_per_image",
    *(metric.name for metric in (*IMAGE_METRICS, *LUMA_METRICS)),
)
"""Names that validation already yields."""


def _metric_name(name: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9_]{0,39}", name):
        raise ValueError(
            "a metric's name is a lower-case letter, and up to 39 lower-case letters, digits and _"
        )
    return name


MetricName = Annotated[str, AfterValidator(_metric_name)]


class TrainConfig(FrozenConfig):
    """A model: the same config, data and hardware give the same numbers."""

    data: DataConfig = DataConfig()
    """The images, their sizes, and which of them validate."""

    network: NetworkConfig = ProgressiveConfig()
    """The network to train."""

    loss: LossConfig = MaeConfig()
    """The loss to minimise, summed over the network's outputs."""

    optimizer: OptimizerConfig = AdamConfig()
    """The optimizer of the weights."""

    lr_schedule: LrScheduleConfig = ConstantConfig()
    """How the learning rate changes over the epochs."""

    training: TrainingSettings = TrainingSettings()
    """Batches, epochs, early stopping, precision."""

    metrics: dict[MetricName, MetricConfig] = Field(default_factory=dict)
    """Metrics in addition to PSNR and SSIM, computed for each validation image: LPIPS, DISTS, and
    your own. NAME is yielded as `validation/NAME`."""

    seed: int = Field(0, ge=0, lt=2**32)
    """Seed of the initial weights, the order of the batches, and everything else that is random."""

    @field_validator("metrics", mode="before")
    @classmethod
    def metrics_are_own_by_default(cls, metrics: object) -> object:
        """Set `type: own` for metrics without a type."""
        if not isinstance(metrics, dict):
            return metrics
        return {
            name: {"type": "own", **value} if isinstance(value, dict) else value
            for name, value in metrics.items()
        }

    @field_validator("metrics")
    @classmethod
    def names_of_metrics_are_free(cls, metrics: dict[str, MetricConfig]) -> dict[str, MetricConfig]:
        """Check that no other metric has the name, or an output of another metric."""
        for name in metrics:
            if name in MEASURED:
                raise ValueError(f"validation/{name} is measured already; choose another name")
            if name.endswith(tuple(f"_{output}" for output in SCALES)):
                raise ValueError(
                    f"{name}: names with this ending belong to the outputs of a metric"
                )
        return metrics

    @model_validator(mode="after")
    def pairs_have_what_the_network_predicts(self) -> "TrainConfig":
        """Check that pairs of a single scale train only that output."""
        missing = [name for name in self.network.outputs if name not in self.data.outputs]
        if missing:
            raise ValueError(
                f"network.outputs has {missing[0]}, and the pairs of data have only "
                f"{', '.join(self.data.outputs) or 'nothing in common'}"
            )
        return self
