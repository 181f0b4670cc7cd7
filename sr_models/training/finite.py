"""Numbers that are none: a run that has them is lost."""

import math
from collections.abc import Mapping

from sr_models.config import TrainConfig
from sr_models.errors import NonFiniteError
from sr_models.training.runtime import Runtime


def require_finite(
    metrics: Mapping[str, float], epoch: int, config: TrainConfig, runtime: Runtime
) -> None:
    """See that all metrics of an epoch are numbers.

    Raises:
        NonFiniteError: one is NaN or infinite; with the settings that it may come from.
    """
    for name, value in metrics.items():
        if not math.isfinite(value):
            raise NonFiniteError(
                f"{name} is {value} in epoch {epoch} (loss {config.loss.type}, "
                f"{config.optimizer.type}, learning rate {config.optimizer.learning_rate:g}, "
                f"{runtime})"
            )
