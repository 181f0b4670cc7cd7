from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streams import Stream

from tuner.records import TrialState
from tuner.schedulers import Decision, Mutable, PbtConfig, Resume, Scheduler, SchedulerContext
from tuner.schedulers.explore import explore

MUTABLES = {
    "lr": Mutable(1e-4, 1e-1, log=True),
    "batch": Mutable(4, 64, step=4, integer=True),
    "betas": Mutable(choices=((0.9, 0.999), (0.9, 0.95), (0.8, 0.9))),
    "absent": Mutable(),
}
PARAMS = {"lr": 0.01, "batch": 16, "betas": (0.9, 0.95), "network": "residual"}


def pbt(**more: Any) -> Scheduler:
    config = PbtConfig.model_validate({"population": 4, "interval": 2, **more})
    return config.build(SchedulerContext(8, MUTABLES))


def generation(scheduler: Scheduler, values: dict[int, float], epoch: int = 2) -> None:
    for trial, value in values.items():
        assert scheduler.report(trial, epoch, value) is Decision.STOP
        scheduler.ended(trial, TrialState.STOPPED)


def start(scheduler: Scheduler, trials: range) -> None:
    for trial in trials:
        scheduler.started(trial, {**PARAMS, "network": f"n{trial}"})


def test_the_worst_takes_over_the_best_and_varies_it() -> None:
    scheduler = pbt()
    start(scheduler, range(4))
    generation(scheduler, {0: 0.1, 1: 0.4, 2: 0.2, 3: 0.3})
    first = scheduler.next_resume()
    assert first is not None
    assert (first.trial, first.donor) == (0, 1)
    assert first.params is not None
    assert first.params["network"] == "n1"
    assert first.params["lr"] != PARAMS["lr"]
    rest = [scheduler.next_resume() for _ in range(4)]
    assert rest == [Resume(2), Resume(3), Resume(1), None]


def test_a_generation_waits_for_all_its_members() -> None:
    scheduler = pbt()
    start(scheduler, range(4))
    generation(scheduler, {0: 0.1, 1: 0.4, 2: 0.2})
    assert scheduler.next_resume() is None
    assert scheduler.next_resume(drain=True) is None
    scheduler.ended(3, TrialState.FAILED)
    assert scheduler.next_resume() is not None


def test_a_population_waits_until_it_is_whole_or_will_grow_no_more() -> None:
    scheduler = pbt()
    start(scheduler, range(3))
    generation(scheduler, {0: 0.1, 1: 0.4, 2: 0.2})
    assert scheduler.next_resume() is None
    assert scheduler.next_resume(drain=True) is not None


def test_populations_do_not_mix() -> None:
    scheduler = pbt()
    start(scheduler, range(8))
    generation(scheduler, {4: 0.5, 5: 0.6, 6: 0.7, 7: 0.8})
    resumes = [scheduler.next_resume() for _ in range(4)]
    assert [(r.trial, r.donor) for r in resumes if r] == [(4, 7), (5, None), (6, None), (7, None)]
    assert scheduler.next_resume() is None


def test_a_trial_that_completed_still_donates() -> None:
    scheduler = pbt()
    start(scheduler, range(4))
    scheduler.report(3, 2, 0.9)
    scheduler.ended(3, TrialState.COMPLETE)
    generation(scheduler, {0: 0.1, 1: 0.4, 2: 0.2})
    resume = scheduler.next_resume()
    assert resume is not None
    assert (resume.trial, resume.donor) == (0, 3)
    assert [scheduler.next_resume() for _ in range(3)] == [Resume(2), Resume(1), None]


def test_what_was_cut_off_within_a_generation_goes_on_as_it_was() -> None:
    scheduler = pbt()
    start(scheduler, range(4))
    scheduler.report(2, 1, 0.0)
    scheduler.ended(2, TrialState.STOPPED)
    assert scheduler.next_resume() == Resume(2)


@given(seed=st.integers(0, 2**31))
def test_any_number_of_workers_makes_the_same_choices(seed: int) -> None:
    """Curves are fixed here, so that only the order of the reports differs."""
    lineages = []
    for workers in (1, 3, 8):
        scheduler = pbt(seed=seed % 1000)
        stream = Stream(scheduler, seed, trials=8, workers=workers, max_epochs=8)
        stream.failures = stream.patience = 0.0
        random = Random(seed)
        values = {(t, e): random.random() for t in range(8) for e in range(1, 9)}

        def epoch(trial: int, _: float, __: Random, s: Stream = stream, v: Any = values) -> None:
            number = s.epochs[trial] = s.epochs[trial] + 1
            if s.call("report", trial, number, v[trial, number]) is Decision.STOP:
                s._end(trial, TrialState.STOPPED)
            elif number == 8:
                s._end(trial, TrialState.COMPLETE)

        stream._epoch = epoch  # type: ignore[method-assign, assignment]
        stream.run()
        lineages.append(sorted((r.trial, r.donor) for r in stream.resumes if r.donor is not None))
    assert lineages[0] == lineages[1] == lineages[2]


@given(seed=st.integers(0, 2**31), resample=st.sampled_from([0.0, 0.5, 1.0]))
def test_explored_values_stay_within_the_space(seed: int, resample: float) -> None:
    random = Random(seed)
    params: dict[str, Any] = PARAMS
    for _ in range(20):
        params = explore(params, MUTABLES, factors=(0.5, 2.0), resample=resample, random=random)
        assert params.keys() == PARAMS.keys()
        assert params["network"] == "residual"
        assert 1e-4 <= params["lr"] <= 1e-1
        assert params["batch"] in range(4, 65, 4)
        assert isinstance(params["batch"], int)
        assert params["betas"] in MUTABLES["betas"].choices


def test_perturbing_multiplies_numbers_and_moves_to_a_neighbour() -> None:
    seen = {
        (round(p["lr"], 6), p["batch"], p["betas"])
        for seed in range(200)
        for p in [explore(PARAMS, MUTABLES, factors=(0.8, 1.2), resample=0.0, random=Random(seed))]
    }
    assert {lr for lr, _, _ in seen} == {0.008, 0.012}
    assert {batch for _, batch, _ in seen} == {12, 20}
    assert {betas for _, _, betas in seen} == {(0.9, 0.999), (0.8, 0.9)}


@pytest.mark.parametrize(
    ("mutable", "value", "found"),
    [
        (Mutable(1, 8, integer=True), 2, {1, 3}),
        (Mutable(0.0, 0.5, step=0.05), 0.0, {0.0, 0.05}),
        (Mutable(0.0, 1.0, step=0.1), 0.25, {0.2, 0.3}),
        (Mutable(0.1, 1.0, step=0.1), 0.3, {0.2, 0.4}),
        (Mutable(0.1, 1.0, step=0.1), 0.7, {0.6, 0.8}),
        (Mutable(-4, 4, integer=True), -1, {-2, 0}),
        (Mutable(0.1, 0.1 + 0.2, step=0.1), 0.2, {0.1, 0.1 + 0.2}),  # 0.30000000000000004
    ],
)
def test_on_a_grid_no_value_is_stuck_and_each_is_as_it_is_written(
    mutable: Mutable, value: float, found: set[float]
) -> None:
    """2 times 0.8 or 1.2 is 2 again, rounded: a small number of layers would never change."""
    seen = {
        explore({"n": value}, {"n": mutable}, factors=(0.8, 1.2), resample=0.0, random=Random(n))[
            "n"
        ]
        for n in range(20)
    }
    assert seen == found


@pytest.mark.parametrize("quantile", [0.25, 0.5])
def test_no_more_than_the_quantile_is_replaced(quantile: float) -> None:
    scheduler = pbt(population=8, quantile=quantile)
    start(scheduler, range(8))
    generation(scheduler, {trial: float(trial) for trial in range(8)})
    resumes = [scheduler.next_resume() for _ in range(8)]
    replaced = [r.trial for r in resumes if r and r.donor is not None]
    assert replaced == list(range(int(8 * quantile)))
