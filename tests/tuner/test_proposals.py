"""The Optuna view of a study: what is told, what is proposed, and that it can be rebuilt."""

from collections.abc import Mapping
from typing import Any, get_args

import pytest
from optuna.trial import TrialState as OptunaState

from tuner.proposals import Infeasible, Proposals
from tuner.records import EpochRecord, TrialKind, TrialRecord, TrialState
from tuner.samplers import Grid, Random, Sampler, SamplerConfig, Tpe
from tuner.space import Choice, Range, SearchSpace

SAMPLERS = get_args(get_args(SamplerConfig)[0])
NUMBERS = {"x": Range(low=0.0, high=1.0), "n": Range(low=1, high=64, log=True)}
CHOICES = {
    "kind": Choice(choice=["a", "b", "c"]),
    "betas": Choice(choice=[[0.9, 0.999], [0.9, 0.95]], when={"kind": "b"}),
    "depth": Range(low=1, high=3),
    "flag": Choice(choice=[False, True]),
}


def space_for(sampler: type[Sampler]) -> SearchSpace:
    if sampler.finite_only:
        return SearchSpace(CHOICES, {})
    return SearchSpace(NUMBERS if sampler.numeric_only else NUMBERS | CHOICES, {})


def score(params: Mapping[str, Any]) -> float:
    return -abs(params.get("x", 0.5) - 0.3) - 0.1 * params.get("depth", 1)


def make(sampler: Sampler, **more: Any) -> Proposals:
    return Proposals(space_for(type(sampler)), sampler, ["maximize"], **more)


def search(proposals: Proposals, trials: int, first: int = 0) -> list[dict[str, Any]]:
    """One worker: propose, train to the end, tell."""
    found = []
    for number in range(first, first + trials):
        proposal = proposals.propose()
        assert proposal is not None
        proposals.accept(number)
        proposals.report(number, 1, score(proposal.params))
        proposals.end(number, TrialState.COMPLETE, [score(proposal.params)])
        found.append({"params": proposal.params, "notes": proposal.notes})
    return found


@pytest.mark.parametrize("kind", SAMPLERS, ids=lambda kind: kind.__name__)
class TestEverySampler:
    def test_same_seed_same_history(self, kind: type[Sampler]) -> None:
        histories = [search(make(kind(seed=7)), 12) for _ in range(2)]
        assert histories[0] == histories[1]

    def test_another_seed_another_history(self, kind: type[Sampler]) -> None:
        if kind is Grid:
            pytest.skip("a grid has one order")
        assert search(make(kind(seed=1)), 6) != search(make(kind(seed=2)), 6)

    def test_never_the_same_setting_twice(self, kind: type[Sampler]) -> None:
        if kind.numeric_only:
            space = SearchSpace({"a": Range(low=1, high=4), "b": Range(low=1, high=3)}, {})
        else:
            space = SearchSpace(CHOICES, {})
        proposals = Proposals(space, kind(), ["maximize"])
        size = space.size()
        assert size is not None
        found = [str(one["params"]) for one in search(proposals, size)]
        assert len(set(found)) == size
        assert proposals.propose() is None, "the space is used up"

    def test_rebuilt_after_a_crash_it_goes_on_alike(self, kind: type[Sampler]) -> None:
        whole = search(make(kind(seed=3)), 16)
        rebuilt = make(kind(seed=3))
        for number, one in enumerate(whole[:9]):
            value = score(one["params"])
            trial = TrialRecord(
                number, f"T{number}", TrialKind.SEARCH, TrialState.COMPLETE, one["params"], {},
                sampler=one["notes"],
            )  # fmt: skip
            rebuilt.restore(trial, [EpochRecord(number, 1, {"m": value}, 0, 1)], "m")
            rebuilt.end(number, TrialState.COMPLETE, [value])
        assert search(rebuilt, 7, first=9) == whole[9:]

    def test_learns_or_says_that_it_does_not(self, kind: type[Sampler]) -> None:
        # A first generation is drawn at random: it has to be smaller than this test.
        small = {"population": 4} if "population" in kind.model_fields else {}
        sampler = kind.model_validate({"seed": 0, **small})

        def history(sign: float) -> list[dict[str, Any]]:
            proposals, found = make(sampler), []
            for number in range(14):
                proposal = proposals.propose()
                assert proposal is not None
                proposals.accept(number)
                proposals.end(number, TrialState.COMPLETE, [sign * score(proposal.params)])
                found.append(proposal.params)
            return found

        assert (history(1.0) != history(-1.0)) == sampler.learns


def test_states_as_optuna_should_know_them() -> None:
    proposals = make(Tpe())
    for number in range(4):
        proposals.propose()
        proposals.accept(number)
        proposals.report(number, 1, 1.0)
        proposals.report(number, 2, 2.0)
    proposals.end(0, TrialState.COMPLETE, [2.0])
    proposals.end(1, TrialState.STOPPED, [2.0])
    proposals.end(2, TrialState.FAILED, None)
    trials = proposals.optuna_trials
    assert [trial.state for trial in trials] == [
        OptunaState.COMPLETE,
        OptunaState.PRUNED,
        OptunaState.FAIL,
        OptunaState.RUNNING,
    ]
    assert all(trial.intermediate_values == {1: 1.0, 2: 2.0} for trial in trials)


def test_a_promoted_trial_runs_again_with_what_it_reported() -> None:
    proposals = make(Tpe())
    proposal = proposals.propose()
    assert proposal is not None
    proposals.accept(0)
    proposals.report(0, 1, 1.0)
    proposals.end(0, TrialState.STOPPED, None)
    proposals.reopen(0, proposal.params)
    proposals.report(0, 2, 3.0)
    proposals.end(0, TrialState.COMPLETE, [3.0])
    (trial,) = proposals.optuna_trials
    assert trial.state is OptunaState.COMPLETE
    assert trial.intermediate_values == {1: 1.0, 2: 3.0}


def test_infeasible_proposals_are_learned_from_but_never_given_out() -> None:
    told: list[Infeasible] = []
    proposals = make(
        Random(),
        violations=lambda params: {"depth": params["depth"] - 2},
        on_infeasible=told.append,
    )
    found = search(proposals, 10)
    assert all(one["params"]["depth"] <= 2 for one in found)
    assert told
    assert all(one.violations == {"depth": 1} for one in told)


def test_nothing_feasible_is_said() -> None:
    proposals = make(Random(), violations=lambda _: {"never": 1.0})
    with pytest.raises(RuntimeError, match="no new feasible setting"):
        proposals.propose()


def test_a_finite_space_with_nothing_feasible_is_used_up() -> None:
    proposals = Proposals(
        SearchSpace(CHOICES, {}), Tpe(), ["maximize"], lambda params: {"b": params["kind"] == "b"}
    )
    search(proposals, 12)
    assert proposals.propose() is None


def test_a_baseline_is_not_proposed_again() -> None:
    space = SearchSpace({"kind": Choice(choice=["a", "b"])}, {})
    proposals = Proposals(space, Random(), ["maximize"])
    proposals.add(0, {"kind": "a"}, space.identity({"kind": "a"}))
    proposal = proposals.propose()
    assert proposal is not None
    assert proposal.params == {"kind": "b"}
    assert proposals.propose() is None


def test_parallel_proposals_spread_out() -> None:
    """With the constant liar, eight proposals at once are not eight times the best one."""
    proposals = make(Tpe(startup_trials=5))
    search(proposals, 20)
    spread = []
    for number in range(20, 28):
        proposal = proposals.propose()
        assert proposal is not None
        proposals.accept(number)
        spread.append(proposal.params["x"])
    assert max(spread) - min(spread) > 0.05
