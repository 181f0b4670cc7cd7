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
    """See that a name can be a folder's too, on any system.

    Raises:
        ValueError: it cannot be, or is too long.
    """
    if not re.fullmatch(r"\w[\w.-]*", name) or len(name.encode()) > LONGEST_NAME:
        raise ValueError(
            "a name starts with a letter or digit, has only letters, digits, _, . and - "
            f"(it is a folder's, too) and at most {LONGEST_NAME} bytes"
        )
    return name


Name = Annotated[str, AfterValidator(checked_name)]
"""A name that is also that of a folder."""


class DeclaredMetric(FrozenConfig):
    """A metric that the objective does not declare itself, or not as the study has it.

    Args:
        name: under which each epoch reports it.
        direction: which way is better.
        unit: shown behind its values.
        label: what is measured, in a few words.
        decimals: digits after the point; unset, five significant digits.
        baseline: a value that trials are compared with, such as that of a model in use.
        baseline_label: what that value is the value of.
    """

    name: str = Field(min_length=1)
    direction: Literal["maximize", "minimize"]
    unit: str = ""
    label: str = ""
    decimals: int | None = Field(default=None, ge=0)
    baseline: float | None = None
    baseline_label: str = ""

    def metric(self, declared: Metric | None) -> Metric:
        """Its description; what it does not say is as the objective has `declared` it."""
        said = self.model_dump(exclude_defaults=True)
        return Metric(**said) if declared is None else replace(declared, **said)


def _metrics(value: Any) -> Any:
    found = value if isinstance(value, list | tuple) else (value,)
    if not all(isinstance(entry, str | Mapping | DeclaredMetric) for entry in found):
        raise ValueError("must be the name of a metric, or a list of two")
    if len(found) not in (1, 2):
        raise ValueError("must name one metric or two")
    for key in ("name", "direction"):
        if any(isinstance(entry, Mapping) and key not in entry for entry in found):
            raise field_error(key, "is missing")
    return tuple(found)


_NAME, _DECLARED = "{metric}", "{name, direction}"  # no keys: locations of errors name them
MetricChoice = Annotated[
    Annotated[str, Tag(_NAME)] | Annotated[DeclaredMetric, Tag(_DECLARED)],
    Discriminator(lambda value: _NAME if isinstance(value, str) else _DECLARED),
]
"""The name of a metric, or a description of one that the objective does not declare."""


def _flat(search: Any) -> Any:
    """Refuse sections inside of `search`: its keys are whole paths."""
    for path, dimension in search.items() if isinstance(search, dict) else ():
        inner = dimension if isinstance(dimension, dict) else {}
        if inner and all(isinstance(value, dict) for value in inner.values()):
            raise field_error(
                path, f"write one key with dots, such as {path}.{next(iter(inner))}: ..."
            )
    return search


class Baseline(FrozenConfig):
    """A named trial that runs first.

    Args:
        set: dotted path -> value, over the objective section; may lie outside of the search.
        reported: metric -> figure that somebody else printed for it, shown beside ours.
    """

    set: dict[str, Any] = Field(default_factory=dict)
    reported: dict[str, float] = Field(default_factory=dict)


class Budget(FrozenConfig):
    """When the search ends, by whichever comes first.

    Args:
        trials: how many settings the sampler proposes, beside the baselines; unset, no limit.
        wall_clock: seconds, or `30m`, `2h`.
    """

    trials: int | None = Field(default=None, ge=0)
    wall_clock: Duration | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.trials is None and self.wall_clock is None:
            raise ValueError("needs trials, wall_clock, or both")
        return self


class Confirm(FrozenConfig):
    """Train the best trials again, over several seeds, once the search has ended.

    Args:
        top: how many of the best.
        seeds: how often each of them is trained.
    """

    top: int = Field(default=3, ge=1)
    seeds: int = Field(default=5, ge=2)


class Bound(FrozenConfig):
    """The range that a fact of a setting must lie in, both ends included."""

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
"""Of a GPU: Ray counts in no smaller parts."""


def _ray_can_give(gpus: float) -> float:
    if 0 < gpus < LEAST_GPU or (gpus > 1 and gpus % 1):
        raise ValueError(f"must be a part of one GPU, from {LEAST_GPU} on, or a whole number")
    return gpus


GpusPerTrial = Annotated[
    Annotated[float, Field(ge=0), AfterValidator(_ray_can_give), Tag("{number}")]
    | Annotated[Literal["auto"], Tag("{auto}")],
    Discriminator(lambda value: "{auto}" if isinstance(value, str) else "{number}"),
]
"""A number, or `auto`."""


class Sections(FrozenConfig):
    """All sections of a study but its objective.

    Args:
        study: its name, and that of its results folder.
        description: one line for people.
        search: dotted path into the objective -> dimension.
        baselines: named trials that run first.
        metric: what is searched for; two for a Pareto front, the first also stops trials, and says
            which epoch a trial is judged by (of equals the second does). Unset, the objective's
            first. Where the objective declares none, with name and direction.
        sampler: what proposes settings.
        scheduler: what stops trials early. Unset, `asha`; or `none`, where there are two metrics
            or the sampler learns from trials in full only.
        budget: when the search ends.
        confirm: whether the best are trained again over several seeds.
        trackers: other tools that get a copy of the results.
        workers: trials at the same time; unset, as many as cores or GPUs allow.
        threads: threads of each trial; unset, the cores shared out among the workers.
        gpus_per_trial: GPUs of each trial, fractions allowed; unset, 1 where there is one. `auto`:
            as many trials share a GPU as fit into its memory and gain by it, as a measurement
            before the first trial shows; 0 where there is none.
        retries: how often a trial that crashed is tried again.
        constraints: fact -> bound; settings that break one are never trained.
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
    """A study, checked: every setting that its search can propose is one its objective takes."""

    scheduler: SchedulerConfig
    objective_type: str
    objective_config: SerializeAsAny[FrozenConfig]
    _objective: "Objective | None" = PrivateAttr(default=None)

    @property
    def objective(self) -> "Objective":
        """What the trials train, with the metrics that the study declares for it."""
        if self._objective is None:
            from tuner.objectives import get_objective

            return get_objective(self.objective_type)
        return self._objective

    def training(self, objective: "Objective") -> Self:
        """The same study with this very objective."""
        copy = self.model_copy()
        copy._objective = objective
        return copy

    @property
    def metrics(self) -> tuple[str, ...]:
        """The one or two metrics that are searched for; the first also stops trials."""
        assert self.metric is not None, "filled in when a study is loaded"
        return tuple(metric if isinstance(metric, str) else metric.name for metric in self.metric)

    def space(self) -> SearchSpace:
        """The space that is searched, over what the objective section says."""
        config = self.objective_config
        return SearchSpace(self.search, written(config), type(config))
