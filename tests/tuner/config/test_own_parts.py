"""Arguments of somebody's own parts, which are checked before any trial is built with them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sr_models.errors import UserError
from tuner.config import StudyConfig, load_study
from tuner.config.checks import buildable

PARTS = "tests.sr_models.own_parts"
DOCUMENT: dict[str, Any] = {
    "objective": {
        "network": {"type": "own", "code": f"{PARTS}:Tiny"},
        "loss": {"type": "own", "code": f"{PARTS}:power"},
    }
}
RANGE = {"low": 1, "high": 2}


def load(folder: Path, **sections: Any) -> StudyConfig:
    file = folder / "own.yaml"
    file.write_text(yaml.safe_dump(DOCUMENT | sections))
    return load_study(file)


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        (
            {"search": {"network.args.widht": RANGE}},
            f"search.network.args.widht: {PARTS}:Tiny takes no widht; did you mean width?",
        ),
        (
            {"search": {"loss.args.sharp": {"low": 1.0, "high": 2.0}}},
            f"search.loss.args.sharp: {PARTS}:power takes no sharp (there is prediction, target "
            "and exponent)",
        ),
        (
            {
                "search": {"network.args.width": RANGE},
                "baselines": {"usual": {"set": {"network.args.depth": 3}}},
            },
            f"baselines.usual.set.network.args.depth: {PARTS}:Tiny takes no depth",
        ),
    ],
)
def test_what_the_code_does_not_take_is_told(
    tmp_path: Path, sections: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError) as raised:
        load(tmp_path, **sections)
    assert message in str(raised.value)


def test_what_it_takes_is_searched(tmp_path: Path) -> None:
    load(tmp_path, search={"network.args.width": RANGE, "loss.args.exponent": RANGE})


def test_what_the_search_alone_gives_has_its_first_value_before_the_first_trial(
    tmp_path: Path,
) -> None:
    """What is prepared, or timed by a dry run, could not be built without it."""
    loss = DOCUMENT["objective"]["loss"] | {"args": {"exponent": 9}}
    objective = {"network": {"type": "own", "code": f"{PARTS}:wide"}, "loss": loss}
    search = {"network.args.width": RANGE, "loss.args.exponent": RANGE}
    study = load(tmp_path, objective=objective, search=search)
    config: Any = buildable(study)
    assert config.network.args == {"width": 1}
    assert config.loss.args == {"exponent": 9}, "what is written stays"
    assert buildable(load(tmp_path)) == load(tmp_path).objective_config


def test_code_that_takes_anything_is_given_anything(tmp_path: Path) -> None:
    network = {"type": "own", "code": f"{PARTS}:tiny"}
    objective = DOCUMENT["objective"] | {"network": network}
    load(tmp_path, objective=objective, search={"network.args.width": RANGE})


def test_under_a_condition_it_is_the_code_of_that_condition(tmp_path: Path) -> None:
    loss = {"type": "mae"}
    search = {
        "loss.type": {"choice": ["mae", "own"]},
        "loss.code": {"choice": [f"{PARTS}:power"], "when": {"loss.type": "own"}},
        "loss.args.exponent": RANGE | {"when": {"loss.type": "own"}},
    }
    objective = DOCUMENT["objective"] | {"loss": loss}
    load(tmp_path, objective=objective, search=search)
    search["loss.args.sharp"] = search.pop("loss.args.exponent")
    with pytest.raises(UserError, match=r"search.loss.args.sharp: .*power takes no sharp"):
        load(tmp_path, objective=objective, search=search)
