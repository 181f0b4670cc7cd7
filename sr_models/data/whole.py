"""Whole photographs for validation, scored by the protocol of papers."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sr_models.data.batch import Batch, stack
from sr_models.data.photographs import shrink_whole
from sr_models.data.resample import Pixels
from sr_models.data.store import Photograph

if TYPE_CHECKING:
    from sr_models.data.config import DataConfig

KEPT = 256 * 2**20
"""Bytes of low resolution that stay in memory from an epoch to the next."""


class WholeImages:
    """Photographs and their low resolution, a batch for each photograph and scale.

    A photograph is cropped to a multiple of the scale and shrunk by the antialiased bicubic of
    MATLAB's imresize, or degraded with values that depend only on its name, or it has a partner.
    """

    def __init__(self, photographs: Sequence[Photograph], config: "DataConfig") -> None:
        self._photographs = photographs
        self._config = config
        self._kept: dict[tuple[str, int], Pixels] = {}
        self._room = KEPT

    @property
    def count(self) -> int:
        """The number of batches."""
        return sum(len(photograph.low) for photograph in self._photographs)

    @cached_property
    def fingerprint(self) -> str:
        """A hash that is equal for equal images."""
        degradation = self._config.validated_degradation
        settings = None if degradation is None else degradation.model_dump(mode="json")
        digests = [
            [
                photograph.name,
                photograph.high.digest,
                *(photograph.low[scale].digest for scale in sorted(photograph.low)),
            ]
            for photograph in self._photographs
        ]
        text = json.dumps(["whole", self._config.size, settings, sorted(digests)])
        return hashlib.sha256(text.encode()).hexdigest()

    def validation_batches(self, batch_size: int = 1) -> Iterator[Batch]:
        """Yield each photograph at each of its scales."""
        for photograph in self._photographs:
            for scale in photograph.low:
                yield self._batch(photograph, scale)

    def sample_images(self, count: int) -> Batch:
        """Return the centre of the first photographs, as squares of equal size."""
        chosen = self._photographs[:count]
        scale = max(chosen[0].low)
        side = min(
            self._config.size,
            *(
                min(photograph.low[scale].height, photograph.low[scale].width)
                for photograph in chosen
            ),
        )
        x, half, high = [], [], []
        for photograph in chosen:
            low = self._low(photograph, scale)
            top, left = (low.shape[0] - side) // 2, (low.shape[1] - side) // 2
            x.append(_square(low, top, left, side, 1))
            high.append(_square(photograph.high.pixels(), top, left, side, scale))
            if scale == 4 and 2 in photograph.low:
                half.append(_square(photograph.low[2].pixels(), top, left, side, 2))
        if scale == 2:
            return stack(np.stack(x), np.stack(high), None)
        return stack(np.stack(x), np.stack(half) if half else None, np.stack(high))

    def _batch(self, photograph: Photograph, scale: int) -> Batch:
        low = self._low(photograph, scale)
        height, width = low.shape[0] * scale, low.shape[1] * scale
        high = np.array(photograph.high.pixels()[:height, :width])
        parts = (high[None], None) if scale == 2 else (None, high[None])
        return replace(stack(low[None], *parts), whole=True, grey=photograph.high.grey)

    def _low(self, photograph: Photograph, scale: int) -> Pixels:
        key = photograph.name, scale
        if key in self._kept:
            return self._kept[key]
        low = np.array(self._made(photograph, scale))
        if low.nbytes <= self._room:
            self._kept[key] = low
            self._room -= low.nbytes
        return low

    def _made(self, photograph: Photograph, scale: int) -> Pixels:
        if photograph.paired:
            return photograph.low[scale].pixels()
        degradation, pixels = self._config.validated_degradation, photograph.high.pixels()
        if degradation is None:
            return shrink_whole(pixels, scale, "antialiased")
        height, width = pixels.shape[0] // scale * scale, pixels.shape[1] // scale * scale
        name = hashlib.sha256(f"{photograph.name}/{scale}".encode()).digest()
        generator = np.random.default_rng(int.from_bytes(name[:8]))
        return degradation.apply(pixels[:height, :width], scale, generator)


def _square(pixels: Pixels, top: int, left: int, side: int, scale: int) -> Pixels:
    return pixels[top * scale : (top + side) * scale, left * scale : (left + side) * scale]
