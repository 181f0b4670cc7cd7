"""The sample pictures of a study, as they lie in its folder.

    pictures/index.json                              the images: {"images": [{"k": 0, "name": ..}]}
    pictures/0-{x,bicubic-mid,bicubic-large,mid,large}.png
    trials/<name>/pictures/epoch-0007/0-{mid,large}.webp
    trials/<name>/pictures/epoch-0007/metrics.json   {"0": {"mid": {"psnr": .., "bicubic": ..}}}

A study may have come from somebody else: only files that truly lie in it are taken, whatever its
links and names say.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuner.analysis.metrics import finite

IMAGE_KINDS = ("x", "bicubic-mid", "bicubic-large", "mid", "large")
OUTPUTS = ("mid", "large")
_EPOCH = re.compile(r"epoch-(\d{1,6})")

Source = Callable[[Path], str]
"""How the page gets a picture: a URL, or the picture itself as a data URI."""


@dataclass(frozen=True)
class EpochPictures:
    """What one trial predicted after one epoch: image number -> output -> file."""

    epoch: int
    files: dict[int, dict[str, Path]]
    folder: Path

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(path.stat().st_size for by in self.files.values() for path in by.values())


def images(folder: Path) -> list[dict[str, Any]]:
    """The validation images: `k`, `name`, and `files` by kind (those that are there)."""
    listed = _read(folder / "pictures" / "index.json", folder)
    rows = listed.get("images") if isinstance(listed, dict) else None
    found = []
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict) or not _is_index(k := row.get("k")):
            continue
        paths = {kind: folder / "pictures" / f"{k}-{kind}.png" for kind in IMAGE_KINDS}
        files = {kind: path for kind, path in paths.items() if inside(path, folder)}
        found.append({"k": k, "name": str(row.get("name", k)), "files": files})
    return found


def trial_pictures(folder: Path, trial: str, count: int) -> list[EpochPictures]:
    """The pictures of one trial for the first `count` images, by epoch."""
    root = folder / "trials" / trial / "pictures"
    # a trial's name comes from a file: it must not lead elsewhere
    if Path(trial).name != trial or not root.is_dir():
        return []
    epochs = [(int(m[1]), path) for path in root.iterdir() if (m := _EPOCH.fullmatch(path.name))]
    return [
        EpochPictures(epoch, files, path)
        for epoch, path in sorted(epochs)
        if (files := _files(path, folder, count))
    ]


def scores(pictures: EpochPictures, folder: Path) -> dict[int, dict[str, dict[str, float]]]:
    """PSNR in dB of every picture, and bicubic's on the same image: k -> output -> name."""
    read = _read(pictures.folder / "metrics.json", folder)
    found: dict[int, dict[str, dict[str, float]]] = {}
    for k in pictures.files:
        row = read.get(str(k)) if isinstance(read, dict) else None
        for output in OUTPUTS:
            figures = row.get(output) if isinstance(row, Mapping) else None
            if isinstance(figures, Mapping):
                known = {str(n): v for n, raw in figures.items() if (v := finite(raw)) is not None}
                found.setdefault(k, {})[output] = known
    return found


def inside(path: Path, folder: Path) -> bool:
    """Whether `path` is a plain file that truly lies in `folder`, links followed."""
    try:
        return path.is_file() and path.resolve().is_relative_to(folder.resolve())
    except OSError:
        return False


def images_data(folder: Path, source: Source) -> list[dict[str, Any]]:
    """`images` as JSON."""
    return [
        row | {"files": {kind: source(path) for kind, path in row["files"].items()}}
        for row in images(folder)
    ]


def epoch_data(pictures: EpochPictures, folder: Path, source: Source) -> dict[str, Any]:
    """One epoch of one trial as JSON."""
    return {
        "epoch": pictures.epoch,
        "files": {
            k: {output: source(path) for output, path in files.items()}
            for k, files in pictures.files.items()
        },
        "scores": scores(pictures, folder),
    }


def _files(path: Path, folder: Path, count: int) -> dict[int, dict[str, Path]]:
    found: dict[int, dict[str, Path]] = {}
    for k in range(count):
        for output in OUTPUTS:
            if inside(file := path / f"{k}-{output}.webp", folder):
                found.setdefault(k, {})[output] = file
    return found


def _is_index(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000


def _read(path: Path, folder: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8")) if inside(path, folder) else None
    except (OSError, ValueError):
        return None
