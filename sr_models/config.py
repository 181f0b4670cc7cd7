"""All that it takes to train one model again. Importing this module does not import torch."""

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
    """Batches, epochs, early stop, precision and what is kept of each epoch."""

    batch_size: int = Field(10, ge=1, le=4096)
    """Images in a step."""

    max_epochs: int = Field(15, ge=1, le=100_000)
    """Epochs after which training ends at the latest."""

    patience: int | None = Field(10, ge=1)
    """The report's "limit": training ends after so many epochs in a row without a better
    validation/psnr. PSNR and not the loss, because it means the same under every loss. `null`:
    never."""

    min_delta: float = Field(0.0, ge=0, le=100)
    """dB by which validation/psnr must rise to count as better for `patience`."""

    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Of the arithmetic in the network; weights, losses and metrics are always fp32. `auto` is
    bf16 where the hardware multiplies matrices in it (see `sr_models.training.runtime`)."""

    channels_last: Literal["auto"] | bool = "auto"
    """Whether images and features are stored pixel by pixel instead of channel by channel; it
    changes the speed only. `auto`: where it gains."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """`auto` is the GPU where there is one."""

    step: Literal["auto", "eager", "graph", "compile"] = "auto"
    """How a step is run. `graph` replays one CUDA graph of all that a step does, `eager` starts its
    operations one by one, as a CPU always does; `auto` checks that the graph does the same, and
    goes without one where it does not: all three compute the same. `compile` has PyTorch compile
    the network, and takes a graph of that: faster still on a GPU, after half a minute for each
    network that is new to the machine. It rounds differently, so nothing but this setting chooses
    it: a choice by stopwatch would make two equal runs differ."""

    gradient_clip: float | None = Field(None, gt=0)
    """Norm of the whole gradient that larger ones are scaled down to; `null`: as they are."""

    ema: float | None = Field(None, gt=0, lt=1)
    """Decay per step of an exponential moving average of the weights, which is then what is
    validated and kept; `null`: the weights themselves."""

    pictures: int = Field(3, ge=0, le=100)
    """How many validation images' predictions are kept of each epoch."""


MEASURED = (
    "loss",
    "gain",
    "ms_per_image",
    *(metric.name for metric in (*IMAGE_METRICS, *LUMA_METRICS)),
)
"""What validation yields already, under these names."""


def _metric_name(name: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9_]{0,39}", name):
        raise ValueError(
            "a metric's name is a lower-case letter, and up to 39 lower-case letters, digits and _"
        )
    return name


MetricName = Annotated[str, AfterValidator(_metric_name)]


class TrainConfig(FrozenConfig):
    """One model: the same config, data and hardware give the same numbers."""

    data: DataConfig = DataConfig()
    """The images, their sizes, and which of them validate."""

    network: NetworkConfig = ProgressiveConfig()
    """What is trained."""

    loss: LossConfig = MaeConfig()
    """What is minimised, summed over the network's outputs."""

    optimizer: OptimizerConfig = AdamConfig()
    """How the weights follow the gradient."""

    lr_schedule: LrScheduleConfig = ConstantConfig()
    """How the learning rate changes over the epochs."""

    training: TrainingSettings = TrainingSettings()
    """Batches, epochs, early stop, precision."""

    metrics: dict[MetricName, MetricConfig] = Field(default_factory=dict)
    """Metrics beside PSNR and SSIM, taken of each validation image: LPIPS, DISTS, and those of
    one's own. NAME is yielded as `validation/NAME`."""

    seed: int = Field(0, ge=0, lt=2**32)
    """Of the initial weights, the order of the batches, and all else that is random."""

    @field_validator("metrics", mode="before")
    @classmethod
    def metrics_are_ones_own_unless_they_say_otherwise(cls, metrics: object) -> object:
        """Their `type` may be left out."""
        if not isinstance(metrics, dict):
            return metrics
        return {
            name: {"type": "own", **value} if isinstance(value, dict) else value
            for name, value in metrics.items()
        }

    @field_validator("metrics")
    @classmethod
    def names_of_metrics_are_free(cls, metrics: dict[str, MetricConfig]) -> dict[str, MetricConfig]:
        """Another metric must not have the name, and an output's must not be taken for one."""
        for name in metrics:
            if name in MEASURED:
                raise ValueError(f"validation/{name} is measured already; choose another name")
            if name.endswith(tuple(f"_{output}" for output in SCALES)):
                raise ValueError(f"{name}: names that end so are those of a metric's outputs")
        return metrics

    @model_validator(mode="after")
    def pairs_have_what_the_network_predicts(self) -> "TrainConfig":
        """Of pairs of one scale, only that can be learned."""
        missing = [name for name in self.network.outputs if name not in self.data.outputs]
        if missing:
            raise ValueError(
                f"network.outputs has {missing[0]}, and the pairs of data have only "
                f"{', '.join(self.data.outputs) or 'nothing in common'}"
            )
        return self
