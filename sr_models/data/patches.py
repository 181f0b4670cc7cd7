"""Random patches of whole images, turned and mirrored, for training with `crop`."""

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
    """Cut a patch of each image.

    The patch of an image depends on the seeds and its position in `images`, not on the order.

    Args:
        cache: the decoded images.
        images: their indices.
        order: the order in which the patches come.
        config: how they are processed.
        batch_size: patches in a batch.
        seeds: seeds of the patches.
    """
    side = config.sides[2]
    places = patch_places(cache.sizes[images], side, seeds)

    def pyramid(row: np.int64) -> Pyramid:
        return shrink(_patch(cache.full(int(images[row])), side, *places[row]), config)

    def batch(start: int) -> Batch:
        pyramids = [pyramid(row) for row in order[start : start + batch_size]]
        x, mid, large = (np.stack(arrays) for arrays in zip(*pyramids, strict=True))
        return stack(x, mid, large)

    # With a few threads a GPU need not wait for patches.
    return in_parallel(batch, range(0, len(order), batch_size), THREADS)


def patch_places(sizes: NDArray[np.int64], side: int, seeds: list[int]) -> NDArray[np.int64]:
    """Draw where the patch of each image is, and how it is turned.

    Args:
        sizes: (N, 2), height and width of the images in pixels.
        side: of the patches in pixels.
        seeds: of the draws.

    Returns:
        (N, 3): left, top, and the orientation: 2 times the quarter turns to the left, plus 1 if it
            is mirrored first.
    """
    draws = np.random.default_rng([*seeds, 1]).random((len(sizes), 3))
    rooms = np.stack([sizes[:, 1] - side + 1, sizes[:, 0] - side + 1, np.full(len(sizes), 8)], -1)
    places: NDArray[np.int64] = (draws * rooms).astype(np.int64)
    return places


def _patch(image: Pixels, side: int, left: int, top: int, way: int) -> Image.Image:
    patch = image[top : top + side, left : left + side]
    turns, mirrored = divmod(int(way), 2)
    patch = np.rot90(patch[:, ::-1] if mirrored else patch, turns)
    return Image.fromarray(np.ascontiguousarray(patch))
