"""Images that are used twice, for training and to judge the result."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sr_models.data.build import no_usable_image
from sr_models.data.places import list_images, list_place
from sr_models.data.sources import ImageFile, Skipped
from sr_models.errors import DataError

if TYPE_CHECKING:
    from sr_models.data.config import DataConfig

_SHOWN = 3


def taken_from_training(
    train: Mapping[str, str], validation: Mapping[str, str]
) -> dict[str, Skipped]:
    """Return the images that must not train because they validate too; copies and links count.

    Args:
        train: digests of the pixels by name.
        validation: the same.

    Returns:
        The reason for each image, by its name in `train`.
    """
    held = {digest: name for name, digest in validation.items()}
    return {
        name: Skipped(name, f"validates too ({held[digest]}), so it does not train")
        for name, digest in train.items()
        if digest in held
    }


def check_test_images(config: "DataConfig") -> None:
    """Check that `data.test` has files, and that none of them trains or validates.

    The files are not opened. Nothing else reads them before training has ended, when it is too
    late.

    Raises:
        DataError: there is no such place, it is empty, or some images are used elsewhere.
    """
    if config.test is None:
        return
    listing = list_place(config.test, config, "test")
    tested = listing.files
    if not tested:
        raise DataError(f"data.test: {no_usable_image(listing.place, listing.skipped)}")
    used = _real_paths(list_images(config).files)
    shared = [(name, used[path]) for path, name in _real_paths(tested).items() if path in used]
    if not shared:
        return
    shown = "".join(f"\n  {name} is {other}" for name, other in shared[:_SHOWN])
    more = "" if len(shared) <= _SHOWN else f"\n  and {len(shared) - _SHOWN} more"
    raise DataError(
        f"data.test: {len(shared)} of its {len(tested)} images train or validate too, and a test "
        f"should show how well unseen images are enlarged:{shown}{more}"
    )


def _real_paths(files: Sequence[ImageFile]) -> dict[tuple[str, object], str]:
    """Names by the real path of each file, and the part of it."""
    return {(os.path.realpath(file.path), file.box): file.name for file in files}
