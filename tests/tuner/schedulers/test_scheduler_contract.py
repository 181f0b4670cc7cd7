"""What every scheduler of the union must keep to, over random streams."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from streams import Stream, play

from tuner.records import TrialState
from tuner.schedulers import (
    AshaConfig,
    BaseSchedulerConfig,
    Decision,
    HyperbandConfig,
    Mutable,
    Scheduler,
    SchedulerConfig,
    SchedulerContext,
)

UNION = get_args(get_args(SchedulerConfig)[0])
CONFIGS: list[BaseSchedulerConfig] = [
    *(variant() for variant in UNION),
    AshaConfig(reduction_factor=2, grace_period=2),
    AshaConfig(mode="stop"),
    HyperbandConfig(mode="stop"),
]
STOPPING = [c for c in CONFIGS if not c.keeps_checkpoints]
MUTABLES = {"x": Mutable(0.0, 1.0)}

every = pytest.mark.parametrize(
    "config", CONFIGS, ids=[f"{c.type}{place}" for place, c in enumerate(CONFIGS)]
)
seeds = st.integers(min_value=0, max_value=2**31)
many = settings(max_examples=25, deadline=None)


def build(config: BaseSchedulerConfig, max_epochs: int = 9) -> Scheduler:
    return config.build(SchedulerContext(max_epochs, MUTABLES))


@every
def test_is_named_in_a_study_file(config: BaseSchedulerConfig) -> None:
    adapter: TypeAdapter[BaseSchedulerConfig] = TypeAdapter(SchedulerConfig)
    assert adapter.validate_json(config.model_dump_json()) == config


@every
@given(seed=seeds, workers=st.integers(1, 6))
@many
def test_every_study_ends_with_a_finished_trial(
    config: BaseSchedulerConfig, seed: int, workers: int
) -> None:
    stream = Stream(build(config), seed, workers=workers, failures=0.0, patience=0.0).run()
    assert max(stream.epochs.values()) == 9
    assert len(stream.states) == 20
    assert TrialState.RUNNING not in stream.states.values()


@every
@given(seed=seeds)
@many
def test_a_replay_decides_the_same(config: BaseSchedulerConfig, seed: int) -> None:
    stream = Stream(build(config), seed).run()
    again = build(config)
    assert [play(again, call) for call, _ in stream.calls] == [a for _, a in stream.calls]


@every
@given(seed=seeds, cut=st.integers(1, 100))
@many
def test_a_replay_without_the_questions_goes_on_the_same(
    config: BaseSchedulerConfig, seed: int, cut: int
) -> None:
    """study.db knows what happened, not how often Ray asked in vain whether something waits."""
    stream = Stream(build(config), seed).run()
    again = build(config)
    for call, _ in stream.calls[:cut]:
        if call[0] != "next_resume":
            play(again, call)
    assert [play(again, c) for c, _ in stream.calls[cut:]] == [a for _, a in stream.calls[cut:]]


@every
@given(seed=seeds, grace=st.integers(1, 5))
@many
def test_nothing_is_stopped_in_its_grace_period(
    config: BaseSchedulerConfig, seed: int, grace: int
) -> None:
    if "grace_period" not in type(config).model_fields:
        return
    config = config.model_copy(update={"grace_period": grace})
    stream = Stream(build(config), seed).run()
    stopped = [c[1][1] for c, answer in stream.calls if answer is Decision.STOP]
    assert all(epoch >= grace for epoch in stopped)


@pytest.mark.parametrize("config", STOPPING, ids=lambda c: c.type)
@given(seed=seeds)
@many
def test_the_best_so_far_is_never_stopped(config: BaseSchedulerConfig, seed: int) -> None:
    def check(stream: Stream, trial: int, epoch: int, value: float, decision: Decision) -> None:
        others = [v for (t, e), v in stream.values.items() if t != trial and e <= epoch]
        if value >= max(others, default=value):
            assert decision is Decision.CONTINUE

    Stream(build(config), seed, on_report=check).run()


@every
@given(seed=seeds)
@many
def test_only_stopped_trials_run_on(config: BaseSchedulerConfig, seed: int) -> None:
    stream = Stream(build(config), seed)
    resumed_from: list[TrialState] = []
    start = stream._start

    def watch(trial: int, params: dict[str, float]) -> None:
        resumed_from.append(stream.states.get(trial, TrialState.STOPPED))
        start(trial, params)

    stream._start = watch  # type: ignore[method-assign]
    stream.run()
    assert set(resumed_from) == {TrialState.STOPPED}
    if not config.keeps_checkpoints:
        assert not stream.resumes
    if not config.changes_params:
        assert all(r.params is None and r.donor is None for r in stream.resumes)


@every
@given(seed=seeds)
@many
def test_baselines_may_be_reported_and_run_to_their_own_end(
    config: BaseSchedulerConfig, seed: int
) -> None:
    """Never `started`, STOP ignored, longer or shorter than a searched trial."""
    scheduler = build(config)
    for number, epochs in ((100, 25), (101, 9), (102, 1)):
        for epoch in range(1, epochs + 1):
            scheduler.report(number, epoch, 0.9)
        scheduler.ended(number, TrialState.COMPLETE)
    scheduler.report(103, 1, 0.8)
    scheduler.ended(103, TrialState.STOPPED)  # by the budget
    stream = Stream(scheduler, seed, failures=0.0, patience=0.0).run()
    assert not {r.trial for r in stream.resumes} & {100, 101, 102, 103}
    assert not {r.donor for r in stream.resumes} & {100, 101, 102, 103}


@every
@given(seed=seeds)
@many
def test_a_repeated_report_changes_nothing(config: BaseSchedulerConfig, seed: int) -> None:
    stream = Stream(build(config), seed).run()
    again = build(config)
    answers = []
    for call, _ in stream.calls:
        answers.append(play(again, call))
        if call[0] == "report":
            assert play(again, call) == answers[-1]
    assert answers == [answer for _, answer in stream.calls]


@every
@given(seed=seeds)
@many
def test_a_longer_study_takes_over_the_calls_of_a_shorter_one(
    config: BaseSchedulerConfig, seed: int
) -> None:
    """`--extend` with more epochs: the rungs grow, and what was complete may go on."""
    stream = Stream(build(config), seed, failures=0.0, patience=0.0).run()
    longer = build(config, max_epochs=30)
    for (method, arguments), _ in stream.calls:
        if method == "next_resume":
            continue
        goes_on = arguments[-1] is TrialState.COMPLETE
        play(longer, (method, (arguments[0], TrialState.STOPPED) if goes_on else arguments))
    extended = Stream(longer, seed + 1, max_epochs=30, failures=0.0, patience=0.0)
    extended.states = dict.fromkeys(stream.states, TrialState.STOPPED)
    extended.epochs, extended.values = dict(stream.epochs), dict(stream.values)
    extended.trials += 5
    extended.run()
    assert len(extended.states) == 25
    if config.keeps_checkpoints:
        assert max(extended.epochs.values()) == 30


@every
def test_a_grace_period_beyond_the_end_stops_nothing(config: BaseSchedulerConfig) -> None:
    if "grace_period" not in type(config).model_fields:
        return
    config = config.model_copy(update={"grace_period": 50})
    stream = Stream(build(config), 0, failures=0.0, patience=0.0).run()
    assert set(stream.epochs.values()) == {9}
