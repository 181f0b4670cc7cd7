"""Pictures and texts that a trial shows after an epoch, for the compare page.

Layout, in the folders of the trial and of the study (see `tuner.page.pictures`):

    pictures/epoch-0007/0-NAME.webp, 0-NAME.txt
    pictures/index.json, pictures/manifest.json      the names of the pictures
"""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sr_models.atomic import write_atomically
from tuner.objectives.errors import ObjectiveError

if TYPE_CHECKING:
    from PIL.Image import Image

FOLDER = "pictures"
INDEX = {"images": [{"k": 0, "name": "of the trials"}]}
LARGEST = 2048
"""Pixels of a side; larger pictures are scaled down."""
QUALITY = 90
_NAME = 80


def write_picture(trial: Path, epoch: int, name: str, image: Any) -> None:
    """Write a picture of an epoch of a trial.

    Args:
        trial: the folder of the trial.
        epoch: the epoch.
        name: what it shows; pictures of the same name are shown side by side.
        image: a file; a PIL image; an array or tensor, (H, W), (H, W, 3) or (3, H, W), with
            integers from 0 to 255 or floats from 0 to 1; or a figure of matplotlib.

    Raises:
        ObjectiveError: it is not a picture.
    """
    content = BytesIO()
    picture = _picture(name, image).convert("RGB")
    picture.thumbnail((LARGEST, LARGEST))
    picture.save(content, "WEBP", quality=QUALITY)
    _write(trial, epoch, name, ".webp", content.getvalue())


def write_text(trial: Path, epoch: int, name: str, text: str) -> None:
    """Write a text of an epoch of a trial; see `write_picture`.

    Args:
        trial: the folder of the trial.
        epoch: the epoch.
        name: what it shows; texts of the same name are shown side by side.
        text: the text.
    """
    _write(trial, epoch, name, ".txt", str(text).encode(errors="backslashreplace"))


def _write(trial: Path, epoch: int, name: str, ending: str, content: bytes) -> None:
    short = _short(name)
    folder = trial / FOLDER / f"epoch-{epoch:04d}"
    folder.mkdir(parents=True, exist_ok=True)
    # No fsync: there are many pictures, and they are written again after a power failure.
    write_atomically(folder / f"0-{short}{ending}", content, durable=False)
    if trial.parent.name == "trials":
        _announce(trial.parent.parent / FOLDER, short, name)


def _short(name: str) -> str:
    """The name as a file name, with a digest if too little of it is left to be unique."""
    if not name or not isinstance(name, str):
        raise ObjectiveError(f"a picture or a text needs a name, which is text, not {name!r}")
    short = re.sub(r"[^A-Za-z0-9_-]+", "-", name)
    if name.isascii() and len(short) <= _NAME:
        return short
    digest = sha256(name.encode(errors="backslashreplace")).hexdigest()[:8]
    return f"{short[: _NAME - 9].strip('-')}-{digest}"


def _announce(folder: Path, short: str, name: str) -> None:
    """List the name in the study's files; try again if another worker writes at the same moment."""
    said = _read(folder / "manifest.json")
    outputs = said.get("outputs", []) if isinstance(said, Mapping) else []
    if any(output.get("name") == short for output in outputs):
        return
    folder.mkdir(exist_ok=True)
    manifest = {"outputs": [*outputs, {"name": short, "title": name}], "given": []}
    write_atomically(folder / "index.json", json.dumps(INDEX).encode(), durable=False)
    write_atomically(folder / "manifest.json", json.dumps(manifest).encode(), durable=False)


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _picture(name: str, image: Any) -> "Image":
    import PIL.Image

    if isinstance(image, PIL.Image.Image):
        return image
    if isinstance(image, str | Path):
        with PIL.Image.open(image) as opened:
            opened.load()
            return opened
    if hasattr(image, "savefig"):
        content = BytesIO()
        image.savefig(content, format="png")
        return PIL.Image.open(content)
    return PIL.Image.fromarray(_pixels(name, image))


def _pixels(name: str, image: Any) -> Any:
    """An array as (H, W) or (H, W, 3) of bytes."""
    import numpy as np

    if hasattr(image, "detach"):  # a tensor, on any device
        image = image.detach().cpu().float() if image.is_floating_point() else image.cpu()
    pixels = np.asarray(image)
    if pixels.ndim == 3 and pixels.shape[0] in (1, 3) and pixels.shape[2] not in (1, 3):
        pixels = pixels.transpose(1, 2, 0)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.dtype.kind not in "fiub" or pixels.ndim not in (2, 3) or pixels.size == 0:
        shape = f"{pixels.dtype} of shape {pixels.shape}"
        raise ObjectiveError(
            f"picture {name}: {shape} is not a picture; it takes (H, W) or (H, W, 3)"
        )
    if pixels.ndim == 3 and pixels.shape[2] != 3:
        raise ObjectiveError(f"picture {name}: it has {pixels.shape[2]} channels, not 1 or 3")
    if pixels.dtype.kind == "f":
        return (np.nan_to_num(pixels).clip(0, 1) * 255).round().astype(np.uint8)
    return pixels.clip(0, 255).astype(np.uint8) * (255 if pixels.dtype.kind == "b" else 1)
