"""The study files that come with the project: they load, are the report's steps, and can run."""

from pathlib import Path
from typing import Any

import optuna
import pytest

from sr_models.config import TrainConfig
from sr_models.data.sources import SampleSource, Voc2007Source
from sr_models.metrics.perceptual import LpipsMetricConfig
from sr_models.networks import PRESETS
from sr_models.networks.progressive.features import Vgg16Features
from tuner.config import StudyConfig, dump_study, load_study

FOLDER = Path(__file__).parents[1] / "search_spaces"
FILES = sorted(FOLDER.glob("*.yaml"))
STEPS = [path for path in FILES if path.stem.startswith("step")]

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def trained(study: StudyConfig, params: dict[str, Any]) -> TrainConfig:
    config = study.space().build(params)
    assert isinstance(config, TrainConfig)
    return config


def test_there_is_a_file_for_each_step_and_one_for_all() -> None:
    steps = (f"step{step}" for step in range(2, 8))
    assert [path.stem for path in FILES] == ["all", "perceptual", *steps]


@each_file
def test_a_file_loads_and_its_dump_loads_as_the_same(path: Path, tmp_path: Path) -> None:
    study = load_study(path)
    assert study.study == path.stem
    assert study.baselines
    dumped = tmp_path / "study.yaml"
    dumped.write_text(dump_study(study), encoding="utf-8")
    assert load_study(dumped) == study


@each_file
def test_all_that_is_suggested_can_be_built(path: Path) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = load_study(path).space()
    proposing = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(100):
        space.build(space.suggest(proposing.ask()))


@each_file
def test_a_file_searches_whether_to_predict_over_bicubic(path: Path) -> None:
    # Without it, no network beats bicubic upscaling in the minutes of a quick run.
    assert load_study(path).search["network.skip"].choice == ["none", "bicubic"]


@each_file
def test_a_file_runs_on_the_sample_at_a_small_size(path: Path) -> None:
    study = load_study(path)
    config = trained(study, {})
    assert config.data.source == SampleSource()
    assert config.data.size <= 32
    assert study.budget.trials is not None
    assert study.budget.trials <= 24


@each_file
def test_options_of_its_header_point_it_at_other_data_and_full_size(path: Path) -> None:
    header = path.read_text().split("\nstudy:")[0]
    assert "#   --data PHOTOS\n" in header
    where = "objective.data.source"
    voc, size = [f"{where}.type=voc2007", f"{where}.download=true"], ["objective.data.size=72"]
    for overrides in (voc, size):
        assert "#   " + " ".join(f"--set {one}" for one in overrides) + "\n" in header
    data = trained(load_study(path, [*voc, *size]), {}).data
    assert (data.source, data.size, data.resize) == (Voc2007Source(download=True), 72, "squash")


@each_file
def test_the_header_gives_the_command(path: Path) -> None:
    assert f"python -m tuner.run search_spaces/{path.name}" in path.read_text()


@pytest.mark.parametrize("path", STEPS, ids=lambda path: path.stem)
def test_a_file_searches_around_the_network_of_its_step(path: Path) -> None:
    network = trained(load_study(path), {}).network
    preset = PRESETS[path.stem]
    if isinstance(preset.features, Vgg16Features):  # the file says that its weights are random
        preset = preset.model_copy(update={"features": Vgg16Features(weights="random")})
    assert network == preset


def settings(config: TrainConfig) -> dict[str, Any]:
    """What the report's table lists of a run."""
    return {
        "criterion": config.loss.type,
        "learning_rate": config.optimizer.learning_rate,
        "betas": config.optimizer.betas,
        "batch_size": config.training.batch_size,
        "limit": config.training.patience,
        "max_epochs": config.training.max_epochs,
    }


def test_step_4_has_the_runs_of_the_report() -> None:
    study = load_study(FOLDER / "step4.yaml")
    usual = {"betas": (0.9, 0.999), "batch_size": 10, "limit": 10}
    expected: dict[str, dict[str, Any]] = {
        "AS-24": {"criterion": "mse", "learning_rate": 0.001, "max_epochs": 25},
        "AS-25": {"criterion": "mae", "learning_rate": 0.002, "max_epochs": 15},
        "AS-26": {
            "criterion": "mae",
            "learning_rate": 0.02,
            "betas": (0.9, 0.95),
            "max_epochs": 15,
        },
        "AS-27": {"criterion": "mae", "learning_rate": 0.0002, "max_epochs": 20},
    }
    runs = {name: settings(trained(study, one.set)) for name, one in study.baselines.items()}
    assert runs == {name: usual | changes for name, changes in expected.items()}
    for one in study.baselines.values():
        assert trained(study, one.set).network == PRESETS["step4"]


@pytest.mark.parametrize(
    ("step", "reported"),
    [
        ("step2", {"step2-mse": 2.158, "step2-mae": 4.269}),
        ("step3", {"step3": 4.317}),
        ("step4", {"AS-24": 4.02061, "AS-25": 4.19291, "AS-26": 2.27849, "AS-27": 4.23574}),
        ("step5", {"AS-28": 4.34211, "AS-31": 4.35219, "AS-32": 4.35255}),
        ("step6", {"step6": None, "without-vgg16": None}),
        ("step7", {"step7": 4.43357}),
        ("all", {"step3": 4.317, "AS-27": 4.23574, "AS-32": 4.35255, "step7": 4.43357}),
    ],
)
def test_baselines_carry_the_figures_of_the_report(
    step: str, reported: dict[str, float | None]
) -> None:
    baselines = load_study(FOLDER / f"{step}.yaml").baselines
    found = {name: one.reported.get("validation/psnr") for name, one in baselines.items()}
    assert found == reported


def test_step_5_compares_residual_with_dilated_blocks_and_relu_with_leaky_relu() -> None:
    study = load_study(FOLDER / "step5.yaml")
    networks = {name: trained(study, one.set).network for name, one in study.baselines.items()}
    relu = {"activation": "relu"}
    assert networks == {
        "AS-28": PRESETS["step4"],
        "AS-31": PRESETS["step5"].model_copy(update=relu),
        "AS-32": PRESETS["step5"],
    }


def test_step_6_says_that_its_weights_are_random_and_takes_real_ones() -> None:
    path = FOLDER / "step6.yaml"
    assert "AS IT STANDS, VGG16 IS RANDOM" in path.read_text()
    real = "objective.network.features.weights=vgg16_features.safetensors"
    beside = "baselines.random-features.set.network.features.weights=random"
    for override in (real, beside):
        assert f"--set {override}" in path.read_text()
    study = load_study(path, [real, beside])
    weights = {
        name: getattr(trained(study, one.set).network.features, "weights", None)  # type: ignore[union-attr]
        for name, one in study.baselines.items()
    }
    assert weights == {
        "step6": "vgg16_features.safetensors",
        "without-vgg16": None,
        "random-features": "random",
    }


def test_perceptual_searches_psnr_against_lpips_and_takes_real_weights() -> None:
    path = FOLDER / "perceptual.yaml"
    assert "AS IT STANDS, LPIPS IS RANDOM" in path.read_text()
    assert load_study(path).metric == ("validation/psnr", "validation/lpips")
    overrides = [
        "objective.metrics.lpips={type: lpips, network: alex, weights: alexnet.pth}",
        "objective.loss.terms.eyes.loss.weights=imagenet",
        "objective.data.patches={steps: 1000}",
    ]
    for override in overrides:
        assert override in path.read_text()
    config = trained(load_study(path, overrides), {})
    lpips = config.metrics["lpips"]
    assert isinstance(lpips, LpipsMetricConfig)
    assert lpips.weights == "alexnet.pth"
    assert config.data.patches is not None
