"""A survey as a picture: histograms of the sizes, and examples of x, y_mid and y_large."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from sr_models.data.config import DataConfig
from sr_models.data.decode import read_photograph
from sr_models.data.pyramid import Pyramid, centre, make_pyramid
from sr_models.data.split import shuffled
from sr_models.data.survey.histogram import Panel, draw_histogram
from sr_models.data.survey.survey import Survey
from sr_models.data.survey.text import PAPER, QUIET, fitting, text_width, write

EXAMPLES = 3
LEVELS = ("x", "y_mid", "y_large")
DRAWS = ("x, one draw", "x, another", "x, a third")
MARGIN, GAP, TILE, CAPTION = 48, 20, 288, 44  # pixels
WIDTH = 2 * MARGIN + 3 * TILE + 2 * GAP
PANEL_TOP, PANEL_BOTTOM = 130, 330
EXAMPLES_TOP = PANEL_BOTTOM + 72


def draw_survey(survey: Survey, config: DataConfig) -> Image.Image:
    """Return the picture of a survey, with examples processed by `config`."""
    examples = shuffled(survey.files, lambda file: file.name, "examples")[:EXAMPLES]
    rows = len(examples) * (1 if config.degradation is None else 2)
    height = EXAMPLES_TOP + rows * (TILE + CAPTION) + GAP
    picture = Image.new("RGB", (WIDTH, height), PAPER)
    draw = ImageDraw.Draw(picture)
    _draw_heading(draw, survey, config.sides[2])
    _draw_sizes(draw, survey, config.sides[2])
    for row, file in enumerate(examples):
        pyramid = make_pyramid(read_photograph(file.path, file.box).image, config)
        _draw_example(picture, EXAMPLES_TOP + row * (TILE + CAPTION), file.name, pyramid, LEVELS)
    if config.degradation is not None:
        for row, file in enumerate(examples, start=len(examples)):
            drawn = degraded_examples(read_photograph(file.path, file.box).image, config)
            top = EXAMPLES_TOP + row * (TILE + CAPTION)
            _draw_example(picture, top, file.name, drawn, DRAWS)
    return picture


def degraded_examples(image: Image.Image, config: DataConfig) -> Pyramid:
    """Return three random degradations of `x` from the centre of an image."""
    assert config.degradation is not None
    side = min(config.sides[2], *(length // 4 * 4 for length in image.size))
    pixels = np.asarray(centre(image, side))
    first, second, third = (
        config.degradation.apply(pixels, 4, np.random.default_rng(seed)) for seed in range(3)
    )
    return first, second, third


def _draw_heading(draw: ImageDraw.ImageDraw, survey: Survey, side: int) -> None:
    statistics = survey.statistics()
    mean, deviation = statistics["mean"], statistics["standard deviation"]
    count = len(survey.files)
    title = f"{Path(survey.place).name}: {count:,} image{'s' * (count != 1)}"
    figures = (
        f"mean {mean[0]:.0f} by {mean[1]:.0f} px, "
        f"standard deviation {deviation[0]:.0f} by {deviation[1]:.0f} px, "
        f"{survey.share_at_least(side):.0%} at least {side} px a side"
    )
    write(draw, (MARGIN, 40), fitting(draw, title, 28, WIDTH - 2 * MARGIN), size=28)
    write(draw, (MARGIN, 82), figures, size=16, colour=QUIET)


def _draw_sizes(draw: ImageDraw.ImageDraw, survey: Survey, side: int) -> None:
    width = (WIDTH - 2 * MARGIN - 2 * GAP) // 2
    for column, title in enumerate(("Width", "Height")):
        panel = Panel(MARGIN + column * (width + 2 * GAP), PANEL_TOP, width, PANEL_BOTTOM)
        draw_histogram(draw, panel, title, survey.sizes[:, column], side)


def _draw_example(
    picture: Image.Image, top: int, name: str, pyramid: Pyramid, labels: tuple[str, str, str]
) -> None:
    draw = ImageDraw.Draw(picture)
    for column, pixels in enumerate(pyramid):
        # Enlarged without smoothing, to show the pixels that the network gets.
        filter_ = Image.Resampling.NEAREST if len(pixels) <= TILE else Image.Resampling.LANCZOS
        image = Image.fromarray(pixels).resize((TILE, TILE), filter_)
        picture.paste(image, (MARGIN + column * (TILE + GAP), top))
    below = top + TILE + 8
    for column, label in enumerate(labels):
        side = len(pyramid[column])
        caption = f"{label}, {side} px"
        write(draw, (MARGIN + column * (TILE + GAP), below), caption, size=14)
    room = TILE - text_width(draw, caption, 14) - GAP
    short = fitting(draw, name, 14, room)
    write(draw, (WIDTH - MARGIN, below), short, size=14, colour=QUIET, anchor="ra")
