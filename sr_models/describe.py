"""Describe a folder of images: counts, sizes, formats, what is skipped, and a picture of it.

python -m sr_models.describe photographs --output photographs.png
"""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sr_models.cli import run_command
from sr_models.errors import UserError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails
    from rich.console import Console

    from sr_models.data.config import DataConfig
    from sr_models.data.sources import Skipped
    from sr_models.data.survey import Survey

SHOWN_PER_REASON = 50


def describe(
    folder: Annotated[
        Path, typer.Argument(help="A folder of images; its subfolders count.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            help="Draw size histograms and examples of x, y_mid and y_large to this picture file.",
            show_default=False,
        ),
    ] = None,
    degradation: Annotated[
        str | None,
        typer.Option(
            help="Show what it makes of x, written as in a study file.",
            metavar="'{blur: {low: 0, high: 2}, jpeg: 60}'",
            show_default=False,
        ),
    ] = None,
    size: Annotated[
        int, typer.Option(help="Side of x in pixels; y_mid is 2, y_large 4 times as wide.", min=8)
    ] = 72,
) -> None:
    """Describe a folder of images: counts, sizes, formats, and which files are skipped and why.

    Example: python -m sr_models.describe photographs --output photographs.png
    """
    from rich.console import Console

    from sr_models.data.config import DataConfig
    from sr_models.data.sources import FolderSource

    if not folder.is_dir():
        raise UserError(f"{folder}: {'is not a folder' if folder.exists() else 'does not exist'}")
    if output is not None:
        _check_output(output, folder)
    config = DataConfig(source=FolderSource(path=folder), size=size)
    if degradation is not None:
        config = _degraded(config, degradation, output)
    found = _survey(config)
    console = Console(highlight=False)
    _print_sizes(console, found, config.sides[2])
    _print_formats(console, found.formats)
    _print_skipped(console, found.skipped)
    if output is not None:
        _draw(found, config, output)
        console.print(f"\nPicture: {output}", markup=False, soft_wrap=True)


def _check_output(output: Path, folder: Path) -> None:
    """Check before the work that the picture would not replace a photograph."""
    from PIL import Image

    Image.init()
    if Image.registered_extensions().get(output.suffix.lower()) not in Image.SAVE:
        raise UserError(f"--output {output}: the name of a picture ends in .png, .jpg or .webp")
    if not output.absolute().parent.is_dir():
        raise UserError(f"--output {output}: the folder {output.parent} does not exist")
    if output.exists():
        raise UserError(f"--output {output} exists already: name another file, or delete it")
    if output.resolve().is_relative_to(folder.resolve()):
        raise UserError(f"--output {output} is among the images themselves: write it elsewhere")


def _degraded(config: "DataConfig", text: str, output: Path | None) -> "DataConfig":
    """The config with a degradation as a study file has it."""
    import yaml
    from pydantic import ValidationError

    from sr_models.data.config import PatchSettings
    from sr_models.data.degradation import DegradationConfig

    if output is None:
        raise UserError("--degradation shows examples in a picture: name its file with --output")
    try:
        found = DegradationConfig.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or error
        raise UserError(f"--degradation {text!r}: {problem}") from error
    except ValidationError as error:
        problems = "; ".join(map(_problem, error.errors(include_url=False)))
        raise UserError(f"--degradation {text!r}: {problems}") from error
    return config.model_copy(update={"degradation": found, "patches": PatchSettings()})


def _problem(found: "ErrorDetails") -> str:
    """What is wrong and where; tags in braces are not keys of the config."""
    keys = [str(key) for key in found["loc"] if not str(key).startswith("{")]
    rule = str(found["ctx"]["error"]) if found["type"] == "value_error" else found["msg"]
    return f"{'.'.join(keys)}: {rule}" if keys else rule


def _survey(config: "DataConfig") -> "Survey":
    """Decode every image, with a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from sr_models.data.survey import survey_images

    listing = config.source.list_images(config.sides[2])
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Decoding", total=None)
        return survey_images(
            listing, lambda done, total: bar.update(task, completed=done, total=total)
        )


def _print_sizes(console: "Console", found: "Survey", side: int) -> None:
    from rich.table import Table

    count = len(found.files)
    line = f"{count:,} usable image{'s' * (count != 1)} in {found.place}"
    console.print(line, markup=False, soft_wrap=True)
    table = Table("px", title="Sizes", title_justify="left")
    for column in ("width", "height"):
        table.add_column(column, justify="right")
    for name, values in found.statistics().items():
        table.add_row(name, *(f"{value:,.1f}" for value in values))
    console.print(table)
    share = found.share_at_least(side)
    console.print(
        f"At least {side} px a side (4 x --size {side // 4}, as y_large): "
        f"{round(share * count):,} ({share:.1%})",
        soft_wrap=True,
    )


def _print_formats(console: "Console", formats: Counter[tuple[str, str]]) -> None:
    from rich.table import Table

    table = Table("format", "mode", title="Formats", title_justify="left")
    table.add_column("images", justify="right")
    for (file_format, mode), count in formats.most_common():
        table.add_row(file_format, mode, f"{count:,}")
    console.print(table)


def _print_skipped(console: "Console", skipped: "list[Skipped]") -> None:
    """Print each file with its reason, up to a limit for each reason."""
    console.print(f"Skipped: {len(skipped):,}")
    shown: Counter[str] = Counter()
    totals = Counter(file.reason for file in skipped)
    for file in skipped:
        shown[file.reason] += 1
        if shown[file.reason] <= SHOWN_PER_REASON:
            line = f"  {file.name}: {file.reason}"
            console.print(line, markup=False, soft_wrap=True)
    for reason, total in totals.items():
        if total > SHOWN_PER_REASON:
            line = f"  and {total - SHOWN_PER_REASON:,} more: {reason}"
            console.print(line, markup=False, soft_wrap=True)


def _draw(found: "Survey", config: "DataConfig", output: Path) -> None:
    from sr_models.data.survey import draw_survey

    try:
        draw_survey(found, config).save(output)
    except OSError as error:
        raise UserError(f"--output {output}: {error.strerror or error}") from error


if __name__ == "__main__":
    run_command(describe)
