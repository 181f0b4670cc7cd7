"""The names of enlarged images."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from sr_models.errors import UserError
from sr_models.images.read import known_suffixes


def target_names(images: Sequence[Path], scale: str) -> Mapping[Path, str]:
    """Return the name of the result of each image: `photo_x4.png` for `photo.jpg`.

    It is `photo.jpg_x4.png` if another image would have the same name: if there is a `photo.png`
    beside it, or in the same call. So an image has the same name alone and together with others.

    Raises:
        UserError: two images from different folders have the same name.
    """
    images = list(dict.fromkeys(images))
    stems = Counter(image.stem for image in images)
    names = {
        image: f"{image.name if stems[image.stem] > 1 or _has_twin(image) else image.stem}"
        f"_x{scale}.png"
        for image in images
    }
    for name, count in Counter(names.values()).items():
        if count > 1:
            raise UserError(
                f"{count} images would become {name}: enlarge the images of each folder "
                "separately, with different --output folders"
            )
    return names


def _has_twin(image: Path) -> bool:
    """Whether another image of the folder has the same name up to the suffix."""
    return any(
        other.stem == image.stem and other.suffix.lower() in known_suffixes()
        for other in image.parent.iterdir()
        if other.name != image.name
    )
