"""The search space over a small config of sections and variants."""

import json
import math
from typing import Annotated, Any, Literal

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import FloatDistribution
from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from sr_models.frozen import FrozenConfig
from tuner.space import Choice, Dimension, Range, SearchSpace
from tuner.space.values import identity, same
from tuner.space.written import written


class Mse(FrozenConfig):
    type: Literal["mse"] = "mse"


class Charbonnier(FrozenConfig):
    type: Literal["charbonnier"] = "charbonnier"
    epsilon: float = Field(1e-3, gt=0)


class Huber(FrozenConfig):
    type: Literal["huber"] = "huber"
    epsilon: float = Field(1.0, gt=0)


class Term(FrozenConfig):
    weight: float = 1.0


class Sum(FrozenConfig):
    type: Literal["sum"] = "sum"
    terms: tuple[Term, ...] = (Term(), Term(weight=2.0))


class Optimizer(FrozenConfig):
    learning_rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)


class Config(FrozenConfig):
    loss: Annotated[Mse | Charbonnier | Huber | Sum, Field(discriminator="type")] = Charbonnier()
    optimizer: Optimizer = Optimizer()
    depth: int = 2
    width: int | None = None
    block: str = "conv"


DIMENSIONS = TypeAdapter(dict[str, Dimension])


def space(search: dict[str, Any], config: FrozenConfig | None = None) -> SearchSpace:
    base = Config() if config is None else config
    return SearchSpace(DIMENSIONS.validate_python(search), written(base), type(base))


def suggestions(searched: SearchSpace, count: int = 30) -> list[dict[str, Any]]:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    return [searched.suggest(study.ask()) for _ in range(count)]


def test_a_condition_hides_a_dimension_wherever_it_does_not_hold() -> None:
    searched = space(
        {
            "loss.epsilon": {"low": 0.1, "high": 1.0, "when": {"loss.type": "charbonnier"}},
            "loss.type": {"choice": ["mse", "charbonnier"]},
        }
    )
    found = suggestions(searched)
    assert {params["loss.type"] for params in found} == {"mse", "charbonnier"}
    for params in found:
        assert ("loss.epsilon" in params) == (params["loss.type"] == "charbonnier")


def test_all_conditions_must_hold_and_a_list_means_any_of_its_values() -> None:
    searched = space(
        {
            "depth": {"low": 1, "high": 4},
            "block": {"choice": ["conv", "residual", "dilated"]},
            "width": {"low": 8, "high": 9, "when": {"depth": [1, 3], "block": "dilated"}},
        }
    )
    for params in searched.enumerate():
        active = params["depth"] in (1, 3) and params["block"] == "dilated"
        assert ("width" in params) == active


def test_a_condition_on_a_key_that_is_not_searched_looks_at_the_config() -> None:
    search = {"width": {"low": 8, "high": 9, "when": {"block": "dilated"}}}
    assert all("width" not in params for params in suggestions(space(search)))
    dilated = space(search, Config(block="dilated"))
    assert all("width" in params for params in suggestions(dilated))
    # A default counts as well: the base says nothing of the loss.
    search = {"width": {"low": 8, "high": 9, "when": {"loss.type": "charbonnier"}}}
    assert all("width" in params for params in suggestions(space(search)))


def test_a_chain_of_conditions_ends_where_one_does_not_hold() -> None:
    searched = space(
        {
            "block": {"choice": ["conv", "dilated"]},
            "depth": {"choice": [1, 2], "when": {"block": "dilated"}},
            # The base's depth is 2 as well, but depth is not searched with block: conv.
            "width": {"choice": [8, 9], "when": {"depth": 2}},
        }
    )
    assert list(searched.enumerate()) == [
        {"block": "conv"},
        {"block": "dilated", "depth": 1},
        {"block": "dilated", "depth": 2, "width": 8},
        {"block": "dilated", "depth": 2, "width": 9},
    ]
    assert searched.size() == 4


def test_a_condition_on_a_list_compares_the_whole_list() -> None:
    searched = space(
        {
            "optimizer.betas": {"choice": [[0.9, 0.999], [0.9, 0.95]]},
            "depth": {"choice": [1, 2], "when": {"optimizer.betas": [0.9, 0.95]}},
        }
    )
    assert searched.size() == 3


def test_a_changed_type_keeps_what_is_written_and_drops_what_does_not_fit() -> None:
    search = {"loss.type": {"choice": ["mse", "charbonnier", "huber"]}}
    chosen = space(search, Config(loss=Charbonnier(epsilon=0.5)))
    assert chosen.config({"loss.type": "mse"})["loss"] == {"type": "mse"}
    assert chosen.config({"loss.type": "huber"})["loss"] == {"type": "huber", "epsilon": 0.5}
    # Charbonnier's default is not huber's.
    default = space(search, Config(loss=Charbonnier()))
    assert default.resolved({"loss.type": "huber"})["loss"]["epsilon"] == 1.0


def test_params_may_replace_sections_and_reach_into_lists() -> None:
    searched = space({})
    config = searched.build({"loss": {"type": "sum"}, "loss.terms.1.weight": 5})
    assert config == Config(loss=Sum(terms=(Term(), Term(weight=5.0))))


def test_a_range_over_a_key_that_takes_fractions_is_one_of_fractions() -> None:
    searched = space({"optimizer.learning_rate": {"low": 1, "high": 2}})
    assert searched.size() is None
    assert all(isinstance(p["optimizer.learning_rate"], float) for p in suggestions(searched))
    assert space({"width": {"low": 1, "high": 2}}).size() == 2


@pytest.mark.parametrize(
    ("bounds", "values"),
    [
        ({"low": 1, "high": 4}, [1, 2, 3, 4]),
        ({"low": 1, "high": 8, "step": 3}, [1, 4, 7]),
        ({"low": 2, "high": 5, "log": True}, [2, 3, 4, 5]),
    ],
)
def test_the_values_of_a_range_of_whole_numbers(bounds: dict[str, Any], values: list[int]) -> None:
    searched = space({"depth": bounds})
    assert [params["depth"] for params in searched.enumerate()] == values
    drawn = {params["depth"] for params in suggestions(searched, 100)}
    assert drawn == set(values)
    assert all(type(value) is int for value in drawn)


class Free(FrozenConfig):
    """Arguments of somebody's own code."""

    args: dict[str, JsonValue] = Field(default_factory=dict)


def test_a_range_over_a_key_that_takes_any_value_is_as_it_is_written() -> None:
    ranges = {"args.width": Range(low=2, high=8), "args.slope": Range(low=0.0, high=1)}
    dimensions = SearchSpace(ranges, {}, Free).dimensions
    assert dimensions == ranges


def test_steps_of_fractions_have_no_rounding_errors() -> None:
    searched = space({"optimizer.learning_rate": {"low": 0.1, "high": 0.55, "step": 0.1}})
    values = [0.1, 0.2, 0.3, 0.4, 0.5]
    assert [params["optimizer.learning_rate"] for params in searched.enumerate()] == values
    drawn = {params["optimizer.learning_rate"] for params in suggestions(searched, 100)}
    assert drawn == set(values)


@pytest.mark.parametrize(
    ("low", "high", "steps"),
    [(-math.pi / 4, -math.pi / 4 + 4 * math.pi, 8), (0.2, 0.9, 5), (0.2, 0.9, 15), (0.0, 1.0, 3)],
)
def test_a_step_that_was_computed_leads_to_the_end_all_the_same(
    low: float, high: float, steps: int
) -> None:
    """In decimals (0.9 - 0.2) / 5 leads to 0.8999999999999999, and Optuna stops at 0.76."""
    dimension = Range(low=low, high=high, step=(high - low) / steps)
    values = list(dimension.values())
    assert values == pytest.approx([low + (high - low) * n / steps for n in range(steps + 1)])
    assert dimension.last == values[-1] == high
    searched = SearchSpace({"x": dimension}, {})
    assert {params["x"] for params in suggestions(searched, 200)} == set(values)
    for value in values:  # Optuna refuses what its distribution does not hold
        encoded = searched.encode({"x": value})
        optuna.trial.create_trial(value=0.0, params=encoded, distributions=searched.distributions())


def test_optuna_keeps_a_step_that_it_can_count_in() -> None:
    searched = SearchSpace({"x": Range(low=0.1, high=0.55, step=0.1)}, {})
    assert searched.distributions()["x"] == FloatDistribution(0.1, 0.5, step=0.1)


@pytest.mark.parametrize(
    ("bounds", "rule"),
    [
        ({"low": 2**62, "high": 2**62 + 10}, "whole numbers may be"),
        ({"low": -(2**70), "high": 0}, "whole numbers may be"),
        ({"low": -1e308, "high": 1e308}, "must be a finite number"),
    ],
)
def test_a_range_that_floats_cannot_hold_is_refused(bounds: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        Range(**bounds)
    assert Range(low=-(2**53), high=2**53).count == 2**54 + 1


@pytest.mark.parametrize(
    "choice",
    [
        [1, 2, 3],
        ["a", None],
        [True, False],
        [1, True, "1", None],
        [[0.9, 0.999], [0.9, 0.95]],
        [{"type": "mse"}, {"type": "huber", "epsilon": 2.0}],
        ["[1]", [1]],
    ],
)
def test_optuna_sees_choices_of_any_kind(choice: list[Any]) -> None:
    searched = SearchSpace(DIMENSIONS.validate_python({"a.b": {"choice": choice}}), {})
    (distribution,) = searched.distributions().values()
    assert len(distribution.choices) == len(choice)  # type: ignore[attr-defined]
    for value in choice:
        encoded = searched.encode({"a.b": value})
        assert encoded["a.b"] in distribution.choices  # type: ignore[attr-defined]
        decoded = searched.decode(encoded)["a.b"]
        assert decoded == value
        assert type(decoded) is type(value)


def test_thousands_of_choices_are_looked_up_not_searched_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each proposal compared all choices with each other: 1,600 took a second."""
    compared = []
    monkeypatch.setattr("tuner.space.choice.same", lambda *pair: compared.append(pair) or True)
    searched = SearchSpace({"x": Choice(choice=list(range(3000)))}, {})
    found = [params["x"] for params in suggestions(searched, 20)]
    assert all(type(value) is int and value in range(3000) for value in found)
    assert searched.encode({"x": 7.0}) == {"x": 7}
    assert len(compared) == 3000, "each with itself, to find a NaN"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-2, 2, width=16) | st.text("01a"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab"), inner, max_size=2),
    max_leaves=4,
)


@given(left=VALUES, right=VALUES)
def test_values_have_one_identity_exactly_if_they_are_the_same(left: Any, right: Any) -> None:
    assert (identity(left) == identity(right)) == same(left, right)
    assert identity(left) == identity(json.loads(json.dumps(left)))


def test_optuna_learns_of_what_params_leave_to_the_base() -> None:
    searched = space(
        {
            "depth": {"low": 1, "high": 4},
            "width": {"low": 8, "high": 16},
            "optimizer.betas": {"choice": [[0.9, 0.999], [0.9, 0.95]]},
        }
    )
    known = searched.encode({"width": 8, "block": "dilated"})
    assert known == {"depth": 2, "width": 8, "optimizer.betas": "[0.9,0.999]"}


def test_optuna_does_not_learn_what_its_range_does_not_hold() -> None:
    searched = space(
        {
            "optimizer.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
            "depth": {"choice": [1, 4]},
            "loss.epsilon": {"low": 0.1, "high": 1.0, "when": {"loss.type": "huber"}},
        }
    )
    assert searched.encode({"optimizer.learning_rate": 0.02, "loss.type": "mse"}) == {}
    assert searched.encode({"depth": 4, "loss.type": "huber"}) == {
        "optimizer.learning_rate": 1e-3,
        "depth": 4,
        "loss.epsilon": 1.0,
    }


def test_the_same_setting_has_one_identity_however_it_is_written() -> None:
    searched = space({"depth": {"low": 1, "high": 4}, "loss.type": {"choice": ["mse", "huber"]}})
    assert searched.identity({"depth": 2, "loss.type": "mse"}) == searched.identity(
        {"loss": {"type": "mse"}}
    )
    assert searched.identity({"depth": 2}) == searched.identity({})
    assert searched.identity({"width": None}) == searched.identity({})
    assert searched.identity({"width": 8}) != searched.identity({})
    assert searched.identity({"depth": 3}) != searched.identity({})


def test_the_identity_of_a_choice_of_sections() -> None:
    searched = space({"loss": {"choice": [{"type": "mse"}, {"type": "huber"}]}})
    assert searched.size() == 2
    assert searched.identity({"loss": {"type": "huber"}}) == searched.identity(
        {"loss.type": "huber", "loss.epsilon": 1.0}
    )


def test_the_size_of_a_large_space_is_counted_without_listing_it() -> None:
    wide = {f"section.k{index}": {"low": 1, "high": 1000} for index in range(20)}
    assert SearchSpace(DIMENSIONS.validate_python(wide), {}).size() == 1000**20
    conditional = wide | {
        "kind": {"choice": ["a", "b"]},
        "section.only_b": {"low": 1, "high": 10, "when": {"kind": "b"}},
    }
    counted = SearchSpace(DIMENSIONS.validate_python(conditional), {}).size()
    assert counted == 1000**20 * 11


def test_an_empty_space_is_one_setting() -> None:
    assert space({}).size() == 1
    assert list(space({}).enumerate()) == [{}]


def test_a_cycle_of_conditions_is_refused() -> None:
    with pytest.raises(ValueError, match="cycle: depth -> width -> depth"):
        space(
            {
                "depth": {"choice": [1], "when": {"width": 1}},
                "width": {"choice": [1], "when": {"depth": 1}},
            }
        )
