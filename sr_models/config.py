"""All that it takes to train one model again. Importing this module does not import torch."""

from pydantic import Field

from sr_models.data.config import DataConfig
from sr_models.frozen import FrozenConfig
from sr_models.losses import LossConfig, MaeConfig
from sr_models.networks import NetworkConfig, ProgressiveConfig
from sr_models.training.lr_schedules import ConstantConfig, LrScheduleConfig
from sr_models.training.optimizers import AdamConfig, OptimizerConfig
from sr_models.training.settings import TrainingSettings


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

    seed: int = Field(0, ge=0, lt=2**32)
    """Of the initial weights, the order of the batches, and all else that is random."""
