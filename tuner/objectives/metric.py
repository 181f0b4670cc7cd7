"""What a metric is, said once: which way is better, its unit, how it is printed and compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, get_args

Direction = Literal["maximize", "minimize"]


@dataclass(frozen=True)
class Metric:
    """The description of a metric: `Metric("validation/accuracy", "maximize")` is a whole one.

    An objective declares its metrics, the description is stored with the study, and whatever
    sorts, stars, colours, formats, plots or exports a value reads it here. Nothing is guessed
    from the name.

    Args:
        name: under which each epoch yields the value.
        direction: which way is better; None for a metric that has no better and worse.
        unit: "dB", "s"; "" for a number without one.
        label: what is measured, in a few words.
        decimals: digits after the point; None for five significant digits.
        signed: print a plus before values above zero.
        static: known before training and the same in every epoch, like a number of parameters.
        baseline: the value that trials are compared with, where it is known beforehand.
        baseline_label: what that value is the value of. Where it is measured when the study is
            prepared, `prepare` returns `baseline_LABEL`, a value for each metric, and the label
            alone is declared.
        over: the metric that this is the difference of: its value less its baseline's.
        mean_over: the parts that the value is a mean over, those of them that a trial has. Each
            part is the metric NAME_PART, and a trial is compared with the baseline of its parts.
        comparable_if_equal: the params (dotted paths) that must be equal for the values of two
            trials to be compared; losses of different kinds have no common scale.
        scale: another scale on which the value is given as well.
        minor: of interest on request only: tables and charts leave it out at first.
        short: what a narrow column calls it; unless given, its name.
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
        """The description as JSON can hold it, without what is not said."""
        said = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name != "scale" and getattr(self, field.name) != field.default
        }
        found = {key: list(v) if isinstance(v, tuple) else v for key, v in said.items()}
        return found if self.scale is None else {**found, "scale": self.scale.to_info()}

    @classmethod
    def from_info(cls, info: Mapping[str, Any]) -> Self:
        """The description that `to_info` wrote; what a later version may have added is left out."""
        known = {field.name for field in fields(cls)}
        values = {key: value for key, value in info.items() if key in known}
        for key in ("mean_over", "comparable_if_equal"):
            values[key] = tuple(values.get(key) or ())
        scale = values.get("scale")
        return cls(**{**values, "scale": None if scale is None else Scale.from_info(scale)})


@dataclass(frozen=True)
class Scale:
    """Another scale for a metric: its value, summed over its parts or not, divided by a number.

    Args:
        name: of the column, as programs read it: "report_scale".
        label: for people: "report's scale".
        divisor: what a value is divided by.
        summed: a sum over the parts (see `Metric.mean_over`), not their mean.
        decimals: digits after the point.
    """

    name: str
    label: str
    divisor: float = 1.0
    summed: bool = False
    decimals: int | None = None

    def to_info(self) -> dict[str, Any]:
        """The scale as JSON can hold it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_info(cls, info: Mapping[str, Any]) -> Self:
        """The scale that `to_info` wrote."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in info.items() if key in known})


def by_name(metrics: Iterable[Metric]) -> dict[str, Metric]:
    """Metrics under their names, in their order."""
    return {metric.name: metric for metric in metrics}


def static_names(metrics: Iterable[Metric]) -> tuple[str, ...]:
    """The names of the metrics that are known before training."""
    return tuple(metric.name for metric in metrics if metric.static)
