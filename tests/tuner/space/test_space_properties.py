"""What holds for every search that is accepted, over the real config of super-resolution."""

from collections.abc import Iterator
from typing import Any, get_args

import optuna
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sr_models.losses import LossConfig
from sr_models.networks import NetworkConfig
from sr_models.optimizers import OptimizerConfig
from tuner.config import dump_study, load_study
from tuner.config.parse import InvalidStudyError, study_of
from tuner.config.study import StudyConfig

Search = dict[str, dict[str, Any]]


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


def some(*values: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A choice of some of the values."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=len(values), unique_by=repr).map(
        lambda chosen: {"choice": chosen}
    )


def numbers(low: float, high: float) -> st.SearchStrategy[dict[str, Any]]:
    """A range of fractions inside of the bounds, even over its orders of magnitude or not."""
    bounds = st.floats(low, high).flatmap(
        lambda a: st.tuples(st.just(a), st.floats(low, high).filter(lambda b: b != a))
    )
    return st.tuples(bounds, st.booleans()).map(
        lambda drawn: {"low": min(drawn[0]), "high": max(drawn[0]), "log": drawn[1]}
    )


def whole(low: int, high: int) -> st.SearchStrategy[dict[str, Any]]:
    """A range of whole numbers inside of the bounds, with or without a step."""
    bounds = st.tuples(st.integers(low, high - 1), st.integers(1, high - low)).map(
        lambda drawn: (drawn[0], min(drawn[0] + drawn[1], high))
    )
    plain = bounds.map(lambda drawn: {"low": drawn[0], "high": drawn[1]})
    return st.one_of(
        plain,
        plain.map(lambda one: {**one, "log": True}),
        plain.flatmap(
            lambda one: st.integers(1, one["high"] - one["low"]).map(
                lambda step: {**one, "step": step}
            )
        ),
    )


def kinds(union: Any, having: str = "type") -> list[str]:
    """The types of a union that need no further settings, and have this one."""
    return [
        member.model_fields["type"].default
        for member in get_args(get_args(union)[0])
        if having in member.model_fields
        and not any(field.is_required() for field in member.model_fields.values())
    ]


VALUES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "loss.type": some(*kinds(LossConfig)),
    "loss.epsilon": numbers(1e-6, 0.9),
    "optimizer.type": some(*kinds(OptimizerConfig)),
    "optimizer.learning_rate": numbers(1e-6, 1.0),
    "optimizer.betas": some([0.9, 0.999], [0.9, 0.95], [0.5, 0.9]),
    "network.type": some(*kinds(NetworkConfig)),
    "network.block": some("conv", "residual", "dilated"),
    "network.dilations": some([1, 2, 4], [1, 2], [3], None),
    "network.channels": whole(2, 256),
    "network.depth": whole(1, 8),
    "network.features.type": some("none", "vgg16"),
    "network.features.frozen": some(True, False),
    "training.batch_size": whole(1, 64),
    "training.patience": some(None, 1, 5),
    "training.ema": numbers(0.1, 0.9),
}
CONDITIONS = {
    "loss.epsilon": {"loss.type": kinds(LossConfig, having="epsilon")},
    "optimizer.betas": {"optimizer.type": kinds(OptimizerConfig, having="betas")},
    "network.block": {"network.type": "progressive"},
    "network.depth": {"network.type": kinds(NetworkConfig, having="depth")},
    "network.channels": {"network.type": kinds(NetworkConfig, having="channels")},
    "network.dilations": {"network.type": "progressive", "network.block": "dilated"},
    "network.features.type": {"network.type": "progressive"},
    "network.features.frozen": {
        "network.type": ["progressive"],
        "network.features.type": "vgg16",
    },
}
PATHS = st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=5)


@st.composite
def searches(draw: st.DrawFn, *, sloppy: bool = False) -> Search:
    """A search over some keys; `sloppy` ones leave out conditions here and there."""
    search = {}
    for path in draw(PATHS):
        search[path] = dict(draw(VALUES[path]))
        if path in CONDITIONS and not (sloppy and draw(st.booleans())):
            search[path]["when"] = CONDITIONS[path]
    return search


def accepted(search: Search, **more: Any) -> StudyConfig | None:
    try:
        return study_of({"study": "s", "search": search, **more})
    except InvalidStudyError:
        return None


def suggested(study: StudyConfig, count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Params, and what Optuna knows of them."""
    space = study.space()
    proposing = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(count):
        trial = proposing.ask()
        yield space.suggest(trial), trial.params


@settings(max_examples=100, deadline=None)
@given(searches(sloppy=True))
def test_whatever_is_accepted_suggests_only_what_the_objective_takes(search: Search) -> None:
    study = accepted(search)
    if study is not None:
        for params, _ in suggested(study, 10):
            study.space().build(params)


@settings(max_examples=60, deadline=None)
@given(searches())
def test_a_suggestion_and_what_optuna_sees_of_it_say_the_same(search: Search) -> None:
    study = accepted(search)
    if study is None:
        return
    space = study.space()
    for params, seen in suggested(study, 10):
        assert space.decode(space.encode(params)) == params
        assert space.decode(seen) == params
        assert space.identity(space.decode(space.encode(params))) == space.identity(params)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(searches())
def test_a_finite_space_lists_as_many_settings_as_it_has(search: Search) -> None:
    study = accepted(search)
    size = None if study is None else study.space().size()
    if study is None or size is None or size > 300:
        return
    space = study.space()
    listed = list(space.enumerate())
    assert len(listed) == size
    assert len({space.identity(params) for params in listed}) == size
    assert len({repr(space.resolved(params)) for params in listed}) == size


NAMES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8).filter(
    lambda name: name.lower() not in ("best", "bicubic")
)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    search=searches(),
    name=NAMES,
    description=TEXTS,
    reported=st.dictionaries(TEXTS, st.floats(allow_nan=False, allow_infinity=False), max_size=2),
    wall_clock=st.none() | st.floats(1e-3, 1e7),
    source=st.none() | TEXTS.filter(bool),
)
def test_what_is_dumped_loads_as_the_same_study(
    search: Search,
    name: str,
    description: str,
    reported: dict[str, float],
    wall_clock: float | None,
    source: str | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = {} if source is None else {"source": {"type": "folder", "path": source}}
    study = accepted(
        search,
        objective={"data": data},
        description=description,
        baselines={name: {"set": {"optimizer.learning_rate": 0.5}, "reported": reported}},
        budget={"trials": 3, "wall_clock": wall_clock},
    )
    if study is None:
        return
    file = tmp_path_factory.mktemp("dumped") / "study.yaml"
    file.write_text(dump_study(study), encoding="utf-8")
    again = load_study(file)
    assert again == study
    assert dump_study(again) == dump_study(study)
    for params, _ in suggested(study, 5):
        assert again.space().build(params) == study.space().build(params)
