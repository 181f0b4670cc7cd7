"""The Optuna view of a study: what is told, what is proposed, and that it can be rebuilt."""

import re
from collections.abc import Mapping
from typing import Any, get_args

import pytest
from optuna.trial import TrialState as OptunaState

from sr_models.errors import CodeError
from tuner.core.suggester import Infeasible, NothingFeasibleError, Suggester
from tuner.objectives.metric import Direction
from tuner.records import EpochRecord, TrialKind, TrialRecord, TrialState
from tuner.samplers import CmaEs, Gp, Grid, Nsga2, OwnSampler, Random, Sampler, SamplerConfig, Tpe
from tuner.space import Choice, Range, SearchSpace

SAMPLERS = get_args(get_args(SamplerConfig)[0])
NUMBERS = {"x": Range(low=0.0, high=1.0), "n": Range(low=1, high=64, log=True)}
CHOICES = {
    "kind": Choice(choice=["a", "b", "c"]),
    "betas": Choice(choice=[[0.9, 0.999], [0.9, 0.95]], when={"kind": "b"}),
    "depth": Range(low=1, high=3),
    "flag": Choice(choice=[False, True]),
}


def built(kind: type[Sampler], **settings: Any) -> Sampler:
    """A sampler of this kind; code of one's own must be named."""
    code = {"code": "tests.tuner.own_tools:Inherit"} if kind is OwnSampler else {}
    return kind.model_validate({**settings, **code})


def space_for(sampler: type[Sampler]) -> SearchSpace:
    if sampler.finite_only:
        return SearchSpace(CHOICES, {})
    return SearchSpace(NUMBERS if sampler.numeric_only else NUMBERS | CHOICES, {})


def score(params: Mapping[str, Any]) -> float:
    return -abs(params.get("x", 0.5) - 0.3) - 0.1 * params.get("depth", 1)


def make(sampler: Sampler, **more: Any) -> Suggester:
    return Suggester(space_for(type(sampler)), sampler, ["maximize"], **more)


def search(suggester: Suggester, trials: int, first: int = 0) -> list[dict[str, Any]]:
    """One worker: propose, train to the end, tell."""
    found = []
    for number in range(first, first + trials):
        proposal = suggester.propose()
        assert proposal is not None
        suggester.accept(number)
        suggester.report(number, 1, score(proposal.params))
        suggester.end(number, TrialState.COMPLETE, [score(proposal.params)])
        found.append({"params": proposal.params, "notes": proposal.notes})
    return found


@pytest.mark.parametrize("kind", SAMPLERS, ids=lambda kind: kind.__name__)
class TestEverySampler:
    def test_same_seed_same_history(self, kind: type[Sampler]) -> None:
        histories = [search(make(built(kind, seed=7)), 12) for _ in range(2)]
        assert histories[0] == histories[1]

    def test_another_seed_another_history(self, kind: type[Sampler]) -> None:
        if kind is Grid:
            pytest.skip("a grid has one order")
        assert search(make(built(kind, seed=1)), 6) != search(make(built(kind, seed=2)), 6)

    def test_never_the_same_setting_twice(self, kind: type[Sampler]) -> None:
        if kind.numeric_only:
            space = SearchSpace({"a": Range(low=1, high=4), "b": Range(low=1, high=3)}, {})
        else:
            space = SearchSpace({name: CHOICES[name] for name in ("kind", "betas", "flag")}, {})
        # None of them shall be drawn at random to the end of so small a space.
        started = {"startup_trials": 3} if "startup_trials" in kind.model_fields else {}
        suggester = Suggester(space, built(kind, **started), ["maximize"])
        size = space.size()
        assert size is not None
        found = [str(one["params"]) for one in search(suggester, size)]
        assert len(set(found)) == size
        assert suggester.propose() is None, "the space is used up"

    def test_rebuilt_after_a_crash_it_goes_on_alike(self, kind: type[Sampler]) -> None:
        whole = search(make(built(kind, seed=3)), 16)
        rebuilt = make(built(kind, seed=3))
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
        sampler = built(kind, seed=0, **small)

        def history(sign: float) -> list[dict[str, Any]]:
            suggester, found = make(sampler), []
            for number in range(14):
                proposal = suggester.propose()
                assert proposal is not None
                suggester.accept(number)
                suggester.end(number, TrialState.COMPLETE, [sign * score(proposal.params)])
                found.append(proposal.params)
            return found

        assert (history(1.0) != history(-1.0)) == sampler.learns


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"code": "tests.tuner.own_tools:Inherits"}, "did you mean Inherit?"),
        ({"code": "tests.tuner.own_tools:Inherit", "args": {"kep": 1}}, "cannot be built with"),
        ({"code": "builtins:dict"}, "returns dict, not an optuna BaseSampler"),
    ],
)
def test_code_that_is_no_sampler_is_told(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(CodeError, match=re.escape(message)):
        OwnSampler.model_validate(settings).check()


def test_any_of_optunas_is_one() -> None:
    sampler = OwnSampler(code="optuna.samplers:BruteForceSampler")
    suggester = Suggester(SearchSpace(CHOICES, {}), sampler, ["maximize"])
    found = [str(one["params"]) for one in search(suggester, 12)]
    assert len(set(found)) == 12


def test_a_grid_of_any_size_begins_at_once_and_goes_on_where_it_was() -> None:
    """2**30 settings fit in no memory."""
    space = SearchSpace({f"c{n:02}": Range(low=0, high=1) for n in range(30)}, {})
    suggester = Suggester(space, Grid(), ["maximize"])
    found = [one["params"] for one in search(suggester, 5)]
    assert [tuple(params.values())[-3:] for params in found] == [
        (0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0)
    ]  # fmt: skip
    assert not any(any(tuple(params.values())[:-3]) for params in found)


def test_a_grid_of_any_size_in_which_nothing_is_feasible_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tuner.core.suggester.ENUMERATED", 100)
    space = SearchSpace({f"c{n:02}": Range(low=0, high=1) for n in range(30)}, {})
    suggester = Suggester(space, Grid(), ["maximize"], lambda params: {"c00": 1 - params["c00"]})
    with pytest.raises(NothingFeasibleError, match="no new feasible setting in 200 proposals"):
        suggester.propose()


def test_states_as_optuna_should_know_them() -> None:
    suggester = make(Tpe())
    for number in range(4):
        suggester.propose()
        suggester.accept(number)
        suggester.report(number, 1, 1.0)
        suggester.report(number, 2, 2.0)
    suggester.end(0, TrialState.COMPLETE, [2.0])
    suggester.end(1, TrialState.STOPPED, [2.0])
    suggester.end(2, TrialState.FAILED, None)
    trials = suggester.optuna_trials
    assert [trial.state for trial in trials] == [
        OptunaState.COMPLETE,
        OptunaState.PRUNED,
        OptunaState.PRUNED,
        OptunaState.RUNNING,
    ]
    assert [trial.constraints for trial in trials] == [{}, {}, {"failed": 1.0}, {}]
    assert all(trial.intermediate_values == {1: 1.0, 2: 2.0} for trial in trials)


class TestFailures:
    def test_a_fault_of_the_machine_teaches_nothing(self) -> None:
        suggester = make(Tpe())
        suggester.propose()
        suggester.accept(0)
        suggester.end(0, TrialState.FAILED, None, teaches=False)
        assert [trial.state for trial in suggester.optuna_trials] == [OptunaState.FAIL]

    def test_a_failed_trial_is_as_bad_as_the_worst_that_is_known(self) -> None:
        """For samplers that learn from complete trials only; the worst may change."""
        suggester = make(Gp())
        for number, value in enumerate((3.0, None, 1.0, 2.0)):
            suggester.propose()
            suggester.accept(number)
            state = TrialState.FAILED if value is None else TrialState.COMPLETE
            suggester.end(number, state, None if value is None else [value])
            suggester.propose()  # a proposal is made by what is known up to now
            failed = [t for t in suggester.optuna_trials if t.number == 2]
            if number == 1:
                assert failed[0].values == [3.0]
        assert failed[0].state is OptunaState.COMPLETE
        assert failed[0].values == [1.0]

    @pytest.mark.parametrize("sign", [1.0, -1.0])
    def test_a_value_that_is_worse_by_far_is_told_less_bad(self, sign: float) -> None:
        """To a model of values, that is: to all others they are what they are."""
        direction: Direction = "maximize" if sign > 0 else "minimize"
        values = (5.0, 4.0, 3.0, -1e10, 2.0, None)
        told = {}
        for sampler in (Gp(), CmaEs()):
            suggester = Suggester(SearchSpace(NUMBERS, {}), sampler, [direction])
            for number, value in enumerate(values):
                suggester.add(number, {"x": number / 10, "n": 1})
                state = TrialState.FAILED if value is None else TrialState.COMPLETE
                suggester.end(number, state, None if value is None else [sign * value])
            suggester.propose()
            told[sampler.type] = [sign * t.values[0] for t in suggester.optuna_trials[:6]]
        assert told["gp"] == [5.0, 4.0, 3.0, -7.0, 2.0, -7.0], "median 3, best 5: 3 - 5 * 2"
        assert told["cmaes"] == [5.0, 4.0, 3.0, -1e10, 2.0, -1e10]

    def test_equal_values_are_told_as_they_are(self) -> None:
        suggester = Suggester(SearchSpace(NUMBERS, {}), Gp(), ["maximize"])
        for number, value in enumerate((1.0, 1.0, 0.0)):
            suggester.add(number, {"x": number / 10, "n": 1})
            suggester.end(number, TrialState.COMPLETE, [value])
        suggester.propose()
        assert [trial.values for trial in suggester.optuna_trials[:3]] == [[1.0], [1.0], [0.0]]

    @pytest.mark.parametrize("kind", [Tpe, Gp, CmaEs, Nsga2], ids=lambda kind: kind.__name__)
    def test_a_region_that_fails_is_left(self, kind: type[Sampler]) -> None:
        """Half of the space fails, and the best lies at its edge."""
        late = []
        seeds, trials = (1, 30) if kind is Gp else (4, 40)  # it takes long, and learns fast
        for seed in range(seeds):
            suggester = Suggester(SearchSpace(NUMBERS, {}), kind(seed=seed), ["maximize"])
            failed = []
            for number in range(trials):
                proposal = suggester.propose()
                assert proposal is not None
                suggester.accept(number)
                x = proposal.params["x"]
                failed.append(x > 0.5)
                state = TrialState.FAILED if failed[-1] else TrialState.COMPLETE
                suggester.end(number, state, None if failed[-1] else [x])
            late += failed[trials // 2 :]
        assert sum(late) < 0.5 * len(late), "fewer than chance would have"

    def test_a_sampler_that_repeats_itself_does_not_end_the_search(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        suggester = make(Random())
        monkeypatch.setattr(SearchSpace, "suggest", _stuck(SearchSpace.suggest, times=30))
        assert suggester.propose() is not None
        suggester.accept(0)
        assert suggester.propose() is not None

    def test_what_is_near_is_tried_where_a_sampler_repeats_itself(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And not whatever begins the list, however far from all that is good that is."""
        space = SearchSpace({"a": Range(low=0, high=99), "b": Range(low=0, high=99)}, {})
        suggester = Suggester(space, Random(), ["maximize"])
        best = {"a": 50, "b": 70}
        monkeypatch.setattr(SearchSpace, "suggest", lambda *_: dict(best))
        found = [one["params"] for one in search(suggester, 20)]
        far = [abs(params["a"] - 50) + abs(params["b"] - 70) for params in found]
        assert far[0] == 0
        assert max(far) <= 8
        assert len({(params["a"], params["b"]) for params in found}) == 20


def _stuck(suggest: Any, times: int) -> Any:
    """Suggest the same again and again, and something else later."""
    known: list[dict[str, Any]] = []

    def stuck(space: SearchSpace, trial: Any) -> dict[str, Any]:
        known.append(suggest(space, trial))
        return known[0] if len(known) < times else known[-1]

    return stuck


def test_a_promoted_trial_runs_again_with_what_it_reported() -> None:
    suggester = make(Tpe())
    proposal = suggester.propose()
    assert proposal is not None
    suggester.accept(0)
    suggester.report(0, 1, 1.0)
    suggester.end(0, TrialState.STOPPED, None)
    suggester.reopen(0, proposal.params)
    suggester.report(0, 2, 3.0)
    suggester.end(0, TrialState.COMPLETE, [3.0])
    (trial,) = suggester.optuna_trials
    assert trial.state is OptunaState.COMPLETE
    assert trial.intermediate_values == {1: 1.0, 2: 3.0}


def test_infeasible_proposals_are_learned_from_but_never_given_out() -> None:
    told: list[Infeasible] = []
    suggester = make(
        Random(),
        violations=lambda params: {"depth": params["depth"] - 2},
        on_infeasible=told.append,
    )
    found = search(suggester, 10)
    assert all(one["params"]["depth"] <= 2 for one in found)
    assert told
    assert all(one.violations == {"depth": 1} for one in told)


def test_nothing_feasible_is_said() -> None:
    suggester = make(Random(), violations=lambda _: {"never": 1.0})
    with pytest.raises(RuntimeError, match="no new feasible setting"):
        suggester.propose()


def test_a_finite_space_with_nothing_feasible_is_used_up() -> None:
    suggester = Suggester(
        SearchSpace(CHOICES, {}), Tpe(), ["maximize"], lambda params: {"b": params["kind"] == "b"}
    )
    search(suggester, 12)
    assert suggester.propose() is None


def test_a_baseline_is_not_proposed_again() -> None:
    space = SearchSpace({"kind": Choice(choice=["a", "b"])}, {})
    suggester = Suggester(space, Random(), ["maximize"])
    suggester.add(0, {"kind": "a"})
    proposal = suggester.propose()
    assert proposal is not None
    assert proposal.params == {"kind": "b"}
    assert suggester.propose() is None


def test_parallel_proposals_spread_out() -> None:
    """With the constant liar, eight proposals at once are not eight times the best one."""
    suggester = make(Tpe(startup_trials=5))
    search(suggester, 20)
    spread = []
    for number in range(20, 28):
        proposal = suggester.propose()
        assert proposal is not None
        suggester.accept(number)
        spread.append(proposal.params["x"])
    assert max(spread) - min(spread) > 0.05
