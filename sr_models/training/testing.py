"""Scoring a trained model on test images, by which nothing was chosen."""

from pathlib import Path

from sr_models.config import TrainConfig
from sr_models.data.config import DataConfig
from sr_models.data.photographs import Progress, open_photographs
from sr_models.data.places import list_place
from sr_models.data.whole import WholeImages
from sr_models.inference.model_file import load_model
from sr_models.losses import build_loss
from sr_models.metrics.registry import IMAGE_METRICS, LUMA_METRICS, own_metrics, yielded_names
from sr_models.own_code import OwnPart
from sr_models.training.runtime import choose_runtime
from sr_models.training.validation import validate


def score_test_images(
    config: TrainConfig, model: Path, progress: Progress | None = None
) -> dict[str, float]:
    """Score a model on `data.test`: whole images, by the protocol of papers.

    Args:
        config: how the model was trained.
        model: its file.
        progress: called with how many images are open, and of how many.

    Returns:
        `test/psnr`, `test/psnr_y_mid` and the like; empty if the config names no test images.

    Raises:
        DataError: the images are not available.
        WeightsError: the model cannot be read.
    """
    if config.data.test is None:
        return {}
    images = open_test_images(config.data, progress or (lambda done, total: None))
    allowed = [config.network.code] if isinstance(config.network, OwnPart) else []
    network, _ = load_model(model, allow=allowed)
    runtime = choose_runtime(config.training)
    metrics = (*IMAGE_METRICS, *own_metrics(config.metrics))
    found = validate(
        runtime.place(network),
        runtime.place(build_loss(config.loss)).eval(),
        images,
        runtime.exact,
        outputs=config.network.outputs,
        batch_size=1,
        metrics=metrics,
    )
    names = yielded_names([*metrics, *LUMA_METRICS], config.network.outputs)
    return {f"test/{name}": found.metrics[name] for name in names}


def open_test_images(config: DataConfig, progress: Progress) -> WholeImages:
    """Open `data.test`."""
    assert config.test is not None
    listing = list_place(config.test, config, "test")
    found = open_photographs(listing, config.resample, None, progress)
    return WholeImages(found.usable, config)
