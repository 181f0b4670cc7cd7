"""Neptune: offline by default (its hosted service has closed), or a server of one's own."""

from typing import ClassVar, Literal

from pydantic import Field

from tuner.trackers.base import TrackerSettings


class NeptuneConfig(TrackerSettings):
    """How Neptune is used.

    Args:
        mode: `offline` writes Neptune's own files into the results folder and needs no server.
            `server` sends to a self-hosted Neptune, found by NEPTUNE_API_TOKEN (which holds its
            address) and `project`.
        project: `workspace/name` on the server; None: that of NEPTUNE_PROJECT.
    """

    type: Literal["neptune"] = "neptune"
    mode: Literal["offline", "server"] = "offline"
    project: str | None = Field(default=None, min_length=1)

    package: ClassVar[str] = "neptune"
    oldest: ClassVar[str] = "1.14"
