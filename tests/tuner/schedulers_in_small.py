"""Every scheduler there is, in all its modes, so that a new one is tested without a new test."""

from collections.abc import Iterator
from typing import Any, get_args

from tuner.schedulers import BaseSchedulerConfig, SchedulerConfig

# Settings for studies of few short trials; a scheduler takes those that it has.
SMALL: dict[str, Any] = {"grace_period": 1, "interval": 2, "population": 4, "min_trials": 2}


def every_scheduler() -> dict[str, BaseSchedulerConfig]:
    """Each scheduler of the union, once for each of its modes, under names for tests."""
    members = get_args(get_args(SchedulerConfig)[0])
    return dict(one for member in members for one in _variants(member))


def _variants(member: type[BaseSchedulerConfig]) -> Iterator[tuple[str, BaseSchedulerConfig]]:
    fields = member.model_fields
    small = {name: value for name, value in SMALL.items() if name in fields}
    name = str(fields["type"].default)
    for mode in get_args(fields["mode"].annotation) if "mode" in fields else ():
        yield f"{name}-{mode}", member.model_validate({**small, "mode": mode})
    if "mode" not in fields:
        yield name, member.model_validate(small)
