"""A photograph, decoded on disk with its low resolutions."""

from dataclasses import dataclass

from sr_models.data.store import Stored


@dataclass(frozen=True)
class Photograph:
    """A photograph, and its versions at half and a quarter of its size."""

    name: str
    group: str
    high: Stored
    low: dict[int, Stored]  # by scale
    paired: bool = False  # whether the low resolutions are files of their own
