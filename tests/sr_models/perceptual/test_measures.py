"""LPIPS and DISTS: whose weights, what they say, and what is said where they cannot be had."""

from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import save_file

from sr_models.errors import DataError, WeightsError
from sr_models.perceptual import DistsConfig, LpipsConfig
from sr_models.perceptual.measures import Lpips

CONFIGS = [
    LpipsConfig(network="alex", weights="random"),
    LpipsConfig(network="squeeze", weights="random"),
    DistsConfig(weights="random"),
]


def images(count: int = 2, side: int = 48) -> torch.Tensor:
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_more_noise_is_less_alike_and_nothing_is_more_alike_than_itself(config: Any) -> None:
    measure = config.build_measure()
    target = images()
    noise = torch.randn(target.shape, generator=torch.Generator().manual_seed(1))
    found = [measure((target + sigma * noise).clamp(0, 1), target) for sigma in (0, 0.05, 0.3)]
    assert found[0].shape == (2,)
    assert found[0].abs().max() < 1e-5
    assert (found[0] < found[1]).all()
    assert (found[1] < found[2]).all()
    assert torch.equal(
        config.build_measure()(target.flip(0), target), measure(target.flip(0), target)
    )


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_a_gradient_reaches_the_prediction(config: Any) -> None:
    prediction = images().requires_grad_()
    measure = config.build_measure()
    measure(prediction, images().flip(-1)).mean().backward()
    assert prediction.grad is not None
    assert prediction.grad.abs().max() > 0
    assert not [weight for weight in measure.parameters() if weight.requires_grad]


def test_it_is_what_torchmetrics_computes_of_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours take the weights of a file, theirs those that torchvision would download."""
    from torchmetrics.functional.image import lpips
    from torchvision import models

    torch.manual_seed(3)
    network = models.squeezenet1_1(weights=None)
    save_file(dict(network.state_dict()), tmp_path / "squeeze.safetensors")
    monkeypatch.setattr(models, "squeezenet1_1", lambda weights: network)
    theirs = lpips.learned_perceptual_image_patch_similarity(
        images(), images().flip(0), net_type="squeeze", normalize=True
    )
    ours = Lpips("squeeze", str(tmp_path / "squeeze.safetensors"))(images(), images().flip(0))
    assert float(ours.detach().mean()) == pytest.approx(float(theirs), rel=1e-5)


def test_dists_takes_the_weights_of_a_file(tmp_path: Path) -> None:
    from torchvision.models.vgg import cfgs, make_layers

    torch.manual_seed(3)
    features = make_layers(cfgs["D"]).state_dict()
    torch.save({f"features.{name}": value for name, value in features.items()}, tmp_path / "v.pth")
    measure = DistsConfig(weights=str(tmp_path / "v.pth")).build_measure()
    assert torch.equal(measure.network.stage3[1].weight, features["10.weight"])
    assert measure.network.alpha.mean() < 0.05  # as published; 0.1 is how it is initialised


@pytest.mark.parametrize("config", [LpipsConfig(network="squeeze"), DistsConfig()], ids=str)
def test_weights_that_cannot_be_downloaded_are_asked_for(
    config: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def fail(*args: object, **options: object) -> None:
        raise OSError("no route")

    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    with pytest.raises(WeightsError) as raised:
        config.build_measure()
    name, file = (
        ("VGG16", "vgg16-397923af")
        if isinstance(config, DistsConfig)
        else ("SqueezeNet", "squeezenet1_1-b8a52dc0")
    )
    assert str(raised.value) == (
        f"the ImageNet weights of {name} cannot be downloaded (no route); download "
        f"https://download.pytorch.org/models/{file}.pth where that is possible, and put it into "
        f"{tmp_path / 'hub' / 'checkpoints'} or set `weights` to its path (`weights: random` goes "
        "without, and measures little of what eyes see)"
    )


def test_files_that_will_not_do_are_named(tmp_path: Path) -> None:
    save_file({"features.0.weight": torch.zeros(64, 3, 3, 3)}, tmp_path / "few.safetensors")
    (tmp_path / "broken.pth").write_text("nothing")
    for file, message in [
        ("few.safetensors", r"no features\.\d+\.\w+ in it .* of AlexNet are missing\); download"),
        (
            "broken.pth",
            "cannot be read: damaged, or not only tensors.*; download https://.*alexnet-owt",
        ),
        ("absent.pth", "there is no file .*absent.pth; download https://.*alexnet-owt"),
    ]:
        with pytest.raises(WeightsError, match=message):
            LpipsConfig(weights=str(tmp_path / file)).build_measure()
    with pytest.raises(ValidationError, match="must be imagenet, random, or the path"):
        LpipsConfig(weights="imagnet")


def test_images_must_not_be_tiny() -> None:
    with pytest.raises(DataError, match=r"32 px at least.*16 x 16: raise data\.size"):
        CONFIGS[0].build_measure()(images(side=16), images(side=16))
