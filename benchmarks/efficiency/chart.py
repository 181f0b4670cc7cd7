"""Regret over budget as an SVG file: one line for each method, named where it ends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# From Okabe and Ito's palette, which colour-blind readers can tell apart, dark enough for text.
COLOURS = ("#0072b2", "#595959", "#8c8c8c", "#b3430d", "#00805d", "#a8527f")
DASHES = ("-", "--", ":", "-", "-", "--")
TICKS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
NAME_HEIGHT = 0.055
"""As a part of the axis."""
STYLE = {"font.size": 12, "svg.fonttype": "none", "svg.hashsalt": "search efficiency"}


@dataclass(frozen=True)
class Curve:
    """Mean regrets and their standard errors, by epochs spent."""

    epochs: list[int]
    means: list[float]
    errors: list[float]

    def off_by(self, errors: float) -> list[float]:
        """The means, so many standard errors higher."""
        return [mean + errors * e for mean, e in zip(self.means, self.errors, strict=True)]


def write_chart(path: Path, title: str, curves: Mapping[str, Curve], full: int) -> None:
    """Draw up to six curves, the first the strongest; `full` epochs are a full training."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(11, 6), layout="constrained", facecolor="white")
        axes = figure.add_subplot()
        for name, colour, dash in zip(curves, COLOURS, DASHES, strict=False):
            _draw(axes, curves[name], colour, dash, strong=name == next(iter(curves)))
        _frame(axes, title, list(curves.values()), full)
        colours = dict(zip(curves, COLOURS, strict=False))
        for name, height in _spread(axes, curves):
            _name(axes, name, curves[name], colours[name], height)
        figure.savefig(path, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))


def _draw(axes: "Axes", curve: Curve, colour: str, dash: str, *, strong: bool) -> None:
    width, shade = (3.0, 0.2) if strong else (1.8, 0.07)
    axes.plot(curve.epochs, curve.means, color=colour, ls=dash, lw=width, zorder=2 + strong)
    axes.fill_between(
        curve.epochs, curve.off_by(-1), curve.off_by(1), color=colour, alpha=shade, lw=0
    )


def _frame(axes: "Axes", title: str, curves: list[Curve], full: int) -> None:
    axes.set_title(title, loc="left", fontsize=15, pad=14)
    axes.set_yscale("log")
    axes.set_ylabel("mean regret: 0 is the best known, 1 a median setting")
    axes.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.minorticks_off()
    low = min(min(curve.off_by(-1)) for curve in curves)
    axes.set_ylim(low * 0.97, max(max(curve.off_by(1)) for curve in curves) * 1.03)
    last = curves[0].epochs[-1]
    axes.set_xlim(0, last)
    ticks = range(0, last + 1, full * 2)
    axes.set_xticks(ticks, [f"{tick}\n{tick // full}" for tick in ticks])
    axes.set_xlabel(f"epochs spent; below, in full trainings of {full}. Bands: standard error")
    axes.grid(color="#dddddd", lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _spread(axes: "Axes", curves: Mapping[str, Curve]) -> Iterator[tuple[str, float]]:
    """The names from the lowest, at heights that keep them apart."""
    to_axes = axes.transData + axes.transAxes.inverted()
    ends = {name: float(to_axes.transform((0, c.means[-1]))[1]) for name, c in curves.items()}
    least = 0.0
    for name in sorted(ends, key=ends.__getitem__):
        height = max(ends[name], least)
        least = height + NAME_HEIGHT
        yield name, height


def _name(axes: "Axes", name: str, curve: Curve, colour: str, height: float) -> None:
    axes.annotate(
        name,
        (curve.epochs[-1], curve.means[-1]),
        (1.03, height),
        textcoords="axes fraction",
        color=colour,
        va="center",
        annotation_clip=False,
        arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.8, "relpos": (0, 0.5)},
    )
