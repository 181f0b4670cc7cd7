"""What training code must be like, and return: told before any trial runs, or as its error."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import tuner
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.function import FreeParams
from tuner.objectives.loading import own_objective
from tuner.objectives.own import OwnObjective


class Whole(tuner.Objective):
    """As it should be."""

    config_type = FreeParams
    metrics: ClassVar[Any] = (tuner.Metric("cruelty", "minimize"),)

    def train(self, config: FreeParams, trial: tuner.Trial) -> Any:
        yield {"cruelty": 1.0}


def like(**members: Any) -> OwnObjective:
    """The class with other members."""
    return own_objective(type("Mine", (Whole,), members))


async def waits(params: Any, trial: Any) -> Any:
    return {"cruelty": 1.0}


async def waits_and_yields(params: Any, trial: Any) -> Any:
    yield {"cruelty": 1.0}


@pytest.mark.parametrize("function", [waits, waits_and_yields])
def test_an_async_function_would_never_run(function: Any) -> None:
    with pytest.raises(ObjectiveError, match=f"{function.__name__} is async, and would never run"):
        own_objective(function)
    with pytest.raises(ObjectiveError, match=r"Mine\.train is async"):
        like(train=staticmethod(function))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"train": lambda self, config: []}, r"Mine.train must take \(config, trial\): too many"),
        ({"static_metrics": lambda self: {}}, r"Mine.static_metrics must take \(config\): too"),
        ({"prepare": lambda self, config: {}}, r"Mine.prepare must take \(config, folder, progr"),
        ({"max_epochs": 5}, r"Mine.max_epochs must take \(config\): 5 is not a callable"),
        (
            {"copy_weights": lambda self, donor, folder: None},
            r"must take \(donor, folder, epoch=\)",
        ),
        (
            {"keeps_weights": "lr"},
            r"keeps_weights = 'lr'; it must be a tuple of text, such as \(\"lr",
        ),
        (
            {"fingerprinted": ("data", 1)},
            r"fingerprinted = \('data', 1\); it must be a tuple of te",
        ),
    ],
)
def test_members_of_another_form_are_told(members: dict[str, Any], message: str) -> None:
    with pytest.raises(ObjectiveError, match=message):
        like(**members)


def test_members_may_take_more() -> None:
    like(
        train=lambda self, *any_, **more: [],
        prepare=lambda self, config, folder, progress, workers=1: {},
        keeps_weights=["lr"],
    )


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (5, "what a study cannot keep .it must be a dictionary"),
        ({"x": np.zeros(2)}, "what a study cannot keep .Object of type ndarray is not JSON"),
    ],
)
def test_what_prepare_returns_is_kept(tmp_path: Path, found: Any, message: str) -> None:
    def prepared(returned: Any) -> dict[str, Any]:
        objective = like(prepare=lambda *_: returned)
        return objective.prepare(FreeParams(), tmp_path, lambda *_: None)

    assert prepared({"files": 3}) == {"data": {"files": 3}}
    assert prepared(None) == {"data": {}}, "a return that was forgotten is no error"
    with pytest.raises(ObjectiveError, match=message):
        prepared(found)


@pytest.mark.parametrize("found", [0, -1, 2.5, "ten", True])
def test_a_length_is_a_number_of_epochs(found: Any) -> None:
    assert like(max_epochs=lambda *_: np.int64(3)).max_epochs(FreeParams()) == 3
    assert like(max_epochs=lambda *_: None).max_epochs(FreeParams()) is None
    with pytest.raises(
        ObjectiveError, match=f"returned {found!r}; it must be a whole number from 1"
    ):
        like(max_epochs=lambda *_: found).max_epochs(FreeParams())


def test_static_metrics_and_costs_have_their_types() -> None:
    with pytest.raises(ObjectiveError, match="static_metrics returned None; it must be a dict"):
        like(static_metrics=lambda *_: None).static_metrics(FreeParams())
    with pytest.raises(ObjectiveError, match=r"cost of .* returned 5; it must be a Cost, or None"):
        like(cost=lambda *_: 5).cost(FreeParams(), 1, lambda *_: None)
