"""A histogram of widths or heights, drawn with Pillow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ImageDraw

from sr_models.data.survey.text import FAINT, QUIET, write

ENOUGH, TOO_SMALL, MARK = "#3e63dd", "#b4c2f5", "#d9480f"
BINS = 32
HEADROOM = 54  # pixels above the bars, for the title and the labels of the lines


@dataclass(frozen=True)
class Panel:
    """The position of a histogram in pixels; the numbers of its axis are below `bottom`."""

    left: int
    top: int
    width: int
    bottom: int


def draw_histogram(
    draw: ImageDraw.ImageDraw, panel: Panel, title: str, values: NDArray[np.int64], mark: int
) -> None:
    """Draw bars of `values` from 0 on, paler for those below `mark`, and a line at `mark`."""
    limit = axis_limit(int(values.max()))
    write(draw, (panel.left, panel.top), title, size=15)
    counts = np.histogram(values, bins=BINS, range=(0, limit))[0]
    below = np.histogram(values[values < mark], bins=BINS, range=(0, limit))[0]
    _draw_axis(draw, panel, limit)
    _draw_top(draw, panel, int(counts.max()), at_right=mark < limit / 2)
    _draw_bars(draw, panel, counts, below)
    if mark < limit:
        _draw_mark(draw, panel, panel.left + panel.width * mark / limit, mark)


def axis_limit(largest: int) -> int:
    """Return a round number above `largest` that four ticks divide into round numbers."""
    power = 10
    while True:
        for step in (4, 6, 8, 10, 12, 16, 20, 24, 32):
            if step * power > largest:
                return step * power
        power *= 10


def _draw_bars(
    draw: ImageDraw.ImageDraw, panel: Panel, counts: NDArray[np.int64], below: NDArray[np.int64]
) -> None:
    """A bar for each of `counts`, of which the part `below` is pale."""
    step = panel.width / len(counts)
    scale = (panel.bottom - panel.top - HEADROOM) / counts.max()
    for number in np.flatnonzero(counts):
        x = panel.left + round(number * step)
        for count, colour in ((counts[number], ENOUGH), (below[number], TOO_SMALL)):
            if count:
                top = panel.bottom - max(2, round(count * scale))
                draw.rectangle((x + 1, top, x + round(step) - 2, panel.bottom - 1), fill=colour)


def _draw_axis(draw: ImageDraw.ImageDraw, panel: Panel, limit: int) -> None:
    right = panel.left + panel.width
    for tick in range(5):
        x = panel.left + panel.width * tick / 4
        draw.line((x, panel.top + HEADROOM, x, panel.bottom + 5), fill=FAINT)
        anchor = {0: "la", 4: "ra"}.get(tick, "ma")
        label = f"{limit * tick // 4:,}"
        write(draw, (x, panel.bottom + 9), label, size=14, colour=QUIET, anchor=anchor)
    draw.line((panel.left, panel.bottom, right, panel.bottom), fill=QUIET)


def _draw_top(draw: ImageDraw.ImageDraw, panel: Panel, highest: int, *, at_right: bool) -> None:
    """The label of the upper edge: how many images the highest bar has."""
    top, right = panel.top + HEADROOM, panel.left + panel.width
    draw.line((panel.left, top, right, top), fill=FAINT)
    label = f"{highest:,} image{'s' * (highest != 1)}"
    at = right if at_right else panel.left, top - 5
    write(draw, at, label, size=14, colour=QUIET, anchor="rs" if at_right else "ls")


def _draw_mark(draw: ImageDraw.ImageDraw, panel: Panel, x: float, mark: int) -> None:
    top = panel.top + HEADROOM - 12
    draw.line((x, top, x, panel.bottom), fill=MARK, width=2)
    write(draw, (x, top - 4), f"{mark:,} px", size=14, colour=MARK, anchor="ms")
