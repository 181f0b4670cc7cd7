"""Whatever stands in a study file, or after --set, ends as a study or as an error for people."""

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sr_models.errors import UserError
from sr_models.losses import SingleLoss
from sr_models.networks import NetworkConfig
from tests.tuner.config.test_yaml_file import PLAIN
from tuner.config import StudyConfig, dump_study, load_study
from tuner.config.yaml_file import format_yaml

LOSSES = [member.model_fields["type"].default for member in get_args(SingleLoss)]
NETWORKS = [member.model_fields["type"].default for member in get_args(get_args(NetworkConfig)[0])]


def part(kind: str) -> dict[str, Any]:
    """A section of a type; code of one's own must be named."""
    return (
        {"type": kind, "code": "tests.sr_models.own_parts:Tiny"}
        if kind == "own"
        else {"type": kind}
    )


DOCUMENT: dict[str, Any] = {
    "study": "fuzzed",
    "objective": {
        "type": "super_resolution",
        "data": {"source": {"type": "sample"}, "size": 24},
        "loss": {"type": "sum", "terms": {name: {"loss": part(name)} for name in LOSSES}},
        "optimizer": {"type": "adam", "betas": [0.9, 0.999]},
    },
    "search": {
        "network": {"choice": [{**part(name), "skip": "bicubic"} for name in NETWORKS]},
        "loss.terms.mae.weight": {"low": 0.1, "high": 1, "step": 0.1},
        "lr_schedule.type": {"choice": ["constant", "cosine"]},
        "lr_schedule.final": {"low": 0, "high": 1, "when": {"lr_schedule.type": ["cosine"]}},
    },
    "baselines": {"AS-24": {"set": {"loss.type": "mse"}, "reported": {"validation/psnr": 4.0}}},
    "metric": ["validation/psnr", "parameters"],
    "sampler": {"type": "tpe", "seed": 0},
    "scheduler": {"type": "asha", "grace_period": 2},
    "budget": {"trials": 4, "wall_clock": "1h"},
    "confirm": {"top": 2, "seeds": 2},
    "constraints": {"parameters": {"max": 5}},
    "trackers": ["mlflow", {"type": "neptune"}],
    "warm_start": ["results/earlier"],
}
Location = tuple[Any, ...]


def places(value: Any, path: Location = ()) -> Iterator[Location]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def replaced(document: Any, path: Location, value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    section = changed
    for key in path[:-1]:
        section = section[key]
    section[path[-1]] = value
    return changed


PLACES = st.sampled_from(sorted(places(DOCUMENT), key=repr))
VALUES = PLAIN | st.sampled_from(
    [
        "mse",
        "1h",
        [],
        {},
        {"type": "mse"},
        {"choice": [1]},
        {"low": 1, "high": 2},
        [[0.9, 0.9]],
        {"set": {"loss": {"type": "sum"}}},
        {"a": {"b": 1}},
    ]
)
ENDINGS = st.sampled_from(["", ".low", ".x", ".", ".0", ".99", ".type", ".when.a.b", ".choice.0"])


def outcome(file: Path, overrides: Sequence[str] = ()) -> StudyConfig | str:
    try:
        return load_study(file, overrides)
    except UserError as error:
        return str(error)


def test_the_document_is_a_study(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(format_yaml(DOCUMENT))
    assert isinstance(load_study(file), StudyConfig)


@settings(max_examples=150, deadline=None)
@given(PLACES, VALUES)
def test_a_study_file(
    tmp_path_factory: pytest.TempPathFactory, place: Location, value: Any
) -> None:
    file = tmp_path_factory.mktemp("fuzzed") / "study.yaml"
    file.write_text(format_yaml(replaced(DOCUMENT, place, value)), encoding="utf-8")
    study = outcome(file)
    if isinstance(study, str):
        assert str(file) in study
    else:
        file.write_text(dump_study(study), encoding="utf-8")
        assert outcome(file) == study


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(PLACES, ENDINGS, VALUES), min_size=1, max_size=3))
def test_overrides(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[Location, str, Any]]
) -> None:
    file = tmp_path_factory.mktemp("fuzzed") / "study.yaml"
    file.write_text(format_yaml(DOCUMENT), encoding="utf-8")
    study = outcome(
        file,
        [
            f"{'.'.join(map(str, place))}{ending}={format_yaml(value).removesuffix('...')}"
            for place, ending, value in changes
        ],
    )
    assert not isinstance(study, str) or study.startswith((str(file), "--set "))
