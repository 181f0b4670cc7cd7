"""The description of a metric: its direction, its unit, and how it is printed and compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, get_args

Direction = Literal["maximize", "minimize"]


@dataclass(frozen=True)
class Metric:
    """The description of a metric, such as `Metric("validation/accuracy", "maximize")`.

    An objective declares its metrics, the descriptions are stored with the study, and everything
    that sorts, stars, colours, formats, plots or exports a value reads them. Nothing is guessed
    from a name.

    Args:
        name: the key under which each epoch yields the value.
        direction: "maximize" or "minimize"; None if no value is better than another.
        unit: "dB", "s"; "" for a number without a unit.
        label: what is measured, in a few words.
        decimals: digits after the point; None for five significant digits.
        signed: print a plus before values above zero.
        static: known before training and the same in every epoch, like a number of parameters.
        baseline: the value that trials are compared with, if it is known beforehand.
        baseline_label: the name of the baseline. If it is measured when the study is prepared,
            `prepare` returns `baseline_LABEL`, a value for each metric, and only the label is
            declared.
        over: the metric that this is the difference of: its value minus its baseline's.
        mean_over: the parts that the value is a mean over, as far as a trial has them. Each part is
            the metric NAME_PART, and a trial is compared with the baseline of its parts.
        comparable_if_equal: the params (dotted paths) that must be equal for the values of two
            trials to be comparable; losses of different kinds have no common scale.
        scale: another scale on which the value is also shown.
        minor: of interest on request only: tables and charts hide it at first.
        short: heading of a narrow column; by default the name.

    Raises:
        ValueError: the name is empty, or the direction is unknown.
    """

    name: str
    direction: Direction | None = None
    unit: str = ""
    label: str = ""
    decimals: int | None = None
    signed: bool = False
    static: bool = False
    baseline: float | None = None
    baseline_label: str = ""
    over: str = ""
    mean_over: tuple[str, ...] = ()
    comparable_if_equal: tuple[str, ...] = ()
    scale: "Scale | None" = None
    minor: bool = False
    short: str = ""

    def __post_init__(self) -> None:
        if not self.name or not isinstance(self.name, str):
            raise ValueError(f"a metric needs a name, got {self.name!r}")
        if self.direction not in (None, *get_args(Direction)):
            raise ValueError(
                f"metric {self.name}: direction must be maximize, minimize or None, "
                f"got {self.direction!r}"
            )

    @property
    def minimized(self) -> bool:
        """Whether less is better."""
        return self.direction == "minimize"

    def to_info(self) -> dict[str, Any]:
        """Return the description as JSON can represent it, without the defaults."""
        said = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name != "scale" and getattr(self, field.name) != field.default
        }
        found = {key: list(v) if isinstance(v, tuple) else v for key, v in said.items()}
        return found if self.scale is None else {**found, "scale": self.scale.to_info()}

    @classmethod
    def from_info(cls, info: Mapping[str, Any]) -> Self:
        """Return the description that `to_info` wrote; fields of later versions are ignored."""
        known = {field.name for field in fields(cls)}
        values = {key: value for key, value in info.items() if key in known}
        for key in ("mean_over", "comparable_if_equal"):
            values[key] = tuple(values.get(key) or ())
        scale = values.get("scale")
        return cls(**{**values, "scale": None if scale is None else Scale.from_info(scale)})


@dataclass(frozen=True)
class Scale:
    """Another scale for a metric: its value, or the sum over its parts, divided by a number.

    Args:
        name: name of the column for programs: "report_scale".
        label: name for people: "report's scale".
        divisor: what a value is divided by.
        summed: whether it is a sum over the parts (see `Metric.mean_over`) instead of their mean.
        decimals: digits after the point.
    """

    name: str
    label: str
    divisor: float = 1.0
    summed: bool = False
    decimals: int | None = None

    def to_info(self) -> dict[str, Any]:
        """Return the scale as JSON can represent it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_info(cls, info: Mapping[str, Any]) -> Self:
        """Return the scale that `to_info` wrote."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in info.items() if key in known})


def by_name(metrics: Iterable[Metric]) -> dict[str, Metric]:
    """Return metrics by their names, in their order."""
    return {metric.name: metric for metric in metrics}


def static_names(metrics: Iterable[Metric]) -> tuple[str, ...]:
    """Return the names of the metrics that are known before training."""
    return tuple(metric.name for metric in metrics if metric.static)
