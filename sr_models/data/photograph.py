"""One photograph, decoded on disk with its low resolutions."""

from dataclasses import dataclass

from sr_models.data.store import Stored


@dataclass(frozen=True)
class Photograph:
    """One photograph, and what it is at a half and a quarter of its size."""

    name: str
    group: str
    high: Stored
    low: dict[int, Stored]  # by scale
    paired: bool = False  # whether those are photographs too
