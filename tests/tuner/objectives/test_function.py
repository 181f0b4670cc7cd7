"""A function as an objective: what it yields, what it saves, and what is wrong with it."""

import asyncio
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from tests.tuner.objectives.functions import EPOCHS, objective, run, saved_epoch, values, walk
from tuner.objectives.checkpoint import CheckpointStore
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.function import FreeParams, in_sections
from tuner.objectives.trial import Trial

Params = dict[str, Any]
Yields = Iterator[Any]


class TestEpochs:
    def test_are_counted_and_timed(self, tmp_path: Path) -> None:
        epochs = run(objective(walk), tmp_path, step=1.0)
        assert [epoch.number for epoch in epochs] == list(range(1, EPOCHS + 1))
        assert all(epoch.started <= epoch.ended for epoch in epochs)
        assert all(epoch.metrics["seconds"] == epoch.ended - epoch.started for epoch in epochs)

    def test_end_at_max_epochs_where_the_study_says_it(self, tmp_path: Path) -> None:
        closed = []

        def endless(params: Params, trial: Trial) -> Yields:
            try:
                while True:
                    yield {"loss": params["max_epochs"]}
            finally:
                closed.append(True)

        assert len(run(objective(endless), tmp_path, max_epochs=4)) == 4
        assert closed

    def test_stopping_closes_the_function(self, tmp_path: Path) -> None:
        closed = []

        def train(params: Params, trial: Trial) -> Yields:
            try:
                yield {"loss": 1.0}
                yield {"loss": 2.0}
            finally:
                closed.append(True)

        run(objective(train), tmp_path, most=1)
        assert closed

    def test_numbers_may_be_of_any_library(self, tmp_path: Path) -> None:
        def train(params: Params, trial: Trial) -> Yields:
            yield {
                "a": np.float32(0.5), "b": torch.tensor(2.0), "c": 3, "seconds": 9.0,
                "d": np.array([[1.5]]), "e": torch.tensor([2.5], requires_grad=True),
            }  # fmt: skip

        (epoch,) = run(objective(train), tmp_path)
        assert epoch.metrics == {
            "a": 0.5, "b": 2.0, "c": 3.0, "seconds": 9.0, "d": 1.5, "e": 2.5
        }  # fmt: skip
        assert all(type(value) is float for value in epoch.metrics.values())

    def test_one_that_trains_in_one_go_has_one(self, tmp_path: Path) -> None:
        (epoch,) = run(objective(lambda params, trial: {"loss": params["x"]}), tmp_path, x=2)
        assert epoch.metrics["loss"] == 2.0


class TestResumed:
    @pytest.mark.parametrize("recorded", range(EPOCHS + 1))
    def test_the_numbers_are_those_of_one_that_was_not_interrupted(
        self, tmp_path: Path, recorded: int
    ) -> None:
        whole = values(run(objective(walk), tmp_path / "whole", step=0.7))
        first = run(objective(walk), tmp_path / "cut", step=0.7, most=recorded) if recorded else []
        rest = run(objective(walk), tmp_path / "cut", step=0.7, recorded=recorded)
        assert values(first) | values(rest) == whole
        assert (tmp_path / "cut" / "trained.txt").read_text() == "." * EPOCHS, "none twice"

    @pytest.mark.parametrize("recorded", [1, 3])
    def test_an_epoch_that_was_saved_and_not_recorded_is_not_trained_again(
        self, tmp_path: Path, recorded: int
    ) -> None:
        """Killed between the worker's checkpoint and the driver's study.db."""
        whole = values(run(objective(walk), tmp_path / "whole", step=0.7))
        run(objective(walk), tmp_path / "cut", step=0.7, most=recorded + 1)
        rest = run(objective(walk), tmp_path / "cut", step=0.7, recorded=recorded)
        assert values(rest) == {k: v for k, v in whole.items() if k > recorded}
        assert (tmp_path / "cut" / "trained.txt").read_text() == "." * EPOCHS

    def test_killed_while_it_saves_it_has_the_state_before(self, tmp_path: Path) -> None:
        whole = values(run(objective(walk), tmp_path / "whole", step=0.7))
        run(objective(walk), tmp_path / "cut", step=0.7, most=2)
        (tmp_path / "cut" / "checkpoint.pending").write_bytes(b"half of a sta")
        rest = run(objective(walk), tmp_path / "cut", step=0.7, recorded=2)
        assert values(rest) == {k: v for k, v in whole.items() if k > 2}

    def test_what_was_not_saved_is_trained_again_and_not_told_twice(self, tmp_path: Path) -> None:
        begun = []

        def seldom(params: Params, trial: Trial) -> Yields:
            place = trial.load() or 0
            begun.append(trial.epoch)
            for epoch in range(trial.epoch + 1, 8):
                place += epoch
                if epoch % 3 == 0:
                    trial.save(place)
                yield {"place": place}

        first = run(objective(seldom), tmp_path, most=5)
        rest = run(objective(seldom), tmp_path, recorded=5)
        assert begun == [0, 3]
        assert values(first + rest, "place") == {n: n * (n + 1) / 2 for n in range(1, 8)}

    def test_one_that_never_saves_begins_again(self, tmp_path: Path) -> None:
        def forgetful(params: Params, trial: Trial) -> Yields:
            assert trial.load() is None
            for epoch in range(trial.epoch + 1, 5):
                yield {"loss": 1 / epoch}

        run(objective(forgetful), tmp_path, most=2)
        assert list(values(run(objective(forgetful), tmp_path, recorded=2), "loss")) == [3, 4]

    def test_tensors_come_back(self, tmp_path: Path) -> None:
        def train(params: Params, trial: Trial) -> Yields:
            state = trial.load() or {"weights": torch.ones(3), "rng": torch.get_rng_state()}
            torch.set_rng_state(state["rng"])
            for _ in range(trial.epoch, 3):
                weights = state["weights"] + torch.rand(3)
                state = {"weights": weights, "rng": torch.get_rng_state()}
                trial.save(state)
                yield {"sum": weights.sum()}

        whole = values(run(objective(train), tmp_path / "whole"), "sum")
        torch.manual_seed(99)
        again = tmp_path / "cut"
        torch.set_rng_state(torch.Generator().manual_seed(3).get_state())
        first = run(objective(train), again, most=1)
        rest = run(objective(train), again, recorded=1)
        assert len(values(first + rest, "sum")) == len(whole) == 3
        assert values(first, "sum")[1] < values(rest, "sum")[2]

    def test_a_class_of_a_notebook_comes_back(self, tmp_path: Path) -> None:
        class State:
            number = 3

        def train(params: Params, trial: Trial) -> Yields:
            state = trial.load() or State()
            trial.save(state)
            yield {"number": state.number}

        def again(params: Params, trial: Trial) -> Yields:
            yield {"number": trial.load().number}

        run(objective(train), tmp_path)
        (epoch,) = run(objective(again), tmp_path, recorded=1)
        assert epoch.metrics["number"] == 3


class TestCheckpoint:
    def test_only_the_last_one_is_kept(self, tmp_path: Path) -> None:
        run(objective(walk), tmp_path, step=1.0, most=3)
        files = sorted(file.name for file in tmp_path.glob("checkpoint*"))
        assert files == ["checkpoint-000003", "checkpoint-000003.json"]

    def test_half_of_one_is_none(self, tmp_path: Path) -> None:
        """As a power cut may leave it."""
        run(objective(walk), tmp_path, step=1.0, most=3)
        (tmp_path / "checkpoint-000003.json").write_text("")
        assert CheckpointStore(tmp_path).newest(most=9) is None
        rest = run(objective(walk), tmp_path, step=1.0, recorded=3)
        assert list(values(rest)) == [4, 5, 6]

    def test_a_donors_is_taken_over_at_ones_own_epoch(self, tmp_path: Path) -> None:
        own = objective(walk)
        donor, trial = tmp_path / "donor", tmp_path / "trial"
        run(own, donor, step=1.0, most=4)
        run(own, trial, step=0.1, most=2)
        own.copy_weights(donor, trial, epoch=2)
        assert saved_epoch(trial) == 2
        first = run(own, trial, step=0.0, recorded=2, most=1)[0]
        assert first.metrics["place"] == values(run(own, tmp_path / "d", step=1.0), "place")[4]

    def test_discarded_it_is_gone(self, tmp_path: Path) -> None:
        run(objective(walk), tmp_path, step=1.0, most=3)
        objective(walk).discard_checkpoint(tmp_path)
        assert [file.name for file in tmp_path.iterdir()] == ["trained.txt"]

    def test_a_state_that_cannot_be_pickled_is_said_to_be(self, tmp_path: Path) -> None:
        def train(params: Params, trial: Trial) -> Yields:
            trial.save({"file": (line for line in "ab")})
            yield {"loss": 1.0}

        with pytest.raises(
            ObjectiveError, match=r"trial.save cannot pickle this state: .*generator"
        ):
            run(objective(train), tmp_path)

    def test_one_that_cannot_be_read_is_said_to_be(self, tmp_path: Path) -> None:
        run(objective(walk), tmp_path, step=1.0, most=3)
        (tmp_path / "checkpoint-000003").write_bytes(b"no pickle")
        with pytest.raises(ObjectiveError, match="saved after epoch 3 cannot be read"):
            run(objective(walk), tmp_path, step=1.0, recorded=3)


def yielding(*found: Any) -> Callable[[Params, Trial], Yields]:
    def train(params: Params, trial: Trial) -> Yields:
        yield from found

    return train


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (yielding(), "here:function ended without yielding the metrics of an epoch"),
        (lambda params, trial: None, "must yield a dictionary .* it returned None"),
        (lambda params, trial: "text", "must yield a dictionary .* it returned 'text'"),
        (yielding(0.5), "epoch 1 yields 0.5; it must be a dictionary"),
        (yielding({"a": 1}, {"a": "high"}), "epoch 2: a is 'high', which is not a number"),
        (yielding({"a": None}), "epoch 1: a is None, which is not a number"),
        (yielding({"a": True}), "epoch 1: a is True, which is not a number"),
        (yielding({"a": np.bool_(True)}), "a is np.True_, which is not a number"),
        (yielding({"a": torch.tensor(True)}), r"a is tensor\(True\), which is not a number"),
        (yielding({"a": np.array("1.5")}), "which is not a number"),
        (yielding({"a": 10**400}), "epoch 1: a is 1000*, which is not a number"),
        (yielding({1: 1.0}), "the name of a metric must be text, not 1"),
        (yielding({"": 3.0}), "epoch 1: 3.0 has an empty name; each metric needs one"),
        (yielding({"a": 1, "epoch": 1}, {"a": 1, "epoch": 1}), "epoch 1 was yielded where epoch 2"),
        (yielding({"a": 1, "epoch": 3}), "epoch 3 was yielded where epoch 1 was due"),
    ],
)
def test_what_breaks_the_contract_is_told(tmp_path: Path, function: Any, message: str) -> None:
    with pytest.raises(ObjectiveError, match=message):
        run(objective(function), tmp_path)


class TestParams:
    def test_are_what_the_study_sets(self) -> None:
        own = objective(walk).training
        assert own.params(FreeParams(lr=0.1, layers=[1, 2], opt={"type": "adam"})) == {
            "lr": 0.1, "layers": [1, 2], "opt": {"type": "adam"}
        }  # fmt: skip
        assert own.params(FreeParams(seed=0, max_epochs=3)) == {"seed": 0, "max_epochs": 3}
        assert own.params(FreeParams(nothing=None)) == {"nothing": None}

    def test_names_with_dots_are_in_sections(self) -> None:
        given = {"opt": {"name": "adam"}, "opt.lr": 0.1, "a.b.c": 1, "lr": 2}
        assert in_sections(given) == {
            "opt": {"name": "adam", "lr": 0.1}, "a": {"b": {"c": 1}}, "lr": 2
        }  # fmt: skip
        assert given["opt"] == {"name": "adam"}, "what was given is left alone"
        with pytest.raises(ObjectiveError, match=r"opt\.lr would lie in opt, which is no section"):
            in_sections({"opt": "adam", "opt.lr": 0.1})
        with pytest.raises(ObjectiveError, match=r"opt\.lr is given twice"):
            in_sections({"opt.lr": 0.1, "opt": {"lr": 0.2}})

    @pytest.mark.parametrize("value", [math.nan, [1.0, math.inf], {"lr": math.nan}])
    def test_what_json_cannot_hold_is_refused(self, value: Any) -> None:
        with pytest.raises(ValidationError, match="must be finite"):
            FreeParams(rate=value)

    @pytest.mark.parametrize("given", [{"max_epochs": 0}, {"seed": -1}, {"seed": "x"}])
    def test_those_with_a_meaning_are_checked(self, given: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            FreeParams.model_validate(given, strict=True)


class TestLeaving:
    """`sys.exit` in a worker would look like a crash of the machine, and cost its process."""

    def test_is_the_trials_error(self, tmp_path: Path) -> None:
        def train(params: Params, trial: Trial) -> Yields:
            yield {"loss": 1.0}
            sys.exit(3)

        with pytest.raises(ObjectiveError, match=r"here:function called sys.exit\(3\)"):
            run(objective(train), tmp_path)

    def test_an_interruption_of_its_own_making_is_its_error(self, tmp_path: Path) -> None:
        def train(params: Params, trial: Trial) -> Yields:
            yield {"loss": 1.0}
            raise KeyboardInterrupt

        with pytest.raises(RuntimeError, match="here:function raised KeyboardInterrupt"):
            run(objective(train), tmp_path)

    def test_so_is_what_is_no_exception(self, tmp_path: Path) -> None:
        def train(params: Params, trial: Trial) -> Yields:
            raise asyncio.CancelledError
            yield {}

        with pytest.raises(RuntimeError, match="here:function raised CancelledError"):
            run(objective(train), tmp_path)

    def test_before_the_first_epoch(self, tmp_path: Path) -> None:
        with pytest.raises(ObjectiveError, match=r"called sys.exit\('no'\)"):
            run(objective(lambda params, trial: sys.exit("no")), tmp_path)

    def test_what_does_not_let_itself_be_stopped_is_told(self, tmp_path: Path) -> None:
        def train(params: Params, trial: Trial) -> Yields:
            for _ in range(2):
                try:
                    yield {"loss": 1.0}
                except:  # noqa: E722 - as people write it
                    continue

        with pytest.raises(ObjectiveError, match="continues when it is stopped: let GeneratorExit"):
            run(objective(train), tmp_path, max_epochs=1)

    def test_while_it_is_stopped(self, tmp_path: Path) -> None:
        def train(params: Params, trial: Trial) -> Yields:
            try:
                yield {"loss": 1.0}
            finally:
                sys.exit()

        with pytest.raises(ObjectiveError, match=r"called sys.exit\(None\)"):
            run(objective(train), tmp_path, most=1)
