"""Finds the sample pictures of a study and its trials."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class Picture:
    """One picture: its name in other tools (`pictures/0-large`), its file, and its epoch."""

    name: str
    path: Path
    epoch: int = 0

    def image(self) -> "Image":
        """The decoded picture, RGB."""
        from PIL import Image

        with Image.open(self.path) as image:
            return image.convert("RGB")

    def png(self) -> bytes:
        """The picture as PNG, which every tool shows."""
        return png(self.image())


def png(image: "Image") -> bytes:
    """A picture as the bytes of a PNG file."""
    from io import BytesIO

    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def trial_pictures(folder: Path, best: int | None) -> list[Picture]:
    """The pictures of a trial's best epoch, or of the last epoch that has any."""
    if folder.name != Path(folder.name).name or folder.parent.name != "trials":
        return []  # a name that leads elsewhere
    kept: dict[int, list[Path]] = {}
    for path in (folder / "pictures").glob("epoch-*/*.webp"):
        number = path.parent.name.removeprefix("epoch-")
        if number.isdigit():
            kept.setdefault(int(number), []).append(path)
    if not kept:
        return []
    epoch = best if best in kept else max(kept)
    return [Picture(f"pictures/{path.stem}", path, epoch) for path in sorted(kept[epoch])]


def study_pictures(folder: Path) -> list[Picture]:
    """The pictures that all trials share: input, bicubic and target of each image."""
    paths = sorted((folder / "pictures").glob("*.png"))
    return [Picture(f"pictures/{path.stem}", path) for path in paths]


def bicubic_pictures(folder: Path) -> list[Picture]:
    """What bicubic upscaling makes, named as the pictures of a trial are."""
    return [
        Picture(picture.name.replace("-bicubic-", "-"), picture.path)
        for picture in study_pictures(folder)
        if "-bicubic-" in picture.name
    ]
