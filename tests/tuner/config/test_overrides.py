"""`--set`: values of a study file that are changed on the command line."""

from pathlib import Path

import pytest

from sr_models.data.sources import FolderSource, Voc2007Source
from sr_models.losses import MseConfig
from tests.tuner.config.step4 import STUDY, load
from tuner.config import (
    Baseline,
    Budget,
)
from tuner.samplers import Random, Tpe
from tuner.schedulers import NoneConfig
from tuner.space import Choice, Range
from tuner.trackers import TensorboardConfig


def test_overrides_are_typed_and_may_name_any_key(file: Path) -> None:
    study = load(
        file,
        "study=other",
        "objective.training.max_epochs=3",
        "objective.optimizer.learning_rate=1e-2",
        "search.optimizer.learning_rate.low=1e-3",
        "search.optimizer.betas.choice.1=[0.5, 0.9]",
        "search.network.dilations.when.network.block=residual",
        "search.network.dilations.choice=[null]",
        "baselines.AS-24.set.loss.type=mae",
        "baselines.AS-24.reported.validation/psnr=4",
        "sampler.seed=7",
        "budget.wall_clock=1h",
        "constraints.parameters.max=200_000",
        "trackers=[tensorboard]",
        "trackers.0.timeout=3",
    )
    config = study.objective_config.model_dump()
    assert study.study == "other"
    assert config["training"]["max_epochs"] == 3
    assert config["optimizer"]["learning_rate"] == 0.01
    assert study.search["optimizer.learning_rate"] == Range(low=1e-3, high=0.02, log=True)
    assert study.search["optimizer.betas"] == Choice(choice=[[0.9, 0.999], [0.5, 0.9]])
    assert study.search["network.dilations"].when == {"network.block": "residual"}
    assert study.baselines["AS-24"].set["loss.type"] == "mae"
    assert study.baselines["AS-24"].reported["validation/psnr"] == 4
    assert study.sampler == Tpe(seed=7)
    assert study.budget == Budget(trials=16, wall_clock=3600)
    assert study.constraints["parameters"].max == 200_000
    assert study.trackers == (TensorboardConfig(timeout=3),)


def test_overrides_add_and_take_away(file: Path) -> None:
    study = load(
        file,
        "search.network.channels={choice: [8, 16]}",
        "search.network.depth.low=1",
        "search.network.depth.high=3",
        "search.optimizer.betas=null",
        "baselines.mine.v2.set.network.channels=8",
        "baselines.AS-24=null",
    )
    assert [*study.search] == [
        "loss.type",
        "optimizer.learning_rate",
        "network.dilations",
        "network.channels",
        "network.depth",
    ]
    assert study.search["network.depth"] == Range(low=1, high=3)
    assert study.baselines == {"mine.v2": Baseline(set={"network.channels": 8})}


def test_overrides_replace_whole_sections(file: Path) -> None:
    study = load(
        file,
        "search={}",
        "baselines={}",
        "sampler={type: random}",
        "objective.data={source: {type: voc2007, root: VOC}}",
    )
    assert study.search == {}
    assert study.baselines == {}
    assert study.sampler == Random()
    data = study.objective_config.data  # type: ignore[attr-defined]
    assert data.source == Voc2007Source(root=Path("VOC"))
    assert data.size == 72


@pytest.mark.parametrize(
    "overrides",
    [
        ["objective.data.source={type: folder, path: photos}"],
        ["objective.data.source.type=folder", "objective.data.source.path=photos"],
        ["objective.data.source.path=photos", "objective.data.source.type=folder"],
    ],
)
def test_a_source_can_be_changed_in_any_order(file: Path, overrides: list[str]) -> None:
    data = load(file, *overrides).objective_config.data  # type: ignore[attr-defined]
    assert data.source == FolderSource(path=Path("photos"))


def test_a_changed_type_drops_what_the_new_one_does_not_have(file: Path) -> None:
    study = load(file, "scheduler.type=none", "sampler.type=random", "sampler.seed=3")
    assert study.scheduler == NoneConfig()
    assert study.sampler == Random(seed=3)
    text = STUDY.replace("loss: {type: mae}", "loss: {type: charbonnier, epsilon: 0.1}")
    file.write_text(text)
    study = load(file, "objective.loss.type=mse", "search={}")
    assert study.objective_config.loss == MseConfig()  # type: ignore[attr-defined]


def test_a_baseline_may_set_a_section_in_place_of_its_keys(file: Path) -> None:
    study = load(file, "baselines.AS-24.set.loss={type: charbonnier, epsilon: 0.1}")
    params = study.baselines["AS-24"].set
    assert "loss.type" not in params
    assert study.space().config(params)["loss"] == {"type": "charbonnier", "epsilon": 0.1}
