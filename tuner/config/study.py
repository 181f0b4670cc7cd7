"""A study as typed settings: what is trained, what is searched, how, and for how long."""

from typing import Annotated, Any, Literal

from pydantic import Field, SerializeAsAny, StringConstraints, model_validator

from sr_models.frozen import Frozen
from tuner.config.durations import Duration
from tuner.samplers import SamplerConfig, Tpe
from tuner.space import Dimension, SearchSpace

Name = Annotated[str, StringConstraints(pattern=r"^\w[\w.-]*$", max_length=100)]
"""A name that is also a folder: letters, digits, `_`, `.` and `-`."""


class Baseline(Frozen):
    """A named trial that runs first.

    Args:
        set: dotted path -> value, over the objective section; may lie outside of the search.
        reported: metric -> figure that somebody else printed for it, shown beside ours.
    """

    set: dict[str, Any] = Field(default_factory=dict)
    reported: dict[str, float] = Field(default_factory=dict)


class Budget(Frozen):
    """When the search ends, by whichever comes first.

    Args:
        trials: how many settings the sampler proposes, beside the baselines; unset, no limit.
        wall_clock: seconds, or `30m`, `2h`.
    """

    trials: int | None = Field(default=None, ge=0)
    wall_clock: Duration | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Budget":
        if self.trials is None and self.wall_clock is None:
            raise ValueError("needs trials, wall_clock, or both")
        return self


class Confirm(Frozen):
    """Train the best trials again, over several seeds, once the search has ended.

    Args:
        top: how many of the best.
        seeds: how often each of them is trained.
    """

    top: int = Field(default=3, ge=1)
    seeds: int = Field(default=5, ge=2)


class Bound(Frozen):
    """The range that a fact of a setting, known before training, must lie in."""

    min: float | None = None
    max: float | None = None


class Scheduler(Frozen):
    """Stand-in."""

    type: Literal["none"] = "none"


class Sections(Frozen):
    """All sections of a study but its objective.

    Args:
        study: its name, and that of its results folder.
        description: one line for people.
        search: dotted path into the objective -> dimension.
        baselines: named trials that run first.
        metric: what is searched for; two for a Pareto front, the first also stops trials. Unset,
            the objective's first.
        sampler: what proposes settings.
        scheduler: what stops trials early.
        budget: when the search ends.
        confirm: whether the best are trained again over several seeds.
        trackers: other tools that get a copy of the results.
        workers: trials at the same time; unset, as many as cores or GPUs allow.
        threads: threads of each trial; unset, the cores shared out among the workers.
        gpus_per_trial: GPUs of each trial, fractions allowed; unset, 1 where there is one.
        retries: how often a trial that crashed is tried again.
        constraints: fact -> bound; settings that break one are never trained.
        warm_start: results folders of earlier studies of the same space to learn from.
    """

    study: Name
    description: str = ""
    search: dict[str, Dimension] = Field(default_factory=dict)
    baselines: dict[Name, Baseline] = Field(default_factory=dict)
    metric: str | tuple[str, str] | None = None
    sampler: SamplerConfig = Field(default_factory=Tpe)
    scheduler: Scheduler = Field(default_factory=Scheduler)
    budget: Budget = Field(default_factory=lambda: Budget(trials=16))
    confirm: Confirm | None = None
    constraints: dict[str, Bound] = Field(default_factory=dict)
    warm_start: tuple[str, ...] = ()
    trackers: tuple[Any, ...] = ()
    workers: int | None = Field(default=None, ge=1)
    threads: int | None = Field(default=None, ge=1)
    gpus_per_trial: float | None = Field(default=None, ge=0)
    retries: int = Field(default=1, ge=0)


class StudyConfig(Sections):
    """A study, checked: every setting that its search can propose is one its objective takes."""

    objective_type: str
    objective_config: SerializeAsAny[Frozen]

    @property
    def metrics(self) -> tuple[str, ...]:
        """The one or two metrics that are searched for; the first also stops trials."""
        if self.metric is None:
            from tuner.objectives import get_objective

            return (next(iter(get_objective(self.objective_type).directions)),)
        return (self.metric,) if isinstance(self.metric, str) else self.metric

    def space(self) -> SearchSpace:
        """The space that is searched."""
        base = self.objective_config.model_dump(mode="json", exclude_unset=True)
        return SearchSpace(self.search, base, type(self.objective_config))
