"""A study as typed settings: what is trained, what is searched, how, and for how long."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    PrivateAttr,
    SerializeAsAny,
    Tag,
    model_validator,
)

from sr_models.frozen import FrozenConfig
from tuner.config.durations import Duration
from tuner.objectives.metric import Metric
from tuner.samplers import SamplerConfig, Tpe
from tuner.schedulers import SchedulerConfig
from tuner.space import Dimension, SearchSpace
from tuner.space.field_error import field_error
from tuner.space.written import written
from tuner.trackers import TrackerConfig

if TYPE_CHECKING:
    from tuner.objectives.protocol import Objective

LONGEST_NAME = 100


def checked_name(name: str) -> str:
    """Return the name if it can be the name of a folder on any system.

    Raises:
        ValueError: it cannot be, or is too long.
    """
    if not re.fullmatch(r"\w[\w.-]*", name) or len(name.encode()) > LONGEST_NAME:
        raise ValueError(
            "a name starts with a letter or digit, has only letters, digits, _, . and - "
            f"(it is also the name of a folder) and at most {LONGEST_NAME} bytes"
        )
    return name


Name = Annotated[str, AfterValidator(checked_name)]
"""A name that is also the name of a folder."""


class DeclaredMetric(FrozenConfig):
    """A metric that the objective does not declare, or declares differently.

    Args:
        name: the key under which each epoch reports it.
        direction: "maximize" or "minimize".
        unit: shown after its values.
        label: what is measured, in a few words.
        decimals: digits after the point; by default five significant digits.
        baseline: a value that trials are compared with, such as that of a model in use.
        baseline_label: the name of the baseline.
    """

    name: str = Field(min_length=1)
    direction: Literal["maximize", "minimize"]
    unit: str = ""
    label: str = ""
    decimals: int | None = Field(default=None, ge=0)
    baseline: float | None = None
    baseline_label: str = ""

    def metric(self, declared: Metric | None) -> Metric:
        """Return its description; what it does not say is as the objective has `declared` it."""
        said = self.model_dump(exclude_defaults=True)
        return Metric(**said) if declared is None else replace(declared, **said)


def _metrics(value: Any) -> Any:
    found = value if isinstance(value, list | tuple) else (value,)
    if not all(isinstance(entry, str | Mapping | DeclaredMetric) for entry in found):
        raise ValueError("must be the name of a metric, or a list of two")
    if len(found) not in (1, 2):
        raise ValueError("must name one or two metrics")
    for key in ("name", "direction"):
        if any(isinstance(entry, Mapping) and key not in entry for entry in found):
            raise field_error(key, "is missing")
    return tuple(found)


_NAME, _DECLARED = (
    "{metric}",
    "{name, direction}",
)  # pydantic puts these tags into the locations of errors
MetricChoice = Annotated[
    Annotated[str, Tag(_NAME)] | Annotated[DeclaredMetric, Tag(_DECLARED)],
    Discriminator(lambda value: _NAME if isinstance(value, str) else _DECLARED),
]
"""The name of a metric, or the description of a metric that the objective does not declare."""


def _flat(search: Any) -> Any:
    """Refuse sections inside `search`, whose keys are whole paths."""
    for path, dimension in search.items() if isinstance(search, dict) else ():
        inner = dimension if isinstance(dimension, dict) else {}
        if inner and all(isinstance(value, dict) for value in inner.values()):
            raise field_error(
                path, f"write a key with dots, such as {path}.{next(iter(inner))}: ..."
            )
    return search


class Baseline(FrozenConfig):
    """A named trial that runs first.

    Args:
        set: dotted path -> value, over the objective section; may be outside the search space.
        reported: metric -> figure that somebody else published for it, shown beside ours.
    """

    set: dict[str, Any] = Field(default_factory=dict)
    reported: dict[str, float] = Field(default_factory=dict)


class Budget(FrozenConfig):
    """When the search ends, by whichever limit is reached first.

    Args:
        trials: how many settings the sampler proposes, in addition to the baselines; by default
            there is no limit.
        wall_clock: seconds, or `30m`, `2h`.
    """

    trials: int | None = Field(default=None, ge=0)
    wall_clock: Duration | None = None

    @model_validator(mode="after")
    def _some_limit(self) -> Self:
        if self.trials is None and self.wall_clock is None:
            raise ValueError("needs trials, wall_clock, or both")
        return self


class Confirm(FrozenConfig):
    """Train the best trials again, with several seeds, once the search has ended.

    Args:
        top: how many of the best trials.
        seeds: how often each of them is trained.
    """

    top: int = Field(default=3, ge=1)
    seeds: int = Field(default=5, ge=2)


class Bound(FrozenConfig):
    """The range that a static metric must be in, both ends included."""

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("needs min, max, or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise field_error("min", f"must be at most max ({self.max:g})")
        return self


LEAST_GPU = 0.0001
"""Smallest part of a GPU that Ray can give to a trial."""


def _ray_can_give(gpus: float) -> float:
    if 0 < gpus < LEAST_GPU or (gpus > 1 and gpus % 1):
        raise ValueError(f"must be a fraction, at least {LEAST_GPU}, or a whole number")
    return gpus


GpusPerTrial = Annotated[
    Annotated[float, Field(ge=0), AfterValidator(_ray_can_give), Tag("{number}")]
    | Annotated[Literal["auto"], Tag("{auto}")],
    Discriminator(lambda value: "{auto}" if isinstance(value, str) else "{number}"),
]
"""A number, or `auto`."""


class Sections(FrozenConfig):
    """All sections of a study except its objective.

    Args:
        study: its name, and the name of its results folder.
        description: a line for people.
        search: dotted path into the objective -> dimension.
        baselines: named trials that run first.
        metric: what is searched for; two metrics for a Pareto front, of which the first also stops
            trials and says which epoch a trial is judged by (among equal epochs the second does).
            By default the objective's first metric; if the objective declares none, give name and
            direction.
        sampler: proposes settings.
        scheduler: stops trials early. By default `asha`, or `none` if there are two metrics or the
            sampler learns only from complete trials.
        budget: when the search ends.
        confirm: whether the best trials are trained again with several seeds.
        trackers: other tools that get a copy of the results.
        workers: trials that run at the same time; by default as many as cores or GPUs allow.
        threads: threads of each trial; by default the cores divided among the workers.
        gpus_per_trial: GPUs of each trial, fractions allowed; by default 1 if there is a GPU.
            `auto`: as many trials share a GPU as fit into its memory and gain from it, by a
            measurement before the first trial; 0 if there is none.
        retries: how often a crashed trial is retried.
        constraints: static metric -> bound; settings that violate a constraint are never trained.
        warm_start: results folders of earlier studies of the same space to learn from.
    """

    study: Name
    description: str = ""
    search: Annotated[dict[str, Dimension], BeforeValidator(_flat)] = Field(default_factory=dict)
    baselines: dict[Name, Baseline] = Field(default_factory=dict)
    metric: Annotated[tuple[MetricChoice, ...], BeforeValidator(_metrics)] | None = None
    sampler: SamplerConfig = Field(default_factory=Tpe)
    scheduler: SchedulerConfig | None = None
    budget: Budget = Field(default_factory=lambda: Budget(trials=16))
    confirm: Confirm | None = None
    constraints: dict[str, Bound] = Field(default_factory=dict)
    warm_start: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    trackers: tuple[TrackerConfig, ...] = ()
    workers: int | None = Field(default=None, ge=1)
    threads: int | None = Field(default=None, ge=1)
    gpus_per_trial: GpusPerTrial | None = None
    retries: int = Field(default=1, ge=0)


class StudyConfig(Sections):
    """A checked study: the objective accepts every setting that its search can propose."""

    scheduler: SchedulerConfig
    objective_type: str
    objective_config: SerializeAsAny[FrozenConfig]
    _objective: "Objective | None" = PrivateAttr(default=None)

    @property
    def objective(self) -> "Objective":
        """The objective of the trials, with the metrics that the study declares for it."""
        if self._objective is None:
            from tuner.objectives import get_objective

            return get_objective(self.objective_type)
        return self._objective

    def with_objective(self, objective: "Objective") -> Self:
        """Return the same study with this objective."""
        copy = self.model_copy()
        copy._objective = objective
        return copy

    @property
    def metrics(self) -> tuple[str, ...]:
        """The one or two metrics that are searched for; the first also stops trials."""
        assert self.metric is not None, "filled in when a study is loaded"
        return tuple(metric if isinstance(metric, str) else metric.name for metric in self.metric)

    def space(self) -> SearchSpace:
        """Return the search space over the objective section."""
        config = self.objective_config
        return SearchSpace(self.search, written(config), type(config))
