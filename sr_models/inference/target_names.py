"""What the enlarged images are called."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from sr_models.errors import UserError
from sr_models.images.read import known_suffixes


def target_names(images: Sequence[Path], scale: str) -> Mapping[Path, str]:
    """Name the result of each image: `photo_x4.png` for `photo.jpg`.

    `photo.jpg_x4.png` where that would not tell it from another one: where a `photo.png` lies
    beside it, or is enlarged in the same call. So an image has the same name alone or in company.

    Raises:
        UserError: two images of the same name, from different folders.
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
                f"{count} images would become {name}: enlarge those of each folder by themselves, "
                "with an --output of their own"
            )
    return names


def _has_twin(image: Path) -> bool:
    """Whether another image of the folder has the same name up to the suffix."""
    return any(
        other.stem == image.stem and other.suffix.lower() in known_suffixes()
        for other in image.parent.iterdir()
        if other.name != image.name
    )
