import math
import random
from typing import get_args

import numpy as np
import pytest
import torch

import sr_models
from sr_models.errors import NonFiniteError
from sr_models.inference.model_file import load_model
from sr_models.losses import LossConfig
from sr_models.lr_schedules import LrScheduleConfig
from sr_models.metrics import bicubic_baseline
from sr_models.optimizers import OptimizerConfig
from sr_models.training import TrainingRun
from sr_models.training.checkpoint import (
    BEST,
    LAST,
    PREVIOUS,
    CheckpointError,
    copy_weights,
    discard_checkpoint,
)
from sr_models.training.goal import Goal
from sr_models.training.validation import validate
from tests.sr_models.networks.network_configs import small_configs

NEEDS_SETTINGS = {
    "perceptual": {"weights": "random", "layers": ["relu1_2"]},
    "sum": {"terms": {"a": {"loss": {"type": "mae"}}, "b": {"loss": {"type": "ssim"}}}},
    "own loss": {"code": "tests.sr_models.own_parts:Softened"},
    "own optimizer": {"code": "tests.sr_models.own_parts:Plain", "args": {"momentum": 0.9}},
}
NAMES = [
    "train/loss",
    "train/psnr",
    "validation/loss",
    "validation/psnr",
    "validation/psnr_mid",
    "validation/psnr_large",
    "validation/ssim",
    "validation/ms_per_image",
    "validation/gain",
    "seconds",
]
TIMES = ("seconds", "validation/ms_per_image")


def variants(section, union):
    for variant in get_args(get_args(union)[0]):
        name = variant.model_fields["type"].default
        if name == "lpips":  # only takes larger images: below
            continue
        needed = NEEDS_SETTINGS.get(name) or NEEDS_SETTINGS.get(f"{name} {section}") or {}
        yield pytest.param({section: {"type": name, **needed}}, id=f"{section}-{name}")


EVERY_VARIANT = [
    *(
        pytest.param({"network": config.model_dump()}, id=name)
        for name, config in small_configs().items()
    ),
    *variants("loss", LossConfig),
    pytest.param(
        {"loss": {"type": "lpips", "weights": "random"}, "network": {"outputs": ["large"]}},
        id="loss-lpips",
    ),
    *variants("optimizer", OptimizerConfig),
    *variants("lr_schedule", LrScheduleConfig),
    pytest.param({"training": {"ema": 0.9, "gradient_clip": 0.1}}, id="ema"),
    pytest.param({"training": {"precision": "bf16", "channels_last": True}}, id="bf16"),
    pytest.param({"training": {"precision": "fp32", "channels_last": False}}, id="fp32"),
    pytest.param({"network": {"outputs": ["mid"]}}, id="mid"),
    pytest.param({"network": {"outputs": ["large"]}}, id="large"),
]


def curve(epochs):
    """The numbers that must not depend on when and where they were computed."""
    return [
        {name: value for name, value in epoch.metrics.items() if name not in TIMES}
        for epoch in epochs
    ]


def weights_of(run):
    return {name: value.clone() for name, value in run.network.state_dict().items()}


def same(ours, theirs):
    return all(torch.equal(ours[name], theirs[name]) for name in ours | theirs)


def other_work():
    """What a process that is used again may have done before."""
    torch.manual_seed(99)
    random.seed(99)
    np.random.seed(99)
    torch.rand(1000).sort()


@pytest.mark.parametrize("parts", EVERY_VARIANT)
def test_every_variant_trains_and_resumes_along_the_same_curve(make_config, data, tmp_path, parts):
    config = make_config(**parts)
    whole = TrainingRun(config, data=data)
    expected = curve(whole.epochs())
    assert len(expected) == 2
    assert all(math.isfinite(value) for row in expected for value in row.values())
    other_work()
    next(TrainingRun(config, data=data, folder=tmp_path).epochs())
    resumed = TrainingRun(config, data=data, folder=tmp_path, start_after=1)
    assert curve(resumed.epochs()) == expected[1:]
    assert same(weights_of(resumed), weights_of(whole))


def test_the_same_config_gives_the_same_numbers_in_a_used_process(make_config, data):
    config = make_config(training={"max_epochs": 3})
    first = curve(TrainingRun(config, data=data).epochs())
    other_work()
    list(TrainingRun(make_config(seed=1, loss={"type": "ssim"}), data=data).epochs())
    assert curve(TrainingRun(config, data=data).epochs()) == first
    assert curve(TrainingRun(make_config(seed=1), data=data).epochs()) != first


def test_two_runs_side_by_side_do_not_disturb_each_other(make_config, data):
    config = make_config(training={"max_epochs": 3})
    expected = curve(TrainingRun(config, data=data).epochs())
    together = zip(
        TrainingRun(config, data=data).epochs(),
        TrainingRun(make_config(seed=4, training={"max_epochs": 3}), data=data).epochs(),
        strict=True,
    )
    assert curve(pair[0] for pair in together) == expected


def test_training_leaves_the_callers_random_state_alone(make_config, data):
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    list(TrainingRun(make_config(), data=data).epochs())
    assert torch.equal(torch.rand(2), expected)


def test_training_learns(make_config, data):
    config = make_config(
        network={"channels": 8, "skip": "bicubic"},
        optimizer={"type": "adam", "learning_rate": 3e-3},
        training={"max_epochs": 25},
    )
    epochs = list(TrainingRun(config, data=data).epochs())
    assert epochs[-1].metrics["train/loss"] < epochs[0].metrics["train/loss"]
    assert epochs[-1].metrics["validation/gain"] > 0.3


def test_a_row_has_all_metrics_and_times(make_config, data):
    (epoch,) = TrainingRun(make_config(training={"max_epochs": 1}), data=data).epochs()
    assert list(epoch.metrics) == NAMES
    assert epoch.ended - epoch.started == pytest.approx(epoch.metrics["seconds"], abs=1e-4)
    mid, large = (epoch.metrics[f"validation/psnr_{output}"] for output in ("mid", "large"))
    assert epoch.metrics["validation/psnr"] == pytest.approx((mid + large) / 2)


@pytest.mark.parametrize("outputs", [["mid"], ["large"], ["mid", "large"]])
def test_gain_is_over_bicubic_on_the_same_outputs(make_config, data, outputs):
    config = make_config(network={"outputs": outputs}, training={"max_epochs": 1})
    (epoch,) = TrainingRun(config, data=data).epochs()
    bicubic = bicubic_baseline(data)
    over = [
        epoch.metrics[f"validation/psnr_{output}"] - bicubic[f"validation/psnr_{output}"]
        for output in outputs
    ]
    assert epoch.metrics["validation/gain"] == pytest.approx(sum(over) / len(over), abs=1e-4)
    assert ("validation/psnr_mid" in epoch.metrics) == ("mid" in outputs)


def test_a_given_baseline_is_taken(make_config, data):
    config = make_config(training={"max_epochs": 1})
    baseline = {"validation/psnr_mid": 1.0, "validation/psnr_large": 3.0}
    (epoch,) = TrainingRun(config, data=data, baseline=baseline).epochs()
    expected = epoch.metrics["validation/psnr"] - 2
    assert epoch.metrics["validation/gain"] == pytest.approx(expected)


def test_it_says_which_epoch_is_the_last(make_config, data, tmp_path):
    def lasts(max_epochs, **more):
        config = make_config(training={"max_epochs": max_epochs})
        run = TrainingRun(config, data=data, folder=tmp_path, **more)
        return [epoch.last for epoch in run.epochs()]

    assert lasts(2) == [False, True]
    assert lasts(2, start_after=1) == [True], "also where it was trained before"
    assert lasts(3, write_behind=True) == [False, False, True], "of what was the last one"


def test_it_ends_by_max_epochs(make_config, data):
    run = TrainingRun(make_config(), data=data)
    assert run.ended_by is None
    assert [epoch.number for epoch in run.epochs()] == [1, 2]
    assert run.ended_by == "max_epochs"


def test_it_ends_by_patience(make_config, data):
    training = {"max_epochs": 50, "patience": 3, "min_delta": 50.0}
    run = TrainingRun(make_config(training=training), data=data)
    assert len(list(run.epochs())) == 4  # the first is better than none, then three are not
    assert run.ended_by == "patience"


def test_patience_counts_on_after_a_resume(make_config, data, tmp_path):
    training = {"max_epochs": 50, "patience": 3, "min_delta": 50.0}
    run = TrainingRun(make_config(training=training), data=data, folder=tmp_path)
    for epoch in run.epochs():
        if epoch.number == 3:
            break
    resumed = TrainingRun(make_config(training=training), data=data, folder=tmp_path)
    assert [epoch.number for epoch in resumed.epochs()] == [1, 2, 3, 4]
    longer = make_config(training={**training, "patience": 5})
    extended = TrainingRun(longer, data=data, folder=tmp_path, start_after=4)
    assert [epoch.number for epoch in extended.epochs()] == [5, 6]


def test_epochs_that_the_caller_missed_are_yielded_again_as_they_were(make_config, data, tmp_path):
    config = make_config(training={"max_epochs": 3})
    first = list(TrainingRun(config, data=data, folder=tmp_path).epochs())
    again = TrainingRun(config, data=data, folder=tmp_path, start_after=1)
    assert list(again.epochs()) == first[1:]
    assert again.ended_by == "max_epochs"


def test_iterating_again_goes_on(make_config, data, tmp_path):
    config = make_config(training={"max_epochs": 3})
    run = TrainingRun(config, data=data, folder=tmp_path)
    assert next(run.epochs()).number == 1
    assert [epoch.number for epoch in run.epochs()] == [2, 3]
    assert list(run.epochs()) == []


def test_a_lost_checkpoint_is_made_up_for_without_repeating_rows(make_config, data, tmp_path):
    config = make_config(training={"max_epochs": 3})
    first = list(TrainingRun(config, data=data, folder=tmp_path).epochs())
    discard_checkpoint(tmp_path)
    again = TrainingRun(config, data=data, folder=tmp_path, start_after=2)
    assert curve(again.epochs()) == curve(first[2:])


def test_a_broken_checkpoint_costs_one_epoch(make_config, data, tmp_path):
    config = make_config(training={"max_epochs": 3})
    first = list(TrainingRun(config, data=data, folder=tmp_path).epochs())
    (tmp_path / LAST).write_bytes(b"broken")
    again = TrainingRun(config, data=data, folder=tmp_path)
    assert curve(again.epochs()) == curve(first)


@pytest.mark.parametrize("write_behind", [False, True])
@pytest.mark.parametrize("broken", ["write_epoch_pictures", "write_atomically", "write_checkpoint"])
def test_a_kill_while_keeping_an_epoch_changes_nothing(
    make_config, data, tmp_path, monkeypatch, broken, write_behind
):
    config = make_config(training={"max_epochs": 3})
    expected = curve(TrainingRun(config, data=data).epochs())

    def killed(*_):
        raise KeyboardInterrupt

    run = TrainingRun(config, data=data, folder=tmp_path, write_behind=write_behind)
    epochs = run.epochs()
    next(epochs)
    monkeypatch.setattr(f"sr_models.training.epoch_files.{broken}", killed)
    with pytest.raises(KeyboardInterrupt):
        next(epochs)
    monkeypatch.undo()
    (tmp_path / "pictures" / "epoch-0001" / ".half.part").touch()
    again = TrainingRun(config, data=data, folder=tmp_path, start_after=1)
    assert curve(again.epochs()) == expected[1:]
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    pictures = {
        f"pictures/epoch-000{epoch}/{name}"
        for epoch in (1, 2, 3)
        for name in ("0-mid.webp", "0-large.webp", "metrics.json")
    }
    assert files == {BEST, LAST, PREVIOUS} | pictures


def test_the_best_epoch_is_kept_as_a_model(make_config, data, tmp_path):
    config = make_config(
        optimizer={"type": "adam", "learning_rate": 0.05},
        training={"max_epochs": 6, "ema": 0.5},
    )
    run = TrainingRun(config, data=data, folder=tmp_path)
    best = -math.inf
    for epoch in run.epochs():
        if epoch.metrics["validation/psnr"] > best:
            best, row, weights = epoch.metrics["validation/psnr"], epoch, weights_of(run)
    network, described = load_model(tmp_path / BEST)
    assert described["metrics"] == row.metrics
    assert described["config"] == config.model_dump(mode="json")
    assert same(network.state_dict(), weights)


@pytest.mark.parametrize("minimize", [True, False])
def test_the_best_epoch_is_that_of_what_is_searched_for(make_config, data, tmp_path, minimize):
    """Resumed in the middle as well; its file holds the metrics of that epoch."""
    goal = Goal("validation/loss", minimize=minimize)
    config = make_config(training={"max_epochs": 5, "patience": None})
    first = TrainingRun(config, data=data, folder=tmp_path, goal=goal)
    rows = [next(epochs := iter(first.epochs())), next(epochs)]
    rows += TrainingRun(config, data=data, folder=tmp_path, goal=goal, start_after=2).epochs()
    losses = [row.metrics["validation/loss"] for row in rows]
    wanted = min(losses) if minimize else max(losses)
    assert load_model(tmp_path / BEST)[1]["metrics"]["validation/loss"] == wanted


def test_patience_of_another_metric_is_counted_anew(make_config, data, tmp_path):
    """After a change of what is searched for; 20 dB are no loss."""
    config = make_config(training={"max_epochs": 3, "patience": 2})
    list(TrainingRun(config, data=data, folder=tmp_path).epochs())
    more = make_config(training={"max_epochs": 4, "patience": 2})
    goal = Goal("validation/loss", minimize=True)
    run = TrainingRun(more, data=data, folder=tmp_path, goal=goal, start_after=3)
    losses = [row.metrics["validation/loss"] for row in run._state.rows]
    waited = 2 - losses.index(min(losses))
    assert run._state.early_stopping.state() == {"waited": waited, "best": -min(losses)}


def test_without_a_folder_nothing_is_written(make_config, data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    list(TrainingRun(make_config(), data=data).epochs())
    assert list(tmp_path.iterdir()) == []


def test_another_setting_is_not_trained_into_the_same_folder(make_config, data, tmp_path):
    next(TrainingRun(make_config(), data=data, folder=tmp_path).epochs())
    other = make_config(optimizer={"type": "adam", "learning_rate": 0.5})
    with pytest.raises(CheckpointError, match=r"optimizer\.learning_rate: 0\.001 in the checkpoin"):
        TrainingRun(other, data=data, folder=tmp_path)


def test_other_data_are_not_trained_into_the_same_folder(make_config, tmp_path):
    next(TrainingRun(make_config(), folder=tmp_path).epochs())
    with pytest.raises(CheckpointError, match="other images, sizes or split"):
        TrainingRun(make_config(data={"split_seed": 1}), folder=tmp_path)


def test_longer_runs_and_other_hardware_go_on_from_a_checkpoint(make_config, data, tmp_path):
    next(TrainingRun(make_config(), data=data, folder=tmp_path).epochs())
    training = {"max_epochs": 3, "patience": 7, "precision": "fp32", "device": "cpu"}
    run = TrainingRun(make_config(training=training), data=data, folder=tmp_path, start_after=1)
    assert [epoch.number for epoch in run.epochs()] == [2, 3]


def test_a_donors_weights_are_trained_on_under_ones_own_settings(make_config, data, tmp_path):
    donor, target = tmp_path / "donor", tmp_path / "target"
    config = make_config(training={"max_epochs": 4, "ema": 0.9})
    run = TrainingRun(config, data=data, folder=donor)
    assert len(list(run.epochs())) == 4
    next(TrainingRun(config, data=data, folder=target).epochs())
    copy_weights(donor, target, epoch=1)
    explored = make_config(
        seed=1,
        optimizer={"type": "adam", "learning_rate": 1e-4, "betas": [0.8, 0.9]},
        training={"max_epochs": 4, "ema": 0.9},
    )
    heir = TrainingRun(explored, data=data, folder=target, start_after=1)
    assert same(weights_of(heir), weights_of(run))
    group = heir._state.optimizer.param_groups[0]
    assert (group["betas"], group["lr"]) == ((0.8, 0.9), 1e-4)
    steps = {int(state["step"]) for state in heir._state.optimizer.state.values()}
    assert steps == {4 * math.ceil(data.train_count / 4)}
    assert [epoch.number for epoch in heir.epochs()] == [2, 3, 4]
    with pytest.raises(CheckpointError, match="another run"):  # it is the heir's own by now
        TrainingRun(config, data=data, folder=target)


def test_a_donor_of_another_network_is_refused(make_config, data, tmp_path):
    next(TrainingRun(make_config(), data=data, folder=tmp_path / "donor").epochs())
    copy_weights(tmp_path / "donor", tmp_path / "target", epoch=1)
    wider = make_config(network={"channels": 5})
    with pytest.raises(CheckpointError, match="another network"):
        TrainingRun(wider, data=data, folder=tmp_path / "target")


def test_an_average_can_start_from_a_donor_without_one(make_config, data, tmp_path):
    donor = TrainingRun(make_config(), data=data, folder=tmp_path / "donor")
    next(donor.epochs())
    copy_weights(tmp_path / "donor", tmp_path / "target", epoch=1)
    averaged = make_config(training={"ema": 0.9})
    heir = TrainingRun(averaged, data=data, folder=tmp_path / "target", start_after=1)
    assert same(weights_of(heir), weights_of(donor))


def test_moments_come_back_in_the_layout_of_their_weights(make_config, data, tmp_path):
    config = make_config(training={"channels_last": True})
    next(TrainingRun(config, data=data, folder=tmp_path).epochs())
    moments = TrainingRun(config, data=data, folder=tmp_path)._state.optimizer.state
    assert moments
    for weight, state in moments.items():
        assert state["exp_avg"].stride() == weight.stride()


def test_numbers_that_are_none_end_the_run_with_epoch_and_settings(make_config, data, tmp_path):
    config = make_config(
        loss={"type": "mse"},
        optimizer={"type": "adam", "learning_rate": 10.0},
        network={"channels": 4, "depth": 8},
        training={"max_epochs": 200, "patience": None, "precision": "fp32", "pictures": 0},
    )
    with pytest.raises(
        NonFiniteError, match=r"is (nan|inf) in epoch \d+ \(loss mse, adam, learning rate 10, cpu"
    ):
        for _ in TrainingRun(config, data=data, folder=tmp_path).epochs():
            pass


def test_a_lost_run_is_noticed_within_an_epoch(make_config, data, monkeypatch):
    monkeypatch.setattr("sr_models.training.run._STEPS_BETWEEN_CHECKS", 1)
    run = TrainingRun(make_config(training={"batch_size": 1}), data=data)
    batches, seen = list(data.train_batches(1, seed=0, epoch=1)), []
    watched = (seen.append(batch) or batch for batch in batches)
    monkeypatch.setattr(type(data), "train_batches", lambda *_, **__: watched)
    lost = torch.nn.Module()
    lost.forward = lambda prediction, target: prediction.sum() * math.nan
    monkeypatch.setattr(run._eager, "_criterion", lost)
    with pytest.raises(NonFiniteError, match="train/loss is nan in epoch 1"):
        next(run.epochs())
    assert len(seen) == 1


def test_validation_takes_smaller_batches_where_memory_runs_out(make_config, data, monkeypatch):
    run = TrainingRun(make_config(), data=data)
    wanted = run.validate()[0]
    run._validation_batch = 64
    sizes = []

    def short_of_memory(*parts, batch_size, **options):
        sizes.append(batch_size)
        if batch_size > 16:
            raise torch.OutOfMemoryError
        return validate(*parts, batch_size=batch_size, **options)

    monkeypatch.setattr("sr_models.training.run.validate", short_of_memory)
    found = run.validate()[0]
    run.validate()
    assert sizes == [64, 32, 16, 16]
    for name in ("validation/psnr", "validation/ssim", "validation/loss"):
        assert found[name] == pytest.approx(wanted[name], rel=1e-6)
    run._validation_batch = 4
    monkeypatch.setattr(run, "config", make_config(training={"batch_size": 17}))
    monkeypatch.setattr("sr_models.training.run.validate", refuse)
    with pytest.raises(torch.OutOfMemoryError):
        run.validate()


def refuse(*_, **__):
    raise torch.OutOfMemoryError


def test_an_unwritable_folder_is_told(make_config, data, tmp_path):
    (tmp_path / "file").touch()
    run = TrainingRun(make_config(), data=data, folder=tmp_path / "file" / "folder")
    with pytest.raises(CheckpointError, match="cannot write"):
        next(run.epochs())


def test_threads_are_set(make_config, data):
    TrainingRun(make_config(), data=data, threads=2)
    assert torch.get_num_threads() == 2


def test_the_documented_lines_train_a_model(make_config, tmp_path, monkeypatch, capsys):
    """Run the example of TrainingRun's docstring, on smaller images than it says."""
    lines = [line.strip() for line in TrainingRun.__doc__.split("Args:")[0].splitlines()]
    start = lines.index("from sr_models import TrainConfig, TrainingRun")
    end = next(index for index, line in enumerate(lines) if line.startswith("print("))
    code = "\n".join([*lines[start:end], "    " + lines[end]])
    tiny = make_config()

    class SmallConfig(sr_models.TrainConfig):
        data: type(tiny.data) = tiny.data
        network: type(tiny.network) = tiny.network

    monkeypatch.setattr("sr_models.config.TrainConfig", SmallConfig)
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["1", "2", "3"]
    load_model(tmp_path / "my_model" / BEST)
