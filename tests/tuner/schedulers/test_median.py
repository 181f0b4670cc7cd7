from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import Stream

from tuner.schedulers import Decision, MedianConfig, SchedulerContext


@dataclass(frozen=True)
class RayTrial:
    trial_id: str


@given(seed=st.integers(0, 2**31), grace=st.integers(1, 4), least=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_stops_what_ray_stops(seed: int, grace: int, least: int) -> None:
    """Ray's MedianStoppingRule on the same stream, decision by decision."""
    from ray.tune.schedulers import MedianStoppingRule

    ray = MedianStoppingRule(
        time_attr="epoch", metric="value", mode="max", grace_period=grace,
        min_samples_required=least,
    )  # fmt: skip
    trials: dict[int, RayTrial] = {}
    controller = SimpleNamespace(get_live_trials=list)

    def compare(stream: Stream, trial: int, epoch: int, value: float, decision: Decision) -> None:
        key = trials.setdefault(trial, RayTrial(str(trial)))
        answer = ray.on_trial_result(controller, key, {"epoch": epoch, "value": value})
        assert (answer == "STOP") == (decision is Decision.STOP), (trial, epoch, value)

    scheduler = MedianConfig(grace_period=grace, min_trials=least).build(SchedulerContext(9))
    Stream(scheduler, seed, trials=30, levels=10**6, on_report=compare).run()


def test_a_constant_that_ties_is_not_stopped_by_rounding() -> None:
    """The mean of 0.1, 0.1 and 0.1 is 0.10000000000000002 in plain floats."""
    scheduler = MedianConfig(min_trials=1).build(SchedulerContext(9))
    for trial in range(4):
        for epoch in range(1, 8):
            assert scheduler.report(trial, epoch, 0.1) is Decision.CONTINUE


@pytest.mark.parametrize("least", [1, 3, 5])
def test_waits_for_enough_trials(least: int) -> None:
    scheduler = MedianConfig(min_trials=least).build(SchedulerContext(9))
    answers = [scheduler.report(trial, 1, -trial) for trial in range(8)]
    assert answers.index(Decision.STOP) == least
