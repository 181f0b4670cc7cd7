"""Score a model on test sets such as Set5, as papers do.

python -m sr_models.evaluate --model best.safetensors --data set5 set14
"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sr_models.cli import run_command

if TYPE_CHECKING:
    from rich.console import Console

    from sr_models.inference.evaluation import FolderScore

PROTOCOL = (
    "Y channel (the values of greyscale images), as many pixels of border left out as the scale, "
    "low resolution by antialiased bicubic as MATLAB's imresize, all in 8 bits"
)


def evaluate(
    model: Annotated[
        str, typer.Option(help="A model file, or `bicubic`.", show_default=False, metavar="FILE")
    ],
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folders of photographs in high resolution; by default the model's `data.test`.",
            show_default=False,
            metavar="FOLDER...",
        ),
    ] = None,
    # An option takes a single value: further folders arrive here.
    more: Annotated[
        list[Path] | None, typer.Argument(hidden=True, show_default=False, metavar="FOLDER")
    ] = None,
    output_format: Annotated[
        Literal["table", "json"], typer.Option("--format", help="`json` has each image.")
    ] = "table",
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="auto: a GPU if there is one.")
    ] = "auto",
) -> None:
    """Score a model on test sets such as Set5, as papers do: PSNR and SSIM, x2 and x4.

    Example: python -m sr_models.evaluate --model best.safetensors --data set5 set14
    """
    from sr_models.inference.evaluation import folder_of_its_own, score_folders

    folders = [*(data or []), *(more or [])] or [folder_of_its_own(model)]
    scores = score_folders(model, folders, device)
    if output_format == "json":
        _print_json(model, scores)
    else:
        _print_table(model, scores)


def _print_json(model: str, scores: "list[FolderScore]") -> None:
    import json

    results = [
        {
            "data": folder.data,
            "scale": folder.scale,
            "images": len(folder.images),
            **asdict(folder.model),
            "bicubic": asdict(folder.bicubic),
            "per_image": [
                {"name": image.name, **asdict(image.model), "bicubic": asdict(image.bicubic)}
                for image in folder.images
            ],
            "skipped": [asdict(file) for file in folder.skipped],
        }
        for folder in scores
    ]
    typer.echo(json.dumps({"model": model, "protocol": PROTOCOL, "results": results}, indent=2))


def _print_table(model: str, scores: "list[FolderScore]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    table = Table(title=Text(f"{model}, means over images"), title_justify="left")
    table.add_column("data", overflow="fold", ratio=1)
    for column in ("scale", "images", "PSNR dB", "bicubic", "gain", "SSIM", "bicubic"):
        table.add_column(column, justify="right", no_wrap=True)
    for folder in scores:
        table.add_row(Text(folder.data), *_cells(folder))
    console.print(table)
    console.print(PROTOCOL, markup=False)
    _print_skipped(console, scores)


def _cells(folder: "FolderScore") -> list[str]:
    model, bicubic = folder.model, folder.bicubic
    return [
        f"x{folder.scale}",
        str(len(folder.images)),
        f"{model.psnr:.2f}",
        f"{bicubic.psnr:.2f}",
        f"{model.psnr - bicubic.psnr:+.2f}",
        f"{model.ssim:.4f}",
        f"{bicubic.ssim:.4f}",
    ]


def _print_skipped(console: "Console", scores: "list[FolderScore]") -> None:
    lines = [
        f"{folder.data}/{file.name}: {file.reason}" for folder in scores for file in folder.skipped
    ]
    if lines:
        console.print("Skipped:")
    for line in dict.fromkeys(lines):  # the same files at each scale
        console.print(f"  {line}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    run_command(evaluate)
