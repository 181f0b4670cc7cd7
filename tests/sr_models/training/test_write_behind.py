"""Files of an epoch that are written while the next one trains."""

import threading
from itertools import count, islice

import pytest
import torch
from torch import nn

from sr_models.errors import NonFiniteError
from sr_models.inference.model_file import load_model
from sr_models.training import TrainingRun
from sr_models.training.checkpoint import BEST, CheckpointError, read_checkpoint
from sr_models.training.epoch_files import EpochFiles
from tests.sr_models.own_parts import Tiny
from tests.sr_models.training.test_training_run import curve, same, weights_of

WAIT = 20.0  # seconds, for what takes milliseconds


class Dropping(Tiny):
    """Draws a random number in each step."""

    def forward(self, x):
        return super().forward(nn.functional.dropout(x, 0.1, self.training))


@pytest.fixture
def behind(data, tmp_path):
    """Make runs that write behind, all in one folder."""

    def make(config, **more):
        return TrainingRun(config, data=data, folder=tmp_path / "run", write_behind=True, **more)

    return make


def at_each_step(monkeypatch, run, do):
    """Call `do` with the number of the step, counted over the epochs, before each step."""
    average, steps = run._state.average, count(1)
    advance = average.advance

    def counted():
        do(next(steps))
        advance()

    monkeypatch.setattr(average, "advance", counted)


def when_writing(monkeypatch, before):
    """Call `before`, with the epoch's number, in the thread that is about to write its files."""
    write = EpochFiles.write

    def slow(self, folder, before_saving):
        before(self.number)
        write(self, folder, before_saving)

    monkeypatch.setattr(EpochFiles, "write", slow)


def test_the_curve_and_the_files_are_the_same(make_config, data, behind, tmp_path):
    config = make_config(training={"max_epochs": 4, "ema": 0.9})
    plain = TrainingRun(config, data=data, folder=tmp_path / "plain")
    expected = curve(plain.epochs())
    run = behind(config)
    assert curve(run.epochs()) == expected
    assert same(weights_of(run), weights_of(plain))
    theirs, ours = (read_checkpoint(tmp_path / name) for name in ("plain", "run"))
    assert ours.epoch == 4
    assert same(ours.tensors, theirs.tensors)
    (mine, _), (other, _) = (load_model(tmp_path / name / BEST) for name in ("run", "plain"))
    assert same(mine.state_dict(), other.state_dict())


def test_the_next_epoch_trains_meanwhile_and_the_epoch_comes_once_it_is_whole(
    make_config, behind, tmp_path, monkeypatch
):
    run = behind(make_config())
    trains_on, steps = threading.Event(), []
    in_first = run.data.steps(4)

    def step(number):
        steps.append(number)
        if number > in_first:
            trains_on.set()

    at_each_step(monkeypatch, run, step)
    when_writing(monkeypatch, lambda number: trains_on.wait(WAIT) or pytest.fail("it waits"))
    assert next(run.epochs()).number == 1
    assert len(steps) > in_first
    assert read_checkpoint(tmp_path / "run").epoch == 1


def test_random_numbers_of_the_caller_change_nothing_in_between(make_config, data, behind):
    config = make_config(network={"type": "own", "code": f"{__name__}:Dropping"})
    expected = curve(TrainingRun(config, data=data).epochs())
    found = []
    for epoch in behind(config).epochs():
        torch.rand(100)
        found.append(epoch)
    assert curve(found) == expected


@pytest.mark.parametrize("taken", [1, 2])
def test_iterating_again_goes_on_from_the_last_epoch(make_config, data, behind, taken):
    config = make_config(training={"max_epochs": 4})
    expected = curve(TrainingRun(config, data=data).epochs())
    run = behind(config)
    begun = list(islice(run.epochs(), taken))
    assert curve([*begun, *run.epochs()]) == expected


def test_an_epoch_that_cannot_be_written_is_not_yielded(make_config, behind, monkeypatch):
    def full(number):
        if number == 2:
            raise CheckpointError("no space")

    when_writing(monkeypatch, full)
    epochs = behind(make_config(training={"max_epochs": 3})).epochs()
    assert next(epochs).number == 1
    with pytest.raises(CheckpointError, match="no space"):
        next(epochs)


def test_an_epoch_before_a_failure_is_not_lost(make_config, behind, monkeypatch):
    run = behind(make_config(training={"max_epochs": 3}))
    real, failed = run._require_finite, threading.Event()

    def lost(metrics, number):
        if number == 2:
            failed.set()
            raise NonFiniteError("lost")
        real(metrics, number)

    when_writing(monkeypatch, lambda number: failed.wait(WAIT))
    monkeypatch.setattr(run, "_require_finite", lost)
    epochs = run.epochs()
    assert next(epochs).number == 1
    with pytest.raises(NonFiniteError):
        next(epochs)


def test_stopping_waits_for_files_that_are_under_way(make_config, behind, tmp_path, monkeypatch):
    run = behind(make_config(training={"max_epochs": 3}))
    in_first, stopped = run.data.steps(4), threading.Event()

    def interrupted(number):
        if number > in_first:
            stopped.set()
            raise KeyboardInterrupt

    at_each_step(monkeypatch, run, interrupted)
    when_writing(monkeypatch, lambda number: stopped.wait(WAIT))
    with pytest.raises(KeyboardInterrupt):
        next(run.epochs())
    assert read_checkpoint(tmp_path / "run").epoch == 1
