"""Weights & Biases: offline unless a key is set; one run a trial, grouped by study."""

from typing import ClassVar, Literal

from pydantic import Field

from tuner.trackers.base import TrackerSettings


class WandbConfig(TrackerSettings):
    """How Weights & Biases is used.

    Args:
        project: the project that the runs go to.
        entity: the user or team that owns the project; None: the key's own.
        mode: `auto` sends when WANDB_API_KEY is set and writes to `trackers/wandb` of the
            results folder otherwise; `offline` never sends.
    """

    type: Literal["wandb"] = "wandb"
    project: str = Field(default="sr-tuner", min_length=1)
    entity: str | None = Field(default=None, min_length=1)
    mode: Literal["auto", "offline"] = "auto"

    package: ClassVar[str] = "wandb"
    oldest: ClassVar[str] = "0.19"
