"""The captured step, with a stand-in for CUDA: a function that does again what it was shown."""

import logging
from dataclasses import replace
from functools import partial

import pytest
import torch

from sr_models.errors import UserError
from sr_models.losses import build_loss
from sr_models.training import TrainingRun
from sr_models.training.graph_step import WORTH_IT, GraphStep, choose_step, reads_rates_from_memory
from sr_models.training.runtime import choose_runtime
from sr_models.training.state import TrainingState
from sr_models.training.step import EagerStep
from sr_models.training.step_choice import StepChoice

PARTS = [
    pytest.param({}, id="adam"),
    pytest.param({"optimizer": {"type": "adamw"}}, id="adamw"),
    pytest.param({"training": {"ema": 0.9, "gradient_clip": 0.01}}, id="ema and clip"),
    pytest.param({"training": {"precision": "bf16"}}, id="bf16"),
    pytest.param({"network": {"outputs": ["large"]}}, id="large alone"),
    pytest.param({"lr_schedule": {"type": "one_cycle"}}, id="learning rate"),
]


def replay(run):
    return run


@pytest.fixture
def make_step(make_config, data):
    def make(**parts):
        config = make_config(**parts)
        runtime = choose_runtime(config.training)
        state = TrainingState(config, runtime, data.fingerprint)
        criterion = runtime.place(build_loss(config.loss))
        return EagerStep(state, criterion, runtime, config.training.gradient_clip)

    return make


@pytest.fixture
def batches(data):
    return list(data.train_batches(4, seed=0, epoch=1))


def everything(step):
    state = step.state
    return {
        "updates": torch.tensor(state.average.updates),
        "meter": step.meter.sums.clone(),
        **{f"n.{k}": v.clone() for k, v in state.network.state_dict().items()},
        **{f"a.{k}": v.clone() for k, v in state.average.network.state_dict().items()},
        **{f"o.{k}": v.clone() for k, v in state.moments()},
    }


def assert_same(ours, theirs):
    for name in theirs:
        assert torch.equal(ours[name], theirs[name]), name


def train(step, eager, batches):
    for number, batch in enumerate(batches):
        eager.state.set_learning_rate(number / 10)
        eager.state.average.advance()
        step(batch)


@pytest.mark.parametrize("parts", PARTS)
def test_checking_leaves_no_trace_and_the_graph_trains_the_same(make_step, batches, parts):
    eager, captured = make_step(**parts), make_step(**parts)
    start = everything(captured)
    step = choose_step("graph", captured, batches[0], steps=1, capture=replay)
    assert isinstance(step, GraphStep)
    assert_same(everything(captured), start)
    moments = [value for name, value in everything(captured).items() if name[:2] == "o."]
    assert moments
    assert not any(value.any() for value in moments)
    train(eager, eager, batches)
    train(step, captured, batches)  # the last batch is smaller
    assert_same(everything(captured), everything(eager))


def test_a_run_in_a_graph_has_the_curve_of_an_eager_one_and_resumes(
    make_config, data, tmp_path, monkeypatch
):
    config = make_config(training={"max_epochs": 4, "ema": 0.9}, lr_schedule={"type": "cosine"})
    names = ("train/loss", "train/psnr", "validation/loss", "validation/psnr")

    def curve(run):
        return [[epoch.metrics[name] for name in names] for epoch in run.epochs()]

    expected = curve(TrainingRun(config, data=data))
    monkeypatch.setattr(
        "sr_models.training.step_choice.choose_step",
        lambda mode, *parts, **options: choose_step("graph", *parts, **options, capture=replay),
    )
    run = TrainingRun(config, data=data, folder=tmp_path)
    epochs = run.epochs()
    next(epochs)
    next(epochs)
    assert any(isinstance(step, GraphStep) for step in run._choice.chosen.values())
    assert curve(TrainingRun(config, data=data, folder=tmp_path)) == expected


def test_each_kind_of_batches_has_a_graph_but_the_rest_of_an_epoch(make_step, batches, monkeypatch):
    monkeypatch.setattr(
        "sr_models.training.step_choice.choose_step", partial(choose_step, capture=replay)
    )
    eager = make_step()
    choice = StepChoice("graph", eager)
    whole, rest = batches[0], batches[-1]
    of_one_scale = replace(whole, large=None)
    graphs = [choice.step_for(batch, steps=10) for batch in (whole, of_one_scale)]
    assert all(isinstance(step, GraphStep) for step in graphs)
    assert len(rest) < len(whole)
    assert choice.step_for(rest, steps=10) is eager
    assert [choice.step_for(batch, steps=1) for batch in (whole, of_one_scale)] == graphs


def test_a_graph_that_does_something_else_is_not_used(make_step, batches, caplog):
    def forgetful(run):
        return lambda: None

    eager = make_step()
    start = everything(eager)
    choose = partial(choose_step, eager=eager, batch=batches[0], steps=WORTH_IT, capture=forgetful)
    with caplog.at_level(logging.WARNING):
        assert choose("auto") is eager
    assert caplog.messages == ["trained without a CUDA graph: the meter would differ after it"]
    assert_same(everything(eager), start)
    with pytest.raises(UserError, match=r"training\.step: graph: the meter would differ"):
        choose("graph")


def test_a_graph_with_a_frozen_share_of_the_average_is_found_out(make_step, batches):
    """Whatever was a number at the capture stays what it was."""
    eager = make_step(training={"ema": 0.5})

    def old(run):
        def again():
            eager.state.average._share.fill_(1e-3)
            run()

        return again

    assert choose_step("auto", eager, batches[0], steps=WORTH_IT, capture=old) is eager


def test_kernels_that_sum_in_any_order_are_no_reason_to_go_without(make_step, batches, monkeypatch):
    """Adam makes a full step of the sign of any gradient, however small."""
    eager = make_step()
    random = torch.Generator().manual_seed(0)
    train_on, weight = EagerStep.__call__, next(eager.state.network.parameters())

    def noisily(step, batch):
        train_on(step, batch)
        with torch.no_grad():
            weight.add_(2e-3 * torch.rand(weight.shape, generator=random))

    monkeypatch.setattr(EagerStep, "__call__", noisily)
    step = choose_step("auto", eager, batches[0], steps=WORTH_IT, capture=replay)
    assert isinstance(step, GraphStep)


def test_a_capture_that_fails_costs_nothing_but_the_graph(make_step, batches, caplog):
    def fail(run):
        raise RuntimeError("operation not permitted when stream is capturing\nmore")

    eager = make_step()
    start = everything(eager)
    with caplog.at_level(logging.WARNING):
        assert choose_step("auto", eager, batches[0], steps=WORTH_IT, capture=fail) is eager
    assert caplog.messages == [
        "trained without a CUDA graph: operation not permitted when stream is capturing"
    ]
    assert_same(everything(eager), start)


@pytest.mark.parametrize(("mode", "steps"), [("eager", 10_000), ("auto", WORTH_IT - 1)])
def test_where_a_graph_is_not_worth_it_none_is_captured(make_step, batches, mode, steps):
    def never(run):
        raise AssertionError("captured")

    eager = make_step()
    assert choose_step(mode, eager, batches[0], steps=steps, capture=never) is eager


def test_a_graph_on_a_cpu_is_the_users_to_mend(make_config, data):
    config = make_config(training={"step": "graph", "device": "cpu"})
    with pytest.raises(UserError, match=r"training\.step: graph"):
        TrainingRun(config, data=data)


def test_a_learning_rate_on_the_host_is_none_that_a_graph_can_follow():
    weight = torch.nn.Parameter(torch.ones(1))
    assert not reads_rates_from_memory(torch.optim.SGD([weight], lr=0.1))
    assert reads_rates_from_memory(torch.optim.Adam([weight], lr=torch.tensor(0.1)))
