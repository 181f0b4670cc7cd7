"""What to train on: the source of the images and how a pyramid is made of each."""

from typing import Literal

from pydantic import Field

from sr_models.data.sources import SampleSource, Source
from sr_models.frozen import FrozenConfig

Resample = Literal["nearest", "bilinear", "bicubic", "lanczos", "antialiased"]


class DataConfig(FrozenConfig):
    """Which images, at which sizes, and which of them are held back for validation."""

    source: Source = SampleSource()
    size: int = Field(72, ge=8, le=1024)
    """Side of the square `x` in pixels; `mid` is twice and `large` four times as wide."""
    resize: Literal["squash", "crop"] = "squash"
    """`squash` makes squares of whole images, as the report does; `crop` cuts patches from them
    and keeps their aspect ratio: random ones with flips and rotations in training, the centre in
    validation. `crop` skips images that are narrower or lower than `large`."""
    resample: Resample = "bicubic"
    """`nearest`, `bilinear`, `bicubic` and `lanczos` as Pillow makes them; `antialiased` is the
    bicubic of MATLAB's imresize, which most papers use."""
    validation: float = Field(0.2, gt=0, lt=1)
    """Share of the images that is held back for validation."""
    limit: int | None = Field(None, ge=2)
    """Use only this many images: the first usable ones in an order shuffled by `split_seed`."""
    split_seed: int = Field(0, ge=0)
    """Which images are held back; the same for all trials of a comparison."""

    @property
    def sides(self) -> tuple[int, int, int]:
        """Sides of x, mid and large in pixels."""
        return self.size, 2 * self.size, 4 * self.size
