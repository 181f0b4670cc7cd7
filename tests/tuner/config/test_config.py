"""Study files that are right, and what they load as."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sr_models.data.sources import FolderSource, Voc2007Source
from sr_models.errors import UserError
from sr_models.losses import MseConfig
from tuner.config import (
    Baseline,
    Budget,
    StudyConfig,
    dump_study,
    format_duration,
    load_study,
    parse_duration,
)
from tuner.config.load import replaced_sections
from tuner.config.yaml_file import format_text, format_yaml, parse_yaml
from tuner.samplers import Random, Tpe
from tuner.schedulers import AshaConfig, BaseSchedulerConfig, NoneConfig
from tuner.space import Choice, Range
from tuner.trackers import MlflowConfig, TensorboardConfig

STUDY = """
study: step4
description: Residual blocks with ReLU before upsampling
objective:
  data: {source: {type: sample}, resize: squash, resample: bicubic, validation: 0.2}
  network: {type: progressive, block: residual, activation: relu, upsampler: nearest, channels: 64}
  loss: {type: mae}
  optimizer: {type: adam, learning_rate: 1.0e-3, betas: [0.9, 0.999]}
  training: {batch_size: 10, max_epochs: 15, patience: 10, precision: auto}
search:
  loss.type: {choice: [mse, mae, charbonnier]}
  optimizer.learning_rate: {low: 1e-4, high: 2.0e-2, log: true}
  optimizer.betas: {choice: [[0.9, 0.999], [0.9, 0.95]]}
  network.dilations: {choice: [[1, 2, 4], [1, 2, 3]], when: {network.block: dilated}}
baselines:
  AS-24:
    set: {loss.type: mse, optimizer.learning_rate: 1.0e-3, training.max_epochs: 25}
    reported: {validation/psnr: 4.02061, validation/loss: 0.021347}
metric: validation/psnr
sampler: {type: tpe, seed: 0}
scheduler: {type: asha, grace_period: 2, reduction_factor: 3}
budget: {trials: 16, wall_clock: 30m}
trackers: []
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "step4.yaml"
    path.write_text(STUDY)
    return path


def load(file: Path, *overrides: str) -> StudyConfig:
    return load_study(file, overrides)


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


# YAML


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=8))
def test_text_in_messages_is_as_a_file_may_have_it(text: str) -> None:
    assert parse_yaml(f"[{format_text(text)}]", "text") == [text]
    assert parse_yaml(f"key: {format_text(text)}", "text") == {"key": text}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("mae", "mae"),
        ("half an hour", "half an hour"),
        ("a/b:c#d", "a/b:c#d"),
        ("8", "'8'"),
        ("1e-3", "'1e-3'"),
        ("null", "'null'"),
        ("", "''"),
        ("it's", "it's"),
        ("'s", "'''s'"),
        ("a: b", "'a: b'"),
        ("a\tb", '"a\\tb"'),
    ],
)
def test_text_is_in_quotes_where_it_would_be_something_else(text: str, written: str) -> None:
    assert format_text(text) == written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("1E5", 1e5),
        (".5", 0.5),
        ("-1.5e+2", -150.0),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("1_000", 1000),
        ("1:30", "1:30"),
        ("on", "on"),
        ("no", "no"),
        ("yes", "yes"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2026-01-01", "2026-01-01"),
        ("1.2.3", "1.2.3"),
        ("e5", "e5"),
        ("'1e-3'", "1e-3"),
        ("=", "="),
        ("{1: a, on: b, null: c}", {"1": "a", "on": "b", "null": "c"}),
        ("[{a: &x {b: 1}}, {<<: *x, b: 2, c: *x}]", [{"a": {"b": 1}}, {"b": 2, "c": {"b": 1}}]),
    ],
)
def test_yaml_is_read_as_people_mean_it(text: str, value: Any) -> None:
    read = parse_yaml(text, "x")
    assert read == value
    assert type(read) is type(value)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]))
    | st.sampled_from(["1e-3", "on", "010", "0o7", "1:30", "", " ", "null", "true", "<<", "1_0"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("ab.-1", min_size=1), inner),
    max_leaves=10,
)


@given(PLAIN)
def test_what_is_written_as_yaml_is_read_back(value: Any) -> None:
    read = parse_yaml(format_yaml(value), "x")
    assert repr(read) == repr(value)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + STUDY.replace("\n", "\r\n").encode())
    assert load(file).study == "step4"


# Durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", 1800),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("90", 90),
        (90, 90),
        ("45s", 45),
        ("2d", 172_800),
        ("0.5h", 1800),
        (0.25, 0.25),
    ],
)
def test_durations(text: str | float, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "1h30", "30x", "-5m", "1m1h", True, None, [1]])
def test_what_is_no_duration(text: Any) -> None:
    with pytest.raises(ValueError, match="must be a duration"):
        parse_duration(text)


@given(st.integers(0, 10**7) | st.floats(1e-9, 1e7))
def test_durations_are_written_so_that_they_are_read_back(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds)


# --set


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


# Writing


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
