"""Super-resolution as an objective: what it promises a search before, while and after training."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sr_models.config import TrainConfig
from sr_models.errors import DataError
from tuner.objectives import get_objective
from tuner.objectives.metric import by_name, static_names
from tuner.objectives.protocol import HeldOut, TrialContext

OBJECTIVE = get_objective("super_resolution")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainConfig:
    monkeypatch.setenv("SR_TUNER_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "photographs"
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(6):
        photograph(folder / f"{number}.png", random)
    return TrainConfig.model_validate(
        {
            "data": {"source": {"type": "folder", "path": str(folder)}, "size": 8},
            "network": {"type": "progressive", "depth": 1, "channels": 4},
            "training": {"max_epochs": 2, "batch_size": 4, "pictures": 1},
        }
    )


def photograph(path: Path, random: np.random.Generator) -> None:
    seeds = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    seeds.resize((40, 40), Image.Resampling.BICUBIC).save(path)


def test_files_that_are_not_used_are_said_before_the_first_trial(
    config: TrainConfig, tmp_path: Path
) -> None:
    def notes() -> list[str]:
        return list(OBJECTIVE.prepare(config, tmp_path / "study", lambda *_: None)["notes"])

    assert notes() == []
    photographs = tmp_path / "photographs"
    (photographs / "a.txt").write_text("no image")
    assert notes() == [
        "1 file is not used:\n  a.txt: not an image of a known format, or its header is damaged"
    ]
    for number in range(11):
        (photographs / f"b{number:02}.png").write_bytes(b"")
    (said,) = notes()
    assert said.startswith("12 files are not used:")
    assert said.endswith("  b09.png: empty file\n  and 2 more")


def test_a_test_of_what_trains_is_refused(config: TrainConfig, tmp_path: Path) -> None:
    data = config.data.model_copy(update={"test": config.data.source})
    asked = config.model_copy(update={"data": data})
    for before in (
        lambda: OBJECTIVE.prepare(asked, tmp_path, lambda *_: None),
        lambda: OBJECTIVE.cost(asked, 1, lambda *_: None),
    ):
        with pytest.raises(DataError, match=r"data\.test: 6 of its 6 images train or"):
            before()


def test_all_that_can_be_searched_for_is_measured(config: TrainConfig, tmp_path: Path) -> None:
    folder = tmp_path / "trial"
    folder.mkdir()
    epochs = list(OBJECTIVE.run(config, TrialContext(folder, recorded=0, threads=1)))
    assert [epoch.number for epoch in epochs] == [1, 2]
    known = {*epochs[0].metrics, *OBJECTIVE.static_metrics(config)}
    assert {metric.name for metric in OBJECTIVE.metrics} == known
    assert set(static_names(OBJECTIVE.metrics)) == set(OBJECTIVE.static_metrics(config))
    assert all(epoch.metrics["validation/ms_per_image"] > 0 for epoch in epochs)


@pytest.mark.parametrize("place", ["nowhere", "empty"])
def test_a_test_folder_without_images_is_told_of_before_anything_is_trained(
    config: TrainConfig, tmp_path: Path, place: str
) -> None:
    (tmp_path / "empty").mkdir()
    settings = config.model_dump(mode="json")
    settings["data"]["test"] = {"type": "folder", "path": str(tmp_path / place)}
    asked = TrainConfig.model_validate(settings)
    with pytest.raises(DataError, match=r"^data.test"):
        OBJECTIVE.prepare(asked, tmp_path / "study", lambda *_: None)
    with pytest.raises(DataError, match=r"^data.test"):
        OBJECTIVE.cost(asked, 1, lambda *_: None)


def test_what_a_config_asks_for_is_measured_too(config: TrainConfig, tmp_path: Path) -> None:
    settings = config.model_dump(mode="json")
    settings["data"] |= {"patches": {"steps": 2}, "size": 10}
    settings["metrics"] = {
        "lpips": {"type": "lpips", "network": "squeeze", "weights": "random"},
        "seen": {"type": "dists", "weights": "random"},
    }
    asked = TrainConfig.model_validate(settings)
    (tmp_path / "trial").mkdir()
    epochs = list(OBJECTIVE.run(asked, TrialContext(tmp_path / "trial", recorded=0, threads=1)))
    known = {*epochs[0].metrics, *OBJECTIVE.static_metrics(asked)}
    described = OBJECTIVE.configured(asked).metrics
    assert {metric.name for metric in described} == known
    names = {"validation/lpips", "validation/seen", "validation/psnr_y", "validation/psnr_y_large"}
    assert names < known
    info = OBJECTIVE.prepare(asked, tmp_path / "study", lambda *_: None)
    assert names < info["baseline_bicubic"].keys()
    directions = {metric.name: metric.direction for metric in described}
    assert directions["validation/lpips"] == directions["validation/seen"] == "minimize"

    assert isinstance(OBJECTIVE, HeldOut)
    settings["data"]["test"] = {"type": "folder", "path": str(tmp_path / "photographs")}
    tested = TrainConfig.model_validate(settings)
    scores = OBJECTIVE.test(tested, tmp_path / "trial", lambda *_: None)
    described = OBJECTIVE.test_metrics(tested)
    assert [metric.name for metric in described] == list(scores)
    assert (by_name(described)["test/psnr_mid"].unit, described[0].decimals) == ("dB", 2)


def test_what_the_trials_share_is_prepared_once(config: TrainConfig, tmp_path: Path) -> None:
    info = OBJECTIVE.prepare(config, tmp_path / "study", lambda *_: None)
    assert info["data"]["train"] + info["data"]["validation"] == 6
    assert info["data"]["skipped"] == []
    assert 5 < info["baseline_bicubic"]["validation/psnr"] < 60
    kinds = {path.stem.split("-", 1)[1] for path in (tmp_path / "study").glob("pictures/*.png")}
    said = json.loads((tmp_path / "study" / "pictures" / "manifest.json").read_text())
    outputs = {one["name"] for one in said["outputs"]}
    predicted = {f"{said['baseline']}-{name}" for name in outputs}
    assert kinds == outputs | predicted | {one["kind"] for one in said["given"]}
    assert said["score"] in by_name(OBJECTIVE.metrics)


def test_photographs_that_changed_meanwhile_are_noticed(
    config: TrainConfig, tmp_path: Path
) -> None:
    shared = OBJECTIVE.prepare(config, tmp_path / "study", lambda *_: None)
    photograph(tmp_path / "photographs" / "0.png", np.random.default_rng(1))
    with pytest.raises(DataError, match="the images have changed during the study"):
        next(
            iter(
                OBJECTIVE.run(config, TrialContext(tmp_path, recorded=0, threads=1, shared=shared))
            )
        )
    other = config.model_copy(update={"data": config.data.model_copy(update={"size": 6})})
    folder = tmp_path / "trial"
    folder.mkdir()
    assert next(
        iter(OBJECTIVE.run(other, TrialContext(folder, recorded=0, threads=1, shared=shared)))
    )


def test_its_cost_is_measured_and_leaves_nothing(config: TrainConfig, tmp_path: Path) -> None:
    cost = OBJECTIVE.cost(config, 1, lambda *_: None)
    assert cost.seconds_per_epoch > 0
    assert cost.memory_bytes > 0
    assert cost.trial_bytes > 0
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "photographs"}
