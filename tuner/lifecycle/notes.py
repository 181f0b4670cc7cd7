"""Notes about a study file: what is allowed, but probably not what was meant."""

from collections.abc import Iterator, Sequence

from tuner.config import Bound, StudyConfig
from tuner.config.checks.problem import listed
from tuner.core.setting import SettingReader
from tuner.objectives.function import FreeParams
from tuner.space import Range, SearchSpace, paths
from tuner.space.draw import draw
from tuner.space.paths import inside

TRIED = 50
"""Number of settings that are drawn to see whether any satisfies the constraints."""


def notes(config: StudyConfig) -> list[str]:
    """Return what to tell before a study is run, a sentence each."""
    return [
        *_steps(config),
        *_compared(config),
        *_grace_period(config),
        *_unlearned(config),
        *_unset(config),
        *_constraints(config),
        *_unconstrained(config),
    ]


def _steps(config: StudyConfig) -> Iterator[str]:
    for path, dimension in config.search.items():
        if isinstance(dimension, Range) and dimension.last != dimension.high:
            yield (
                f"search.{path}: steps of {dimension.step:g} from {dimension.low:g} do not reach "
                f"high ({dimension.high:g}); the largest value tried is {dimension.last:g}"
            )


def _compared(config: StudyConfig) -> Iterator[str]:
    """Note a metric whose values cannot be compared between the trials of the search."""
    searched = (metric for metric in config.objective.metrics if metric.name in config.metrics)
    for metric in searched:
        for section in metric.comparable_if_equal:
            if found := [path for path in config.search if inside(path, section)]:
                yield (
                    f"search.{found[0]}: {metric.name} can be compared only between trials "
                    f"with equal {section}, so the search would choose what is easy to score well"
                )


def _grace_period(config: StudyConfig) -> Iterator[str]:
    """Note a scheduler without an epoch at which it could stop a trial."""
    grace_period: int | None = getattr(config.scheduler, "grace_period", None)
    most = config.objective.max_epochs(config.objective_config)
    if grace_period is None or most is None or not config.search or grace_period < most:
        return
    yield (
        f"scheduler.grace_period = {grace_period}: scheduler {config.scheduler.type} will stop no "
        f"proposal, as none is longer than {most} epoch{'' if most == 1 else 's'}"
    )


def _unlearned(config: StudyConfig) -> Iterator[str]:
    """Note a sampler that does not learn from stopped trials, with a scheduler that stops them."""
    sampler, scheduler = config.sampler, config.scheduler
    stops = scheduler.stops_trials and not scheduler.changes_params
    if stops and sampler.learns and not sampler.learns_from_stopped and config.search:
        yield (
            f"sampler {sampler.type} learns only from trials that ran in full, and scheduler "
            f"{scheduler.type} stops others early: until enough have, it proposes at random; use "
            "scheduler none, or sampler tpe"
        )


def _unset(config: StudyConfig) -> Iterator[str]:
    """Note params that a baseline leaves out and nothing else sets, on which a function may rely.

    An objective with a config of its own has a default for each, or has rejected the baseline.
    """
    if not issubclass(config.objective.config_type, FreeParams):
        return
    written = config.space().base
    searched = [path for path, dimension in config.search.items() if not dimension.when]
    for name, baseline in config.baselines.items():
        missing = [
            path
            for path in searched
            if path not in baseline.set and paths.get(written, path) is paths.MISSING
        ]
        if missing:
            yield (
                f"baselines.{name} does not set {listed(missing, 'and')}, which the search does: "
                "its trial gets no value, unless the objective section has it"
            )


def _constraints(config: StudyConfig) -> Iterator[str]:
    if not config.constraints:
        return
    drawn = draw(config.space(), TRIED)
    broken = _broken_by_all(config, config.space(), drawn)
    if broken:
        said = " and ".join(f"{name} {_words(config.constraints[name])}" for name in broken)
        drawn_at_random = f"none of {len(drawn)} settings drawn at random satisfies"
        which = drawn_at_random if config.search else "the objective section does not satisfy"
        yield f"constraints: {which} {said}"


def _unconstrained(config: StudyConfig) -> Iterator[str]:
    """Note baselines that violate a constraint, which only applies to proposals."""
    reader = SettingReader(config.space(), config.objective, config.constraints)
    for name, baseline in config.baselines.items():
        violations = reader.violations(reader.read(baseline.set))
        excess = [
            metric for metric, by in violations.items() if by > 0 and metric in config.constraints
        ]
        if excess:
            said = " and ".join(
                f"{metric} {_words(config.constraints[metric])}" for metric in excess
            )
            yield (
                f"baselines.{name} does not satisfy {said}: a baseline runs anyway, and may "
                "come out as the best"
            )


def _broken_by_all(
    config: StudyConfig, space: SearchSpace, drawn: Sequence[dict[str, object]]
) -> list[str]:
    """The constraints that some of the settings violate, if each of them violates at least 1."""
    reader = SettingReader(space, config.objective, config.constraints)
    names: dict[str, None] = {}
    for params in drawn:
        violations = reader.violations(reader.read(params))
        broken = [name for name, excess in violations.items() if excess > 0]
        if not broken:
            return []
        names |= dict.fromkeys(name for name in broken if name in config.constraints)
    return list(names)


def _words(bound: Bound) -> str:
    """A bound in words: `at most 1`."""
    least = "" if bound.min is None else f"at least {bound.min:g}"
    most = "" if bound.max is None else f"at most {bound.max:g}"
    return " and ".join(filter(None, [least, most]))
