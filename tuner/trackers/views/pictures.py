"""The sample pictures of a study and its trials, found and decoded."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class Picture:
    """A picture: its name in other tools (`pictures/0-large`), RGB, and its epoch."""

    name: str
    image: "Image"
    epoch: int = 0

    def png(self) -> bytes:
        """Return the picture as the bytes of a PNG file, which every tool shows."""
        buffer = BytesIO()
        self.image.save(buffer, "PNG")
        return buffer.getvalue()


def trial_pictures(folder: Path, best: int | None) -> list[Picture]:
    """Return the pictures of a trial's best epoch, or of the last epoch that has any."""
    if folder.parent.name != "trials" or ".." in folder.parts:
        return []  # a name that leads out of the folder
    kept: dict[int, list[Path]] = {}
    for path in (folder / "pictures").glob("epoch-*/*.webp"):
        number = path.parent.name.removeprefix("epoch-")
        if number.isdigit():
            kept.setdefault(int(number), []).append(path)
    if not kept:
        return []
    epoch = best if best in kept else max(kept)
    return _decoded(kept[epoch], epoch)


def study_pictures(folder: Path) -> list[Picture]:
    """Return the pictures that all trials share: input, target and baselines of each image."""
    return _decoded((folder / "pictures").glob("*.png"), 0)


def baseline_pictures(folder: Path, label: str) -> list[Picture]:
    """Return a baseline's results for the images, named like the pictures of a trial."""
    return [
        Picture(picture.name.replace(f"-{label}-", "-"), picture.image)
        for picture in study_pictures(folder)
        if f"-{label}-" in picture.name
    ]


def _decoded(paths: Iterable[Path], epoch: int) -> list[Picture]:
    """The pictures of these files; missing and damaged files are left out."""
    from PIL import Image

    found = []
    for path in sorted(paths):
        try:
            with Image.open(path) as image:
                found.append(Picture(f"pictures/{path.stem}", image.convert("RGB"), epoch))
        except (OSError, SyntaxError):  # what Pillow raises for an incomplete picture
            continue
    return found
