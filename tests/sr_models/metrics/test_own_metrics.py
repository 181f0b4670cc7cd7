"""Metrics of images of one's own, by name."""

from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from sr_models import TrainConfig, TrainingRun
from sr_models.errors import CodeError
from sr_models.metrics import ImageScores, OwnMetricConfig, own_metrics
from tests.sr_models.own_parts import edges

PARTS = "tests.sr_models.own_parts"


def metric(name: str, **args: Any) -> OwnMetricConfig:
    return OwnMetricConfig(code=f"{PARTS}:{name}", args=args, direction="minimize")


def pair() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return torch.rand(3, 3, 5, 7, generator=generator), torch.rand(3, 3, 5, 7, generator=generator)


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        (metric("edges", weight=2.0), lambda p, t: 2 * edges(p, t)),
        (metric("furthest"), lambda p, t: (p - t).abs().amax((1, 2, 3))),
        (metric("Softness"), lambda p, t: (p - t).abs().mean((1, 2, 3))),
        (metric("power", exponent=1.0), lambda p, t: (p - t).abs().mean((1, 2, 3))),
    ],
    ids=["function", "a number for one image", "module", "a mean over the batch"],
)
def test_it_scores_each_image(config: OwnMetricConfig, wanted: Any) -> None:
    score = config.described("mine").score
    for count in (3, 1):
        images = [image[:count] for image in pair()]
        torch.testing.assert_close(score(*images), wanted(*images))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            metric("too_many"),
            r"returns \(3, 3\) for 3 images; it must return a number for each image",
        ),
        (metric("edges", width=2), r"cannot score images of shape \(3, 3, 5, 7\): .*width"),
        (metric("edgy"), "has no edgy; did you mean edges"),
        (metric("nothing", scale=2), "cannot score images"),
        (metric("Softness", soft=1), "cannot be built with args"),
    ],
    ids=lambda value: value.code if isinstance(value, OwnMetricConfig) else "",
)
def test_what_is_no_metric_is_told(config: OwnMetricConfig, message: str) -> None:
    with pytest.raises(CodeError, match=message):
        config.described("mine").score(*pair())


def test_a_description_imports_nothing() -> None:
    described = OwnMetricConfig(
        code="no.such:one", direction="maximize", decimals=3, unit="%", per_output=True
    ).described("how_sharp")
    assert (described.label, described.decimals, described.unit) == ("how sharp", 3, "%")
    assert (described.direction, described.per_output) == ("maximize", True)


def test_means_are_over_images_and_outputs() -> None:
    prediction, target = pair()
    scores = ImageScores(own_metrics({"mine": metric("edges")}))
    scores.take("mid", prediction[:2], target[:2])
    scores.take("mid", prediction[2:], target[2:])
    scores.take("large", target, target)
    found = scores.means()
    assert found.keys() == {"mine", "mine_mid", "mine_large"}
    assert found["mine_mid"] == pytest.approx(float(edges(prediction, target).mean()), rel=1e-6)
    assert found["mine"] == pytest.approx(found["mine_mid"] / 2)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("psnr", "validation/psnr is measured already"),
        ("ms_per_image", "is measured already"),
        ("edges_mid", "belong to the outputs of a metric"),
        ("Edges of it", "is a lower-case letter, and up to 39"),
        ("", "is a lower-case letter, and up to 39"),
    ],
)
def test_a_name_must_be_free(name: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TrainConfig(metrics={name: metric("edges")})


def test_an_epoch_yields_it_and_goes_on_after_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SR_TUNER_CACHE", str(tmp_path / "cache"))
    measured = {"mine": metric("edges").model_copy(update={"per_output": True})}
    config = TrainConfig.model_validate(
        {
            "data": {"size": 8, "limit": 6},
            "network": {"type": "own", "code": f"{PARTS}:Tiny", "outputs": ["mid"]},
            "training": {"max_epochs": 2, "pictures": 0},
            "metrics": {name: one.model_dump() for name, one in measured.items()},
        }
    )
    whole = list(TrainingRun(config, folder=tmp_path / "whole").epochs())
    names = {name for name in whole[0].metrics if "mine" in name}
    assert names == {"validation/mine", "validation/mine_mid"}
    assert whole[0].metrics["validation/mine"] == whole[0].metrics["validation/mine_mid"] > 0
    next(TrainingRun(config, folder=tmp_path / "cut").epochs())
    (resumed,) = TrainingRun(config, folder=tmp_path / "cut", start_after=1).epochs()
    assert resumed.metrics["validation/mine"] == whole[1].metrics["validation/mine"]
