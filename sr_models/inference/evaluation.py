"""Scoring all photographs of a folder, with bicubic beside the model."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import fmean

import numpy as np

from sr_models.data.decode import read_photograph
from sr_models.data.sources import FolderSource, ImageFile, Skipped
from sr_models.errors import DataError, UserError
from sr_models.images.read import quiet_pillow
from sr_models.images.unusable import Unusable
from sr_models.inference.model_file import read_description
from sr_models.inference.scoring import Score, score
from sr_models.inference.upscaler import BICUBIC, Upscaler, choose_device, open_upscaler, outputs_of
from sr_models.plain_text import plain_text

_SHOWN = 10


@dataclass(frozen=True)
class ImageScore:
    """The model's score and bicubic's score of an image."""

    name: str
    model: Score
    bicubic: Score


@dataclass(frozen=True)
class FolderScore:
    """The scores of all images of a folder at one scale."""

    data: str
    scale: int
    images: list[ImageScore]
    skipped: list[Skipped]

    @property
    def model(self) -> Score:
        """The mean of the model's scores."""
        return _mean([image.model for image in self.images])

    @property
    def bicubic(self) -> Score:
        """The mean of bicubic's scores."""
        return _mean([image.bicubic for image in self.images])


def score_folders(model: str, folders: Sequence[Path], device: str) -> list[FolderScore]:
    """Score a model on each folder at each scale that it predicts.

    Args:
        model: a model file, or `bicubic`.
        folders: the folders of photographs in high resolution.
        device: "auto", "cpu" or "cuda".

    Raises:
        DataError: a folder does not exist, or has no usable image.
        WeightsError: the model file cannot be used.
    """
    for folder in folders:
        if not folder.is_dir():
            problem = "is not a folder" if folder.exists() else "does not exist"
            raise DataError(f"--data {folder}: {problem}")
    chosen = choose_device(device)
    upscalers = [
        (open_upscaler(model, output, chosen), open_upscaler(BICUBIC, output, chosen))
        for output in outputs_of(model)
    ]
    return [_folder_score(folder, *pair) for folder in folders for pair in upscalers]


def folder_of_its_own(model: str) -> Path:
    """Return the test folder in a model's config.

    Raises:
        UserError: it has none.
        WeightsError: the model file cannot be used.
    """
    described = {} if model == BICUBIC else read_description(Path(model))
    test = described.get("config", {}).get("data", {}).get("test") or {}
    if test.get("type") != "folder":
        raise UserError(f"--data: {model} has no test folder of its own (data.test)")
    return Path(test["path"])


def _folder_score(folder: Path, upscaler: Upscaler, bicubic: Upscaler) -> FolderScore:
    listing = FolderSource(path=folder).list_images(0)
    images, skipped = [], list(listing.skipped)
    with quiet_pillow():
        for file in _with_progress(listing.files, f"{listing.place} x{upscaler.scale}"):
            try:
                images.append(_image_score(file, upscaler, bicubic))
            except Unusable as reason:
                skipped.append(Skipped(file.name, str(reason)))
    if not images:
        reasons = "".join(f"\n  {file.name}: {file.reason}" for file in skipped[:_SHOWN])
        raise DataError(f"--data {folder}: no usable image{reasons}")
    return FolderScore(str(folder), upscaler.scale, images, skipped)


def _image_score(file: ImageFile, upscaler: Upscaler, bicubic: Upscaler) -> ImageScore:
    photograph = read_photograph(file.path)
    pixels, grey = np.array(photograph.image), photograph.grey
    compared = pixels[upscaler.scale : -upscaler.scale, upscaler.scale : -upscaler.scale]
    if (compared == compared[0, 0]).all():
        raise Unusable("of one colour: any enlargement gets it right")
    return ImageScore(
        file.name, score(pixels, upscaler, grey=grey), score(pixels, bicubic, grey=grey)
    )


def _with_progress(files: Iterable[ImageFile], label: str) -> Iterator[ImageFile]:
    """Show a bar on a terminal; elsewhere print a line at the start, as logs keep all lines."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import track

    """A bar on a terminal; elsewhere a line as they begin, since a log keeps lines."""
    console, listed = Console(stderr=True), list(files)
    hidden = not console.is_terminal
    if hidden:
        print(plain_text(f"scoring {label}: {len(listed)} images"), file=sys.stderr, flush=True)
    yield from track(listed, escape(label), console=console, transient=True, disable=hidden)


def _mean(scores: Sequence[Score]) -> Score:
    return Score(*(fmean(values) for values in zip(*map(astuple, scores), strict=True)))
