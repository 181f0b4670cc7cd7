"""The names of the upsamplers, known without torch."""

from typing import Literal

Upsampler = Literal["nearest", "bilinear", "pixel_shuffle", "transposed"]
"""`pixel_shuffle` and `transposed` have weights of their own, `nearest` and `bilinear` none."""
