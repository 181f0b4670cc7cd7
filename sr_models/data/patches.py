"""Random patches of whole images, turned and mirrored: what `crop` trains on."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sr_models.data.batch import Batch, stack
from sr_models.data.cache_index import Cache
from sr_models.data.parallel import in_parallel
from sr_models.data.pyramid import Pyramid, shrink
from sr_models.data.resample import Pixels

if TYPE_CHECKING:
    from sr_models.data.config import DataConfig

THREADS = 4


def random_patches(
    cache: Cache,
    images: NDArray[np.int64],
    order: NDArray[np.int64],
    config: "DataConfig",
    *,
    batch_size: int,
    seeds: list[int],
) -> Iterator[Batch]:
    """Batches with one patch of each image: `order` says when, `seeds` which patch.

    An image's patch depends on the seeds and its place among `images`, not on the order.
    """
    # Three draws per image: from the left, from the top, and one of the eight ways to turn it.
    draws = np.random.default_rng([*seeds, 1]).random((len(images), 3))

    def pyramid(row: np.int64) -> Pyramid:
        image = cache.full(int(images[row]))
        return shrink(_patch(image, config.sides[2], draws[row]), config)

    def batch(start: int) -> Batch:
        pyramids = [pyramid(row) for row in order[start : start + batch_size]]
        x, mid, large = (np.stack(arrays) for arrays in zip(*pyramids, strict=True))
        return stack(x, mid, large)

    # A few threads, so that a GPU need not wait for patches.
    return in_parallel(batch, range(0, len(order), batch_size), THREADS)


def _patch(image: Pixels, side: int, draws: NDArray[np.float64]) -> Image.Image:
    left = int(draws[0] * (image.shape[1] - side + 1))
    top = int(draws[1] * (image.shape[0] - side + 1))
    patch = image[top : top + side, left : left + side]
    turns, mirrored = divmod(int(draws[2] * 8), 2)
    patch = np.rot90(patch[:, ::-1] if mirrored else patch, turns)
    return Image.fromarray(np.ascontiguousarray(patch))
