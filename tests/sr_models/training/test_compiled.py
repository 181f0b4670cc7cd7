"""The compiled network, mostly with stand-ins for the compiler."""

import logging
import os
import re

import pytest
import torch

from sr_models.training import TrainingRun
from sr_models.training.compiled import with_compiled_network
from tests.sr_models.training.test_graph_step import assert_same, everything, make_step
from tests.sr_models.training.test_training_run import curve

__all__ = ["make_step"]


@pytest.fixture(autouse=True)
def _cache(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "inductor"))


@pytest.fixture
def batch(data):
    return next(data.train_batches(4, seed=0, epoch=1))


def test_what_compiles_is_trained_with_and_trying_leaves_no_trace(make_step, batch, monkeypatch):
    calls = []

    def counting(network, **_):
        return lambda x: calls.append(x) or network(x)

    monkeypatch.setattr(torch, "compile", counting)
    eager = make_step(training={"ema": 0.9})
    start = everything(eager)
    compiled = with_compiled_network(eager, batch)
    assert compiled is not eager
    assert_same(everything(eager), start)
    before = len(calls)
    compiled(batch)
    assert len(calls) == before + 1
    assert compiled.meter is eager.meter


def _broken(network, **_):
    def forward(x):
        raise RuntimeError("no C++ compiler found\nmore")

    return forward


def _wrong(network, **_):
    return lambda x: {name: image + 0.5 for name, image in network(x).items()}


@pytest.mark.parametrize(
    ("compiler", "reason"),
    [(_broken, "RuntimeError: no C\\+\\+ compiler found$"), (_wrong, r"it computes \[")],
)
def test_where_it_cannot_be_compiled_it_trains_as_ever(
    make_config, data, monkeypatch, caplog, compiler, reason
):
    monkeypatch.setattr(torch, "compile", compiler)
    expected = curve(TrainingRun(make_config(), data=data).epochs())
    config = make_config(training={"step": "compile"})
    with caplog.at_level(logging.WARNING):
        assert curve(TrainingRun(config, data=data).epochs()) == expected
    (message,) = caplog.messages
    assert message.startswith("trained without a compiled network: ")
    assert re.search(reason, message)


def test_what_is_compiled_is_kept_with_the_decoded_images(make_step, batch, monkeypatch, tmp_path):
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR")
    monkeypatch.setenv("SR_TUNER_CACHE", str(tmp_path))
    monkeypatch.setattr(torch, "compile", lambda network, **_: network)
    with_compiled_network(make_step(), batch)
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == str(tmp_path / "inductor")


@pytest.mark.slow
@pytest.mark.timeout(900)  # a C++ compiler has much to do, and may not be alone
def test_two_compiled_runs_are_equal_and_near_a_plain_one(make_config, data, monkeypatch):
    # no trial programs for what the processor says it has: they take longer than the network
    monkeypatch.setattr("torch._inductor.config.cpp.vec_isa_ok", True)
    network = {"type": "espcn", "outputs": ["mid"]}
    config = make_config(training={"step": "compile"}, network=network)
    first = curve(TrainingRun(config, data=data).epochs())
    assert curve(TrainingRun(config, data=data).epochs()) == first
    plain = curve(TrainingRun(make_config(network=network), data=data).epochs())
    assert first == [pytest.approx(row, rel=1e-2) for row in plain]
