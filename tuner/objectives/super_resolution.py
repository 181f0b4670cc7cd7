"""The built-in objective: train a super-resolution network, scored by PSNR on held-out images."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sr_models.atomic import write_atomically
from sr_models.config import TrainConfig
from sr_models.errors import DataError
from sr_models.frozen import FrozenConfig
from sr_models.metrics import IMAGE_METRICS, ImageMetric, bicubic_baseline, own_metrics
from sr_models.metrics.registry import LUMA_METRICS
from sr_models.scales import SCALES
from tuner.objectives.metric import Metric, Scale
from tuner.objectives.protocol import NOTES, Cost, Epoch, Progress, TrialContext

OUTPUTS = ("mid", "large")
SHOWN = ("x2", "x4")
"""How the outputs are shown to people."""
BICUBIC = "bicubic"
REPORT_SCALE = Scale("report_scale", "report's scale", divisor=10, summed=True, decimals=3)


def _measured(metric: ImageMetric, *equal: str, group: str = "validation") -> tuple[Metric, ...]:
    """A metric of images: its mean over the outputs and the value of each output."""
    more: dict[str, Any] = {
        "direction": metric.direction,
        "unit": metric.unit,
        "decimals": metric.decimals,
        "baseline_label": BICUBIC,
        "comparable_if_equal": equal,
    }
    name = f"{group}/{metric.name}"
    mean = Metric(
        name,
        label=f"{metric.label}, mean over the outputs",
        mean_over=OUTPUTS,
        scale=REPORT_SCALE if metric.name == "psnr" else None,
        **more,
    )
    parts = zip(OUTPUTS, SHOWN, strict=True) if metric.per_output else ()
    return mean, *(
        Metric(f"{name}_{output}", label=f"{metric.label} of {shown}", short=shown, **more)
        for output, shown in parts
    )


def _of_equal_images(metric: Metric) -> Metric:
    """The metric if validation images are degraded in the same way as training images."""
    if not metric.name.startswith("validation/") or metric.name == "validation/ms_per_image":
        return metric
    equal = (*metric.comparable_if_equal, "data.degradation")
    return replace(metric, comparable_if_equal=equal)


def _loss(name: str, label: str) -> Metric:
    return Metric(name, "minimize", "", label, comparable_if_equal=("loss",))


_PSNR, *_OTHERS = IMAGE_METRICS
_MEAN_PSNR, *_PARTS_OF_PSNR = _measured(_PSNR)

METRICS = (
    _MEAN_PSNR,
    _loss("validation/loss", "loss in validation, summed over the outputs"),
    Metric(
        "train/psnr",
        "maximize",
        "dB",
        "PSNR in training",
        decimals=2,
        mean_over=OUTPUTS,
        scale=REPORT_SCALE,
    ),
    _loss("train/loss", "loss in training, summed over the outputs"),
    *_PARTS_OF_PSNR,
    *(described for metric in _OTHERS for described in _measured(metric)),
    Metric(
        "validation/gain",
        "maximize",
        "dB",
        "gain over bicubic",
        decimals=2,
        signed=True,
        over="validation/psnr",
    ),
    Metric("validation/ms_per_image", "minimize", "ms", "the network's time for one image"),
    Metric("seconds", "minimize", "s", "time of the epoch", minor=True),
    Metric("parameters", "minimize", "", "weights that training changes", static=True),
)
"""The metrics of a trial and how they are shown, the most important first.

A metric of images is declared in `sr_models.metrics`; any other metric that training yields is a
line here.
"""


PICTURES = {
    "outputs": [
        {"name": "mid", "title": "x2, twice the side"},
        {"name": "large", "title": "x4, four times the side"},
    ],
    "given": [{"kind": "x", "title": "LR", "note": "what the network is given"}],
    "baseline": BICUBIC,
    "score": "validation/psnr",
    "key": "psnr",
    "more": {"ssim": "validation/ssim"},
}
"""What the sample pictures show, for the page (see `tuner.page.pictures`)."""


class SuperResolution:
    """Trains a `TrainConfig` for each trial; all trials share a cache of decoded images."""

    name = "super_resolution"
    config_type: type[FrozenConfig] = TrainConfig
    keeps_weights = ("optimizer.", "lr_schedule.", "loss.", "training.")
    fingerprinted = ("data",)

    def __init__(self, metrics: tuple[Metric, ...] = METRICS) -> None:
        self.metrics = metrics

    def __eq__(self, other: object) -> bool:
        """Compare the metrics, so that loading a study file twice gives equal objectives."""
        return isinstance(other, SuperResolution) and self.metrics == other.metrics

    def __hash__(self) -> int:
        return hash(self.metrics)

    def configured(self, config: FrozenConfig) -> "SuperResolution":
        """Return the objective with the metrics that a config adds."""
        train = _checked(config)
        own = own_metrics(train.metrics)
        more = [
            measured for metric in own for measured in _measured(metric, f"metrics.{metric.name}")
        ]
        if train.data.patches is None:
            return SuperResolution((*METRICS, *more)) if more else self
        more += [measured for metric in LUMA_METRICS for measured in _measured(metric)]
        found = (*METRICS, *more)
        if (
            train.data.validation_degradation is None
        ):  # the same as `degradation`, which may be searched
            found = tuple(map(_of_equal_images, found))
        return SuperResolution(found)

    def prepare(self, config: FrozenConfig, folder: Path, progress: Progress) -> dict[str, Any]:
        """Decode the images, measure bicubic upscaling on them, keep the shared pictures.

        Pretrained weights that the config needs are downloaded here, once, or reported missing.
        """
        from sr_models.data import open_data
        from sr_models.data.overlap import check_test_images
        from sr_models.data.reasons import left_out
        from sr_models.losses import build_loss
        from sr_models.networks import build_network
        from sr_models.optimizers import build_optimizer
        from sr_models.training.baseline import known_baseline
        from sr_models.training.pictures import write_target_pictures

        train = _checked(config)
        check_test_images(train.data)
        build_optimizer(train.optimizer, build_network(train.network).parameters())
        build_loss(train.loss)
        for metric in train.metrics.values():
            metric.build()
        data = open_data(
            train.data, train.network.outputs, progress=partial(progress, "decoding images")
        )
        own = own_metrics(train.metrics)
        baseline = {**known_baseline(data), **(bicubic_baseline(data, own) if own else {})}
        write_target_pictures(folder, data, train.training.pictures)
        write_atomically(folder / "pictures" / "manifest.json", json.dumps(PICTURES).encode())
        return {
            "baseline_bicubic": baseline,
            "data": {
                "config": train.data.model_dump(mode="json"),
                "fingerprint": data.fingerprint,
                "train": data.train_count,
                "validation": data.validation_count,
                "skipped": [[skipped.name, skipped.reason] for skipped in data.skipped],
            },
            "use": _use(train),
            NOTES: left_out(data.skipped),
        }

    def static_metrics(self, config: FrozenConfig) -> dict[str, float]:
        """Return the number of trainable parameters."""
        from sr_models.networks import build_network, count_parameters

        network = build_network(_checked(config).network, pretrained=False)
        return {"parameters": count_parameters(network)}

    def max_epochs(self, config: FrozenConfig) -> int:
        """Return `training.max_epochs`."""
        return _checked(config).training.max_epochs

    def cost(self, config: FrozenConfig, threads: int, progress: Progress) -> Cost:
        """Time a few real steps, on the device that trials would train on."""
        from sr_models.data import open_data
        from sr_models.data.overlap import check_test_images
        from sr_models.training import estimate

        train = _checked(config)
        check_test_images(train.data)
        data = open_data(
            train.data, train.network.outputs, progress=partial(progress, "decoding images")
        )
        progress("timing a few steps", 0, 1)
        found = estimate(train, data, threads=threads)
        progress("timing a few steps", 1, 1)
        return Cost(
            seconds_per_epoch=found.seconds_per_epoch,
            memory_bytes=found.peak_memory_bytes,
            trial_bytes=found.checkpoint_bytes,
            epoch_bytes=found.picture_bytes_per_epoch,
            data=f"{data.train_count} images to train on, {data.validation_count} to validate",
            notes=tuple(f"not usable: {image.name}: {image.reason}" for image in data.skipped),
        )

    def run(self, config: FrozenConfig, context: TrialContext) -> Iterator[Epoch]:
        """Train from the checkpoint in the trial's folder, or from the start."""
        from sr_models.data import open_data
        from sr_models.training import TrainingRun
        from sr_models.training.goal import PSNR, Goal

        train = _checked(config)
        data = open_data(train.data, train.network.outputs)
        _check_unchanged(train, data.fingerprint, context.shared.get("data", {}))
        run = TrainingRun(
            train,
            data=data,
            folder=context.folder,
            threads=context.threads,
            goal=Goal(context.goal or PSNR, minimize=context.direction == "minimize"),
            start_after=context.recorded,
            before_saving=context.still_ours,
            write_behind=True,
        )
        yield from run.epochs()

    def test_metrics(self, config: FrozenConfig) -> tuple[Metric, ...]:
        """Describe the metrics of images, those of a config's own and those of luma included."""
        metrics = (*IMAGE_METRICS, *own_metrics(_checked(config).metrics), *LUMA_METRICS)
        return tuple(m for metric in metrics for m in _measured(metric, group="test"))

    def test(self, config: FrozenConfig, folder: Path, progress: Progress) -> dict[str, float]:
        """Score the trial's best model on `data.test`, if it is set."""
        from sr_models.training.checkpoint import BEST
        from sr_models.training.testing import score_test_images

        return score_test_images(
            _checked(config), folder / BEST, partial(progress, "decoding test images")
        )

    def copy_weights(self, donor: Path, folder: Path, *, epoch: int) -> None:
        """Copy the donor's weights and optimizer state into the trial's checkpoint."""
        from sr_models.training.checkpoint import copy_weights

        copy_weights(donor, folder, epoch=epoch)

    def discard_checkpoint(self, folder: Path) -> None:
        """Delete the checkpoint; the best model and the pictures stay."""
        from sr_models.training.checkpoint import discard_checkpoint

        discard_checkpoint(folder)


def _use(train: TrainConfig) -> dict[str, Any]:
    """How a trial's model is used: the command that enlarges a validation image with it."""
    from sr_models.inference.model_file import ALLOWED
    from sr_models.networks.own import OwnNetworkConfig

    scale = max(SCALES[output] for output in train.network.outputs)
    image = "{folder}/pictures/0-x.png" if train.training.pictures else "photo.png"
    command = ["sr_models.upscale", "--model", "{model}", "--scale", str(scale), image]
    use: dict[str, Any] = {"name": "upscale", "command": [*command, "--output", "enlarged"]}
    if isinstance(
        train.network, OwnNetworkConfig
    ):  # the user's code is imported only if that is allowed
        use["environment"] = {ALLOWED: train.network.code}
    return use


def _check_unchanged(train: TrainConfig, fingerprint: str, shared: Mapping[str, Any]) -> None:
    """Check that the images are those with which the study was prepared.

    Raises:
        DataError: they have changed since, so the trial would not be comparable with the others.
    """
    same_source = train.data.model_dump(mode="json") == shared.get("config")
    if same_source and fingerprint != shared["fingerprint"]:
        raise DataError(
            "the images have changed during the study; restore them and use --resume, or start "
            "a new study"
        )


def _checked(config: FrozenConfig) -> TrainConfig:
    assert isinstance(config, TrainConfig), f"made for TrainConfig, got {type(config).__name__}"
    return config


OBJECTIVE = SuperResolution()
