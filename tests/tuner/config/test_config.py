"""Study files that are right, and what they load as."""

import subprocess
import sys
from pathlib import Path

import pytest

from sr_models.errors import UserError
from tests.tuner.config.step4 import load
from tuner.config import (
    Baseline,
    Budget,
    dump_study,
    load_study,
)
from tuner.config.load import replaced_sections
from tuner.samplers import Tpe
from tuner.schedulers import AshaConfig, BaseSchedulerConfig, NoneConfig
from tuner.space import Choice, Range
from tuner.trackers import MlflowConfig, TensorboardConfig


def test_a_study_file_becomes_typed_settings(file: Path) -> None:
    study = load(file)
    assert study.study == "step4"
    assert study.objective_type == "super_resolution"
    assert study.objective_config.model_dump()["network"]["channels"] == 64
    assert study.search["optimizer.learning_rate"] == Range(low=1e-4, high=0.02, log=True)
    assert study.search["network.dilations"] == Choice(
        choice=[[1, 2, 4], [1, 2, 3]], when={"network.block": "dilated"}
    )
    assert study.baselines["AS-24"] == Baseline(
        set={"loss.type": "mse", "optimizer.learning_rate": 1e-3, "training.max_epochs": 25},
        reported={"validation/psnr": 4.02061, "validation/loss": 0.021347},
    )
    assert study.metrics == ("validation/psnr",)
    assert study.sampler == Tpe(seed=0)
    assert study.scheduler == AshaConfig(grace_period=2, reduction_factor=3)
    assert study.budget == Budget(trials=16, wall_clock=1800)


def test_an_objective_is_all_that_a_study_needs(tmp_path: Path) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text("objective: {type: analytic}\nsearch:\nbaselines:\n")
    study = load(file)
    assert study.study == "tiny"
    assert study.objective_type == "analytic"
    assert study.metrics == ("validation/psnr",)
    assert study.scheduler == AshaConfig()
    assert study.space().size() == 1


@pytest.mark.parametrize(
    ("section", "scheduler"),
    [
        ("sampler: {type: random}", AshaConfig()),
        ("sampler: {type: gp}", NoneConfig()),
        ("sampler: {type: cmaes}", NoneConfig()),
        ("sampler: {type: cmaes}\nscheduler: {type: none}", NoneConfig()),
        ("metric: [validation/psnr, parameters]", NoneConfig()),
        ("metric: [validation/psnr, parameters]\nscheduler: {type: asha}", AshaConfig()),
    ],
)
def test_a_study_that_names_no_scheduler_stops_early_where_that_helps(
    tmp_path: Path, section: str, scheduler: BaseSchedulerConfig
) -> None:
    file = tmp_path / "study.yaml"
    search = "search: {x: {low: 0.0, high: 1.0}}"
    file.write_text(f"objective: {{type: analytic}}\n{search}\n{section}\n")
    study = load(file)
    assert study.scheduler == scheduler
    file.write_text(dump_study(study))
    assert load(file) == study


def test_two_metrics(file: Path) -> None:
    study = load(file, "metric=[validation/psnr, parameters]", "sampler.type=nsga2")
    assert study.metrics == ("validation/psnr", "parameters")


def test_trackers_by_name_or_with_settings(file: Path) -> None:
    study = load(file, "trackers=[tensorboard, {type: mlflow, experiment: e, timeout: 5}]")
    assert study.trackers == (TensorboardConfig(), MlflowConfig(experiment="e", timeout=5))


def test_a_section_that_is_replaced_tells_what_else_changes(
    tmp_path: Path,
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("objective: {data: {size: 24, source: {type: sample}}}")
    whole = "objective.data={source: {type: folder, path: photos}}"
    config = load_study(file, [whole])
    assert replaced_sections(file, [whole], config) == [
        "--set objective.data replaces the whole section: size is now 72, not 24"
    ]
    for same in (
        "objective.data={size: 24, resample: bicubic}",
        "objective.data.size=30",
        "objective.data.source={type: sample}",
    ):
        assert replaced_sections(file, [same], load_study(file, [same])) == []


def test_the_dump_is_resolved_and_loads_as_the_same_study(file: Path, tmp_path: Path) -> None:
    study = load(file, "objective.loss.type=charbonnier", "trackers=[mlflow]")
    text = dump_study(study)
    assert "patience: 10" in text
    assert "split_seed: 0" in text
    assert "wall_clock: 30m" in text
    dumped = tmp_path / "dumped.yaml"
    dumped.write_text(text)
    again = load(dumped)
    assert again == study
    assert dump_study(again) == text
    # Charbonnier's epsilon is its default, which the other losses of the search do not inherit.
    for params in ({"loss.type": "charbonnier"}, {"loss.type": "mse"}, {}):
        assert again.space().build(params) == study.space().build(params)


def test_loading_imports_nothing_heavy(file: Path) -> None:
    code = (
        "import sys\n"
        "from tuner.config import dump_study, load_study\n"
        f"dump_study(load_study({str(file)!r}))\n"
        "heavy = ('torch', 'ray', 'optuna', 'pandas', 'scipy', 'skimage', 'mlflow')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["../x", "a/b", ".", "", "-x", "a\nb", "x" * 300])
def test_a_results_name_is_a_folder_s_name(name: str) -> None:
    from tuner.run import run

    with pytest.raises(UserError, match="--name"):
        run(Path("search_spaces/step4.yaml"), name=name, dry_run=True)


def test_for_a_sampler_and_a_scheduler_their_type_may_stand(tmp_path: Path) -> None:
    file = tmp_path / "short.yaml"
    file.write_text("sampler: random\nscheduler: none\nsearch: {loss.type: {choice: [mse, mae]}}")
    config = load_study(file)
    assert (config.sampler.type, config.scheduler.type) == ("random", "none")
    pbt = load_study(file, ["scheduler={type: pbt, factors: [0.8, 1.2]}"])
    assert pbt.scheduler.model_dump()["factors"] == (0.8, 1.2)
    with pytest.raises(UserError, match=r"scheduler.type = nune: must be .* did you mean none\?"):
        load_study(file, ["scheduler=nune"])
