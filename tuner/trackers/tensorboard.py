"""TensorBoard: scalars, pictures and hparams, one log folder a trial."""

from typing import ClassVar, Literal

from tuner.trackers.base import TrackerSettings


class TensorboardConfig(TrackerSettings):
    """TensorBoard's event files are written to `trackers/tensorboard` of the results folder."""

    type: Literal["tensorboard"] = "tensorboard"

    package: ClassVar[str] = "tensorboard"
    oldest: ClassVar[str] = "2.18"
