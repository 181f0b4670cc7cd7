"""The progressive family: its rules, its depth, and where VGG16's features join."""

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from sr_models.networks import PRESETS, ProgressiveConfig, build_network, count_parameters
from sr_models.networks.progressive.features import Vgg16Features
from sr_models.networks.progressive.laterals import Laterals


def convolutions(module: nn.Module, **attributes: object) -> int:
    """How many convolutions have these attributes."""
    return sum(
        isinstance(part, nn.Conv2d)
        and all(getattr(part, name) == value for name, value in attributes.items())
        for part in module.modules()
    )


@pytest.mark.parametrize("block", ["conv", "residual"])
def test_dilations_need_dilated_blocks(block: str) -> None:
    with pytest.raises(ValidationError) as raised:
        ProgressiveConfig.model_validate({"block": block, "dilations": [1, 2]})
    assert f"dilations [1, 2] need block: dilated, not block: {block}" in str(raised.value)


@pytest.mark.parametrize("dilations", [[], [0, 1], [-1]])
def test_dilations_are_distances(dilations: list[int]) -> None:
    with pytest.raises(ValidationError, match="must be one or more whole numbers"):
        ProgressiveConfig.model_validate({"block": "dilated", "dilations": dilations})


def test_dilated_blocks_have_a_convolution_for_each_dilation() -> None:
    network = build_network(ProgressiveConfig(block="dilated", depth=3, dilations=(1, 2, 5)))
    for dilation in (2, 5):
        assert convolutions(network, dilation=(dilation, dilation)) == 2 * 3  # stages, blocks


def test_unset_dilations_are_one_two_four() -> None:
    unset, named = (
        build_network(ProgressiveConfig(block="dilated", dilations=dilations))
        for dilations in (None, (1, 2, 4))
    )
    assert repr(unset.stages) == repr(named.stages)


def test_step_2_is_two_convolutions_an_upsampling_and_a_convolution() -> None:
    network = build_network(PRESETS["step2"])
    assert convolutions(network) == 3
    assert sum(isinstance(part, nn.Upsample) for part in network.modules()) == 1


def test_step_3_has_a_second_block_of_the_same_kind() -> None:
    assert convolutions(build_network(PRESETS["step3"])) == 6


def test_steps_are_valid_and_differ(preset: str) -> None:
    config = PRESETS[preset]
    assert ProgressiveConfig.model_validate(config.model_dump()) == config
    assert list(PRESETS.values()).count(config) == 1


def test_each_step_changes_what_the_report_says() -> None:
    steps = [PRESETS[f"step{number}"] for number in range(2, 8)]
    assert [step.block for step in steps] == ["conv"] * 2 + ["residual"] + ["dilated"] * 3
    assert [step.outputs for step in steps] == [("mid",)] + [("mid", "large")] * 5
    assert [step.activation for step in steps] == ["relu"] * 3 + ["leaky_relu"] * 3
    assert [step.features.type for step in steps] == ["none"] * 4 + ["vgg16", "none"]
    assert [step.upsampler for step in steps] == ["nearest"] * 5 + ["pixel_shuffle"]


def laterals(**settings: object) -> Laterals:
    torch.manual_seed(0)
    config = Vgg16Features.model_validate({"weights": "random", **settings})
    return Laterals(config, 4, pretrained=True)


@pytest.mark.parametrize("layer", ["relu1_2", "relu2_2", "relu3_3"])
def test_features_join_where_they_were_seen(layer: str) -> None:
    """A bright spot changes the joined features around itself, not elsewhere."""
    joined = laterals(layers=[layer])
    dark = torch.zeros(1, 3, 99, 115)
    spot = dark.clone()
    spot[..., 68:72, 32:36] = 1
    with torch.no_grad():
        change = (joined(spot) - joined(dark)).abs().sum(dim=1)[0]
    rows, columns = torch.meshgrid(torch.arange(99.0), torch.arange(115.0), indexing="ij")
    centre = ((rows * change).sum() / change.sum(), (columns * change).sum() / change.sum())
    assert change.shape == (99, 115)
    assert centre[0] == pytest.approx(69.5, abs=1.5)
    assert centre[1] == pytest.approx(33.5, abs=1.5)


def test_frozen_features_are_not_trained() -> None:
    frozen, trained = (
        build_network(
            ProgressiveConfig(channels=4, features=Vgg16Features(weights="random", frozen=frozen))
        )
        for frozen in (True, False)
    )
    vgg16 = 1_735_488  # the convolutions up to conv3_3
    assert count_parameters(trained) - count_parameters(frozen) == vgg16
    sum(image.sum() for image in frozen(torch.rand(1, 3, 8, 8)).values()).backward()
    assert all(
        weight.grad is None for name, weight in frozen.named_parameters() if "extractor" in name
    )


@pytest.mark.parametrize("rate", [1e-3, 2e-2])
def test_large_learning_rates_of_adam_stay_finite(preset: str, rate: float) -> None:
    features = PRESETS[preset].features
    if features.type == "vgg16":
        features = features.model_copy(update={"weights": "random"})
    torch.manual_seed(0)
    network = build_network(
        PRESETS[preset].model_copy(update={"channels": 16, "features": features})
    )
    optimizer = torch.optim.Adam([w for w in network.parameters() if w.requires_grad], lr=rate)
    x = torch.rand(4, 3, 8, 8)
    for _ in range(30):
        loss = sum((image - 0.4).abs().mean() for image in network(x).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 1
