"""Checking that metrics are finite: otherwise the run has diverged."""

import math
from collections.abc import Mapping

from sr_models.config import TrainConfig
from sr_models.errors import NonFiniteError
from sr_models.training.runtime import Runtime


def require_finite(
    metrics: Mapping[str, float], epoch: int, config: TrainConfig, runtime: Runtime
) -> None:
    """Check that all metrics of an epoch are finite.

    Args:
        metrics: the metrics by name.
        epoch: the number of the epoch.
        config: the settings, for the message.
        runtime: device and precision, for the message.

    Raises:
        NonFiniteError: a metric is NaN or infinite; with the settings that may be the cause.
    """
    for name, value in metrics.items():
        if not math.isfinite(value):
            raise NonFiniteError(
                f"{name} is {value} in epoch {epoch} (loss {config.loss.type}, "
                f"{config.optimizer.type}, learning rate {config.optimizer.learning_rate:g}, "
                f"{runtime})"
            )
