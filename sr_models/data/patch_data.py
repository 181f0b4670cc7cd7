"""Patches of photographs to train on, whole photographs to validate on."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sr_models.data.batch import Batch, stack
from sr_models.data.config import DataConfig
from sr_models.data.overlap import taken_from_training
from sr_models.data.parallel import in_parallel
from sr_models.data.patches import THREADS
from sr_models.data.photographs import Photographs, Progress, open_photographs
from sr_models.data.places import held_back, list_images
from sr_models.data.reasons import only_one, reasons
from sr_models.data.resample import Pixels
from sr_models.data.sources import Skipped
from sr_models.data.split import shuffled
from sr_models.data.store import Photograph
from sr_models.data.whole import WholeImages
from sr_models.errors import DataError
from sr_models.scales import Output

Kind = Literal["x2", "x4"]
"""The kind of a batch: in `x2`, `x` is half the photograph's size and `mid` its full size; in `x4`,
`x` is a quarter of its size."""

Place = tuple[int, int, int]
"""The place of a patch: left and top in low resolution, and its orientation (0 to 7)."""

Levels = tuple[Pixels, Pixels | None, Pixels | None]

_X2, PLACES = 1, 2  # salts of random draws
_LEAST = 8
"""Least width and height of a validation image in low resolution, in pixels."""


def open_patches(
    config: DataConfig,
    outputs: tuple[Output, ...] = ("mid", "large"),
    *,
    progress: Progress | None = None,
) -> "PatchData":
    """Open the photographs of a config, and decode those that the store does not have.

    Args:
        config: the images, and how they are processed.
        outputs: the outputs that a network learns.
        progress: called with how many are decoded, and of how many.

    Raises:
        DataError: there are none to train or none to validate, or there is no space for them.
    """
    listing = list_images(config)
    if config.limit is not None:
        files = shuffled(listing.files, lambda file: file.name, f"limit/{config.split_seed}")
        listing = type(listing)(listing.place, files, listing.skipped)
    report = progress or (lambda done, total: None)
    found = open_photographs(listing, config.resample, config.limit, report)
    return PatchData(config, found, outputs)


class PatchData:
    """The photographs of a data set, split into training and validation.

    Cheap to pickle: a copy in another process maps the same files.
    """

    def __init__(self, config: DataConfig, found: Photographs, outputs: tuple[Output, ...]) -> None:
        assert config.patches is not None
        self.config = config
        self.patches = config.patches
        self._found = found
        self._outputs = outputs
        names = [photograph.name for photograph in found.usable]
        groups = [photograph.group for photograph in found.usable]
        if len(names) == 1:
            raise DataError(only_one(names[0], found.skipped))
        held = set(held_back(config, names, groups, found.skipped))
        self.skipped: list[Skipped] = []
        validating = [found.usable[index] for index in sorted(held)]
        training = [
            photograph for index, photograph in enumerate(found.usable) if index not in held
        ]
        self._train = self._fit(
            self._apart(training, validating),
            max(2, *(found.usable[0].low)) * config.size,
            "the patch",
        )
        self._validated = self._fit(
            validating,
            max(found.usable[0].low) * _LEAST,
            "what validates",
        )
        self.skipped += found.skipped
        for key, rest in (("train", self._train), ("validation", self._validated)):
            if not rest:
                raise DataError(f"no image is left for {key}{reasons(self.skipped)}")
        self._whole = WholeImages(self._validated, config)

    def __reduce__(self) -> tuple[object, ...]:
        return PatchData, self.parts

    @property
    def parts(self) -> tuple[DataConfig, Photographs, tuple[Output, ...]]:
        """The arguments that it was made from."""
        return self.config, self._found, self._outputs

    @property
    def pixel_bytes(self) -> int:
        """Memory of the training photographs with all of their low resolutions."""
        images = [image for each in self._train for image in (each.high, *each.low.values())]
        return sum(3 * image.height * image.width for image in images)

    @property
    def train_count(self) -> int:
        """Number of training photographs."""
        return len(self._train)

    @property
    def validation_count(self) -> int:
        """Number of validation photographs."""
        return len(self._validated)

    @property
    def validation_names(self) -> list[str]:
        """Names of the validation photographs."""
        return [photograph.name for photograph in self._validated]

    @cached_property
    def fingerprint(self) -> str:
        """A hash of pixels, settings and split: equal for equal data, on every machine."""
        settings = self.config.model_dump(
            mode="json",
            include={"size", "resample", "patches", "degradation", "validation_degradation"},
        )
        digests = [_digests(photograph) for photograph in self._train]
        text = json.dumps([settings, sorted(digests), self.validation_fingerprint])
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def validation_fingerprint(self) -> str:
        """A hash of the validation images, on which bicubic upscaling is scored."""
        return self._whole.fingerprint

    def steps(self, batch_size: int) -> int:
        """Return how many batches an epoch has."""
        return self.patches.steps

    def validation_steps(self, batch_size: int) -> int:
        """Return how many validation batches there are."""
        return self._whole.count

    def train_batches(self, batch_size: int, *, seed: int, epoch: int) -> Iterator[Batch]:
        """Yield random patches; they derive from (seed, epoch) alone."""
        first = (epoch - 1) * self.patches.steps

        def batch(step: int) -> Batch:
            return self._batch(batch_size, seed, first + step)

        return in_parallel(batch, range(self.patches.steps), THREADS)

    def validation_batches(self, batch_size: int) -> Iterator[Batch]:
        """Yield each validation photograph at each scale, whole."""
        yield from self._whole.validation_batches()

    def sample_images(self, count: int) -> Batch:
        """Return the centre of the first validation photographs, to look at."""
        return self._whole.sample_images(count)

    def _apart(self, found: list[Photograph], validating: list[Photograph]) -> list[Photograph]:
        """The photographs that do not also validate, if validation has its own place."""
        if isinstance(self.config.validation, float):
            return found
        digests = (
            {photograph.name: photograph.high.digest for photograph in some}
            for some in (found, validating)
        )
        taken = taken_from_training(*digests)
        self.skipped += taken.values()
        return [photograph for photograph in found if photograph.name not in taken]

    def _fit(self, found: list[Photograph], side: int, what: str) -> list[Photograph]:
        """The photographs that are large enough; the others are skipped."""
        fitting = []
        for photograph in found:
            if min(photograph.high.height, photograph.high.width) >= side:
                fitting.append(photograph)
            else:
                size = f"{photograph.high.width} x {photograph.high.height}"
                reason = f"smaller than {what}: {size}, a side needs {side} px"
                self.skipped.append(Skipped(photograph.name, reason))
        return fitting

    def _batch(self, batch_size: int, seed: int, step: int) -> Batch:
        generator = np.random.default_rng([seed, step, PLACES])
        kind = self._kind(seed, step)
        found = [
            self._patch(self._train[row], kind, place, generator)
            for row, place in self._places(batch_size, seed, step, generator)
        ]
        x, mid, large = (_stacked(level) for level in zip(*found, strict=True))
        assert x is not None
        return stack(x, mid, large)

    def _places(
        self, batch_size: int, seed: int, step: int, generator: np.random.Generator
    ) -> Iterator[tuple[int, Place]]:
        """The photograph that each patch of a batch is cut from, and where."""
        each = min(self.patches.per_image, batch_size)
        reads = -(-batch_size // each)
        scale, side = 2 if self._kind(seed, step) == "x2" else 4, self.config.size
        for number in range(batch_size):
            row = self._turn(seed, step * reads + number // each)
            low = self._train[row].low[scale]
            top = int(generator.integers(low.height - side + 1))
            left = int(generator.integers(low.width - side + 1))
            yield row, (left, top, int(generator.integers(8)))

    def _kind(self, seed: int, step: int) -> Kind:
        scales = self._train[0].low
        if 4 not in scales:
            return "x2"
        if 2 not in scales or "mid" not in self._outputs:
            return "x4"
        draw = np.random.default_rng([seed, step, _X2]).random()
        return "x2" if draw < self.patches.x2_share else "x4"

    def _turn(self, seed: int, number: int) -> int:
        """The photograph that is read at a time: all of them, in a new order each time."""
        count = len(self._train)
        return int(_order(seed, number // count, count)[number % count])

    def _patch(
        self, photograph: Photograph, kind: Kind, place: Place, generator: np.random.Generator
    ) -> Levels:
        scale = 2 if kind == "x2" else 4
        side, low = self.config.size, photograph.low[scale]
        left, top, way = place
        high = _cut(photograph.high.pixels(), top, left, side, scale)
        if self.config.degradation is None:
            x = _cut(low.pixels(), top, left, side, 1)
        else:
            x = self._degraded(photograph, top, left, scale, generator)
        half = photograph.low.get(2)
        if kind == "x2":
            return _turned(x, way), _turned(high, way), None
        mid = None if half is None else _turned(_cut(half.pixels(), top, left, side, 2), way)
        return _turned(x, way), mid, _turned(high, way)

    def _degraded(
        self,
        photograph: Photograph,
        top: int,
        left: int,
        scale: int,
        generator: np.random.Generator,
    ) -> Pixels:
        """The patch in low resolution, made from the patch and some pixels around it."""
        degradation, side = self.config.degradation, self.config.size
        assert degradation is not None
        margin = degradation.margin // scale
        low = photograph.low[scale]
        above, before = min(margin, top), min(margin, left)
        rows = slice((top - above) * scale, min(top + side + margin, low.height) * scale)
        columns = slice((left - before) * scale, min(left + side + margin, low.width) * scale)
        small = degradation.apply(photograph.high.pixels()[rows, columns], scale, generator)
        return small[above : above + side, before : before + side]


def _cut(pixels: Pixels, top: int, left: int, side: int, scale: int) -> Pixels:
    return pixels[top * scale : (top + side) * scale, left * scale : (left + side) * scale]


def _turned(patch: Pixels, way: int) -> Pixels:
    """The patch in one of its 8 orientations: quarter turns to the left, mirrored first or not."""
    turns, mirrored = divmod(way, 2)
    return np.rot90(patch[:, ::-1] if mirrored else patch, turns)


def _stacked(level: Sequence[Pixels | None]) -> Pixels | None:
    patches = [patch for patch in level if patch is not None]
    return np.stack(patches) if patches else None


@lru_cache(maxsize=4)
def _order(seed: int, turn: int, count: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, turn]).permutation(count)


def _digests(photograph: Photograph) -> list[str]:
    return [photograph.high.digest, *(low.digest for _, low in sorted(photograph.low.items()))]
