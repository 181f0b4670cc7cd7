"""What `tuner.search` and the study that it returns refuse, and how they say it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from optuna.samplers import RandomSampler

import tuner
from tests.tuner.simulated import SimulatedEngine
from tests.tuner.test_api import CRUELTY, SPACE, Params, descend
from tuner.schedulers import AshaConfig


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("given", [(1.5, 3), (1, 3.5), (1, float("inf")), (1, "3")])
def test_a_whole_number_has_whole_bounds(given: tuple[Any, Any]) -> None:
    with pytest.raises(ValueError, match=r"tuner.Int: .* must be a whole number; use tuner.Float"):
        tuner.Int(*given)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: tuner.Choice([1, 1]), "tuner.Choice: choice.1 = 1: is listed twice"),
        (lambda: tuner.Choice([]), "tuner.Choice: choice = []: needs at least 1 item"),
        (lambda: tuner.Choice("abc"), "tuner.Choice: 'abc' must be a list of values"),
        (lambda: tuner.Choice(3), "tuner.Choice: 3 must be a list of values"),  # type: ignore[arg-type]
        (lambda: tuner.Float(1, 0), "tuner.Float: low = 1.0: must be less than high (0.0)"),
        (lambda: tuner.Float("a", 1), "tuner.Float: low = 'a' must be a number"),  # type: ignore[arg-type]
        (lambda: tuner.Int(0, 9, log=True), "tuner.Int: low = 0: must be above 0 with log: true"),
        (lambda: tuner.Float(0, 1, when=3), "when = 3: must be a dictionary: param -> value"),
        (lambda: tuner.load_study(5), "folder = 5: must be a path"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_searched_is_told_in_plain_words(
    made: Callable[[], object], message: str
) -> None:
    with pytest.raises(tuner.UserError, match=f"^{re.escape(message)}"):
        made()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metric": "cruelty"}, "metric = cruelty: needs a direction"),
        ({"metric": None}, "metric: is missing"),
        ({"metric": tuner.Metric("cruelty")}, "metric = cruelty: needs a direction"),
        (
            {"metric": tuner.Metric("cruelty", "minimize", static=True, short="c")},
            "metric cruelty: short, static can only be set in the metrics of a tuner",
        ),
        ({"space": {"rate": {"low": 2, "high": 1}}}, r"search.rate.low = 2: must be less than"),
        ({"space": {"batch": 64}}, r"space\['batch'\] = 64: must be tuner.Float, .* in params"),
        ({"space": {"act": ("a", "b")}}, r"must be .*; write tuner.Choice\(\['a', 'b'\]\)"),
        ({"space": [("rate", 0, 1)]}, "must be a dictionary: name -> tuner.Float, tuner.Int or"),
        ({"constraints": {"size": {"max": 3}}}, "known before training; a class can compute it"),
        ({"space": {"act": tuner.Choice([print])}}, "is not a plain value"),
        ({"sampler": "tpee"}, "sampler.type = tpee: must be .* did you mean tpe"),
        ({"trials": -1}, "budget.trials = -1: must be at least 0"),
        ({"objective": 3}, "neither a function nor a tuner.Objective"),
        ({"objective": "no_such_module:train"}, "no_such_module cannot be imported"),
        ({"name": 5}, "name = 5: must be text"),
        ({"name": ""}, "name = '': a name starts with"),
        ({"name": "x" * 300}, "name = 'x*': a name starts with"),
        ({"sampler": RandomSampler()}, "sampler = .*: must be its type as text, an object of tu"),
        ({"scheduler": AshaConfig}, "scheduler = .*: must be its type as text, an object of tun"),
        ({"space": {"rate.": SPACE["rate"]}}, "search.rate.: needs a name before and after each"),
        (
            {"space": {"rate": tuner.Float(0, 1, when={"kin": "a"}), "kind": SPACE["kind"]}},
            "search.rate.when.kin = a: is neither set .* nor searched; did you mean kind",
        ),
        ({"params": {"k": 1, "k.size": 2}}, "objective: k.size would lie in k, which is no sect"),
        ({"params": {"k": float("nan")}}, "objective.k = .nan: must be finite"),
        ({"space": {"k": tuner.Choice([1.0, float("inf")])}}, "search.k.choice.1 = .inf: must be"),
        ({"metric": tuner.Metric("epoch", "minimize")}, "metric: epoch is how an epoch tells its"),
        ({"results": 5}, "results = 5: must be a path"),
        ({"params": [1]}, r"params = \[1\]: must be a dictionary: name -> value"),
        ({"baselines": ["b"]}, r"baselines = \['b'\]: must be a dictionary: name -> value"),
        ({"name": "../up"}, "name = '../up': a name starts with"),
        ({"params": {"max_epochs": 0}}, "objective.max_epochs = 0: must be at least 1"),
        ({"params": {"type": "analytic"}}, "params.type: .*; rename this param"),
        ({"space": SPACE | {"": tuner.Float(0, 1)}}, "^search: a key .* needs a name"),
    ],
)
def test_what_cannot_be_done_is_told(arguments: dict[str, Any], message: str) -> None:
    given = {"objective": descend, "space": SPACE, "metric": CRUELTY, "trials": 1} | arguments
    with pytest.raises(tuner.UserError, match=message):
        tuner.search(**given)
    assert not Path("results").exists()


def test_what_a_study_cannot_do_is_told(engine: SimulatedEngine) -> None:
    study = tuner.search(descend, SPACE, CRUELTY, trials=1, name="one", quiet=True)
    for extend in (-1, 1.5, "2", True):
        with pytest.raises(tuner.UserError, match=f"extend = {extend!r}: must be a whole number"):
            study.resume(extend=extend)  # type: ignore[arg-type]
    with pytest.raises(tuner.UserError, match="confirm: top = 0: must be at least 1"):
        study.confirm(top=0)
    with pytest.raises(tuner.UserError, match="folder = None: must be a path"):
        tuner.load_study(None)  # type: ignore[arg-type]
    assert len(study.trials) == 1


def test_a_search_inside_of_a_trial_is_refused(engine: SimulatedEngine) -> None:
    def searches(params: Params, trial: tuner.Trial) -> Iterator[dict[str, float]]:
        yield {"cruelty": tuner.search(descend, SPACE, CRUELTY, trials=1).best.value or 0.0}

    study = tuner.search(searches, SPACE, CRUELTY, trials=1, quiet=True)
    assert "a search cannot run inside of a trial" in (study.trials[0].error or "")
    assert [folder.name for folder in Path("results").iterdir()] == ["searches"]
    assert tuner.search(descend, SPACE, CRUELTY, trials=1, quiet=True).best.value is not None


def test_a_study_is_not_resumed_with_another_function(engine: SimulatedEngine) -> None:
    def other(params: Params, trial: tuner.Trial) -> Iterator[dict[str, float]]:
        yield {"cruelty": 7.0}

    tuner.search(descend, SPACE, CRUELTY, trials=1, quiet=True)
    study = tuner.load_study("results/descend")
    with pytest.raises(
        tuner.UserError, match=r"started with .*:descend, not with __main__:other: "
    ):
        study.resume(other, extend=1, quiet=True)
    assert len(study.resume(descend, extend=1, quiet=True).trials) == 2
    study.resume(other, extend=1, force=True, quiet=True)
    assert 7.0 in {trial.value for trial in study.trials}


def test_confirming_needs_a_seed(engine: SimulatedEngine) -> None:
    study = tuner.search(descend, SPACE, CRUELTY, trials=1, quiet=True)
    with pytest.raises(tuner.UserError, match="has no seed, so its repeats would not differ"):
        study.confirm()
