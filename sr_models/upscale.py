"""Enlarge images with a trained model.

python -m sr_models.upscale --model best.safetensors --scale 4 holiday.jpg --output enlarged
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sr_models.cli import run_command
from sr_models.errors import DataError, UserError
from sr_models.plain_text import plain_text

if TYPE_CHECKING:
    from rich.progress import Progress

    from sr_models.images.picture import Picture
    from sr_models.inference.precision import Precision
    from sr_models.inference.upscaler import Upscaler

LONGEST_NAME = 255
"""Bytes of a file name that file systems allow."""


class _OutOfMemoryError(Exception):
    """An image is too large; smaller ones may not be."""


def upscale(
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE", help="Image files.", show_default=False)
    ],
    model: Annotated[
        str, typer.Option(help="A model file, or `bicubic`.", metavar="FILE", show_default=False)
    ],
    scale: Annotated[Literal["2", "4"], typer.Option(help="How many times wider and higher.")],
    output: Annotated[
        Path,
        typer.Option(help="A folder; NAME_x2.png or NAME_x4.png goes there.", show_default=False),
    ],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files.")] = False,
    tile: Annotated[
        int,
        typer.Option(help="Side of a tile in pixels of the image: less needs less memory.", min=16),
    ] = 192,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="auto: a GPU if there is one.")
    ] = "auto",
    precision: Annotated[
        Literal["fp32", "bf16", "fp16"],
        typer.Option(help="bf16 and fp16 are faster on most GPUs; fp32 is exact."),
    ] = "fp32",
) -> None:
    """Enlarge images with a trained model; the results are PNG files.

    Large images are processed in tiles, without seams. Transparency is enlarged by bicubic, EXIF
    orientation is applied, greyscale stays grey (16 bits too), a colour profile, gamma and HDR
    are kept; other EXIF data are not. Of an animation the first frame is enlarged.

    Example: python -m sr_models.upscale --model best.safetensors --scale 4 a.jpg --output enlarged
    """
    targets = _targets(images, output, scale, overwrite=overwrite)
    upscalers = _open(model, scale, device, precision)
    failures = _upscale_files(targets, *upscalers, tile)
    if failures:
        lines = "".join(f"\n  {line}" for line in failures)
        raise DataError(f"{len(failures)} of {len(targets)} images could not be enlarged:{lines}")


def _targets(
    images: Sequence[Path], output: Path, scale: str, *, overwrite: bool
) -> dict[Path, Path]:
    """The file for each image; everything that can be wrong with it is reported before the work."""
    from sr_models.inference.target_names import target_names

    if output.exists() and not output.is_dir():
        raise UserError(f"--output {output}: is a file, not a folder")
    for image in images:
        if not image.is_file():
            problem = "is a folder; name the images in it" if image.is_dir() else "does not exist"
            raise DataError(f"{image}: {problem}")
    targets = {image: output / name for image, name in target_names(images, scale).items()}
    originals = {image.resolve() for image in images}
    for image, target in targets.items():
        if len(os.fsencode(target.name)) > LONGEST_NAME:
            raise UserError(
                f"{image}: its name is too long to name the result after it: shorten it"
            )
        if target.resolve() in originals:
            raise UserError(f"{target} is to be enlarged itself: choose another --output")
        if target.exists() and not overwrite:
            raise UserError(f"{target} exists: add --overwrite, or choose another --output")
    return targets


def _open(
    model: str, scale: str, device: str, precision: "Precision"
) -> "tuple[Upscaler, Upscaler]":
    from sr_models.inference.upscaler import BICUBIC, choose_device, open_upscaler

    chosen = choose_device(device)
    output: Literal["mid", "large"] = "mid" if scale == "2" else "large"
    upscaler = open_upscaler(model, output, chosen, precision)
    return upscaler, open_upscaler(BICUBIC, output, chosen)


def _upscale_files(
    targets: dict[Path, Path], upscaler: "Upscaler", bicubic: "Upscaler", tile: int
) -> list[str]:
    """Enlarge one image after the other; return what could not be, and why."""
    from rich.console import Console
    from rich.progress import Progress

    from sr_models.images.read import frame_count, quiet_pillow
    from sr_models.images.unusable import Unusable

    failures = []
    console = Console(stderr=True)
    with quiet_pillow():
        for image, target in targets.items():
            # A bar for each image: text that is printed while a bar is shown would break its line.
            bar = Progress(console=console, transient=True, disable=not console.is_terminal)
            try:
                with bar as progress:
                    picture = _upscale_file(image, target, upscaler, bicubic, tile, progress)
            except (Unusable, _OutOfMemoryError) as reason:
                failures.append(f"{image}: {reason}")
            else:
                height, width = picture.pixels.shape[:2]
                frames = frame_count(image)
                note = f"  (the first of {frames} frames)" if frames > 1 else ""
                typer.echo(f"{plain_text(str(target))}  {width} x {height}{note}")
    return failures


def _upscale_file(
    image: Path,
    target: Path,
    upscaler: "Upscaler",
    bicubic: "Upscaler",
    tile: int,
    progress: "Progress",
) -> "Picture":
    from rich.markup import escape

    from sr_models.images.picture import write_picture
    from sr_models.images.read import read_image
    from sr_models.inference.tiling import tile_count
    from sr_models.inference.upscale_files import enlarge_picture

    picture = read_image(image).picture
    side = upscaler.side(tile)
    passes = 1 if picture.alpha is None else 2
    height, width = picture.pixels.shape[:2]
    total = passes * tile_count(height, width, side)
    task = progress.add_task(escape(image.name), total=total)
    try:
        with _explaining_out_of_memory(tile if upscaler.in_tiles else None):
            enlarged = enlarge_picture(
                picture, upscaler, bicubic, tile=side, step=lambda: progress.advance(task)
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        write_picture(target, enlarged)
    except MemoryError as error:  # not of a tile, but of all of them together
        size = f"{width * upscaler.scale} x {height * upscaler.scale}"
        raise _OutOfMemoryError(
            f"out of memory: the enlarged picture, {size}, does not fit: enlarge its parts"
        ) from error
    except OSError as error:
        raise UserError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        progress.remove_task(task)
    return enlarged


@contextmanager
def _explaining_out_of_memory(tile: int | None) -> Iterator[None]:
    """Say what to do; `tile` is None if the network takes the whole image at once."""
    from sr_models.training.out_of_memory import is_out_of_memory

    try:
        yield
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        if tile is not None:
            raise _OutOfMemoryError(f"out of memory: try --tile {max(tile // 2, 16)}") from error
        raise _OutOfMemoryError(
            "out of memory: this network looks at the whole image, which cannot be done in tiles; "
            "try --device cpu, or enlarge parts of it"
        ) from error


if __name__ == "__main__":
    run_command(upscale)
