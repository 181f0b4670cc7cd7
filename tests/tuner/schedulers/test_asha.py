from collections import Counter
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import Stream

from tuner.records import TrialState
from tuner.schedulers import AshaConfig, Decision, Resume, Scheduler, SchedulerContext
from tuner.schedulers.rung import Rung, rung_epochs

WORKERS = 3
GO, STOP = Decision.CONTINUE, Decision.STOP


def asha(mode: str = "promote", epochs: int = 27, **more: int) -> Scheduler:
    config = AshaConfig.model_validate({"grace_period": 1, "mode": mode, **more})
    return config.build(SchedulerContext(epochs))


def pause(scheduler: Scheduler, trial: int, value: float, epoch: int = 1) -> None:
    scheduler.started(trial, {})
    assert scheduler.report(trial, epoch, value) is STOP
    scheduler.ended(trial, TrialState.STOPPED)


def test_rungs_lie_below_the_end() -> None:
    assert rung_epochs(1, 3, 27) == [1, 3, 9]
    assert rung_epochs(2, 3, 15) == [2, 6]
    assert rung_epochs(4, 2, 4) == []
    assert rung_epochs(1, 3, 28) == [1, 3, 9, 27]


@given(st.lists(st.integers(-5, 5), min_size=1), st.integers(2, 5))
def test_the_cutoff_is_numpys_percentile(values: list[int], factor: int) -> None:
    import numpy as np

    rung = Rung(1)
    for trial, value in enumerate(values):
        rung.add(trial, value)
    expected = np.percentile(values, 100 * (1 - 1 / factor))
    assert rung.quantile(factor - 1, factor) == pytest.approx(expected)


# Stopping


@given(seed=st.integers(0, 2**31), factor=st.integers(2, 4), grace=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_stops_what_ray_stops(seed: int, factor: int, grace: int) -> None:
    """Ray's AsyncHyperBandScheduler with one bracket, on the same stream, decision by decision."""
    from ray.tune.schedulers import AsyncHyperBandScheduler

    ray = AsyncHyperBandScheduler(
        time_attr="epoch", metric="value", mode="max", max_t=27, grace_period=grace,
        reduction_factor=factor,
    )  # fmt: skip
    trials: dict[int, SimpleNamespace] = {}

    def compare(stream: Stream, trial: int, epoch: int, value: float, decision: Decision) -> None:
        if trial not in trials:
            trials[trial] = SimpleNamespace(trial_id=str(trial))
            ray.on_trial_add(None, trials[trial])
        answer = ray.on_trial_result(None, trials[trial], {"epoch": epoch, "value": value})
        if epoch < 27:
            assert (answer == "STOP") == (decision is STOP), (trial, epoch, value)

    scheduler = asha("stop", grace_period=grace, reduction_factor=factor)
    # Distinct values: at an exact tie with an interpolated cutoff Ray's floats decide.
    Stream(scheduler, seed, trials=40, max_epochs=27, levels=10**6, on_report=compare).run()


def test_ties_at_the_cutoff_go_on_however_many() -> None:
    scheduler = asha("stop")
    assert [scheduler.report(trial, 1, 0.1) for trial in range(10)] == [GO] * 10


def test_a_stopping_asha_knows_a_repeated_stop() -> None:
    scheduler = asha("stop")
    scheduler.report(0, 1, 0.9)
    assert [scheduler.report(1, 1, value) for value in (0.1, 0.1, 1.0)] == [STOP] * 3
    assert scheduler.report(1, 2, 0.1) is GO  # only for those who ignore it


def test_a_skipped_rung_is_judged_at_the_next_report() -> None:
    scheduler = asha("stop")
    scheduler.report(0, 3, 0.9)
    assert scheduler.report(1, 4, 0.1) is STOP


# Promoting


def test_promotes_the_best_third_once_it_has_a_third() -> None:
    scheduler = asha()
    pause(scheduler, 0, 0.3)
    pause(scheduler, 1, 0.2)
    assert scheduler.next_resume() is None
    pause(scheduler, 2, 0.1)
    assert scheduler.next_resume() == Resume(0)
    assert scheduler.next_resume() is None


def test_goes_straight_on_where_it_would_be_promoted_at_once() -> None:
    scheduler = asha()
    pause(scheduler, 0, 0.3)
    pause(scheduler, 1, 0.2)
    scheduler.started(2, {})
    assert scheduler.report(2, 1, 0.9) is GO
    assert scheduler.next_resume() is None


def test_a_tie_is_won_by_the_earlier() -> None:
    scheduler = asha()
    for trial in range(3):
        pause(scheduler, trial, 0.5)
    assert scheduler.next_resume() == Resume(0)


def test_the_highest_rung_promotes_first() -> None:
    scheduler = asha()
    for trial in range(3):
        pause(scheduler, trial, 0.1, epoch=3)
    for trial in range(3, 6):
        pause(scheduler, trial, 0.9, epoch=1)
    assert scheduler.next_resume() == Resume(0)
    assert scheduler.next_resume() == Resume(3)


def test_at_the_end_of_the_budget_the_best_of_each_rung_runs_on() -> None:
    scheduler = asha()
    pause(scheduler, 0, 0.3)
    pause(scheduler, 1, 0.4)
    assert scheduler.next_resume() is None
    assert scheduler.next_resume(drain=True) == Resume(1)
    assert scheduler.report(1, 3, 0.4) is STOP
    scheduler.ended(1, TrialState.STOPPED)
    assert scheduler.next_resume(drain=True) == Resume(1)
    assert scheduler.next_resume(drain=True) is None


def test_at_the_end_of_the_budget_the_best_needs_no_place_that_a_worse_one_took() -> None:
    scheduler = asha()
    for trial, value in enumerate((0.3, 0.2, 0.1)):
        pause(scheduler, trial, value)
    assert scheduler.next_resume(drain=True) == Resume(0)
    pause(scheduler, 3, 0.5)
    pause(scheduler, 4, 0.4)
    assert scheduler.next_resume() is None
    assert scheduler.next_resume(drain=True) == Resume(3)
    assert scheduler.next_resume(drain=True) is None


def test_a_failed_trial_leaves_its_place() -> None:
    scheduler = asha()
    for trial, value in enumerate((0.3, 0.2, 0.1)):
        pause(scheduler, trial, value)
    assert scheduler.next_resume() == Resume(0)
    scheduler.ended(0, TrialState.FAILED)
    assert scheduler.next_resume() is None
    pause(scheduler, 3, 0.05)
    assert scheduler.next_resume() == Resume(1)


def test_a_trial_that_ran_out_of_patience_is_not_promoted() -> None:
    scheduler = asha()
    for trial, value in enumerate((0.3, 0.2, 0.1)):
        scheduler.started(trial, {})
        scheduler.report(trial, 1, value)
        scheduler.ended(trial, TrialState.COMPLETE if trial == 0 else TrialState.STOPPED)
    assert scheduler.next_resume(drain=True) == Resume(1)
    assert scheduler.next_resume(drain=True) is None


def test_what_the_budget_cut_off_between_rungs_runs_on_first() -> None:
    scheduler = asha()
    for trial, value in enumerate((0.1, 0.2, 0.3)):
        scheduler.started(trial, {})
        scheduler.report(trial, 1, value)
        scheduler.ended(trial, TrialState.STOPPED)
    scheduler.started(2, {})
    scheduler.report(2, 2, 0.3)
    scheduler.ended(2, TrialState.STOPPED)
    assert scheduler.next_resume() == Resume(2)


def test_an_interrupted_trial_is_not_promoted_but_goes_on() -> None:
    scheduler = asha()
    for trial, value in enumerate((0.3, 0.2, 0.1)):
        pause(scheduler, trial, value)
    assert scheduler.next_resume() == Resume(0)
    scheduler.ended(0, TrialState.INTERRUPTED)
    assert scheduler.next_resume(drain=True) is None
    scheduler.started(0, {})
    assert scheduler.report(0, 2, 0.3) is GO


@given(seed=st.integers(0, 2**31), factor=st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_each_rung_lets_on_one_in_so_many(seed: int, factor: int) -> None:
    stream = Stream(
        asha(reduction_factor=factor), seed, trials=60, max_epochs=27, levels=10**6, failures=0.0,
        patience=0.0, workers=WORKERS,
    )  # fmt: skip
    stream.run()
    reached = Counter(stream.epochs.values())
    for low, high in pairwise([*rung_epochs(1, factor, 27), 27]):
        at = sum(count for epoch, count in reached.items() if epoch >= low)
        beyond = sum(count for epoch, count in reached.items() if epoch >= high)
        assert max(1, at // factor) <= beyond <= max(1, at // factor) + WORKERS
        scores = {trial: score for (trial, epoch), score in stream.values.items() if epoch == low}
        assert stream.epochs[max(scores, key=scores.__getitem__)] >= high


def test_a_sampler_that_learns_does_not_loosen_the_rungs() -> None:
    """Each trial beats all before it: Li et al.'s rule, and Ray's, would let every one on."""
    scheduler, stopping = asha(), asha("stop")
    on = 0
    for trial in range(30):
        scheduler.started(trial, {})
        assert stopping.report(trial, 1, trial) is GO
        on += scheduler.report(trial, 1, trial) is GO
        scheduler.ended(trial, TrialState.STOPPED)
    assert on == 10


@given(seed=st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_no_epoch_is_trained_twice_and_fewer_than_when_stopping(seed: int) -> None:
    spent = {}
    for mode in ("stop", "promote"):
        stream = Stream(asha(mode), seed, trials=60, max_epochs=27, failures=0.0, patience=0.0)
        reports = [call[1][:2] for call, _ in stream.run().calls if call[0] == "report"]
        assert len(reports) == len(set(reports))
        spent[mode] = len(reports)
    assert spent["promote"] <= spent["stop"] * 1.5
