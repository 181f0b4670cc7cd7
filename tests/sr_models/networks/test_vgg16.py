"""VGG16: the same features as torchvision's, and clear words where weights cannot be had."""

from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from safetensors.torch import save_file
from torch import nn

from sr_models.errors import WeightsError
from sr_models.networks import PRESETS, build_network
from sr_models.networks.vgg16.network import Vgg16
from sr_models.networks.vgg16.source import CHANNELS, LAYERS, STRIDES, Layers, Weights

CONV3_3 = 15
MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


@pytest.fixture(scope="module")
def torchvision_features() -> nn.Sequential:
    from torchvision.models.vgg import cfgs, make_layers

    torch.manual_seed(0)
    return make_layers(cfgs["D"])


def named(features: nn.Sequential, last: int = 30) -> dict[str, torch.Tensor]:
    return {
        f"features.{name}": value
        for name, value in features.state_dict().items()
        if int(name.split(".")[0]) < last
    }


def normalised(x: torch.Tensor) -> torch.Tensor:
    return (x - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(DEVIATION).view(3, 1, 1)


@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
def test_it_computes_what_torchvision_does(
    torchvision_features: nn.Sequential, tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"vgg16.{suffix}"
    state = named(torchvision_features)
    save_file(state, file) if suffix == "safetensors" else torch.save(state, file)
    x = torch.rand(2, 3, 64, 48)
    extractor = Vgg16(tuple(LAYERS), str(file))
    with torch.no_grad():
        found = extractor(x)
        for (layer, index), size in zip(LAYERS.items(), extractor.sizes, strict=True):
            wanted = torchvision_features[: index + 1](normalised(x))
            torch.testing.assert_close(found[layer] * size, wanted)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 50), (33, 16)])
def test_features_of_any_size(height: int, width: int) -> None:
    features = Vgg16(tuple(LAYERS), "random")(torch.rand(1, 3, height, width))
    for layer, found in features.items():
        stride = STRIDES[layer]
        assert found.shape == (1, CHANNELS[layer], -(-height // stride), -(-width // stride))


def test_the_size_of_features_does_not_depend_on_the_weights(
    torchvision_features: nn.Sequential, tmp_path: Path
) -> None:
    """Other files of VGG16 differ by factors of hundreds, which a ReLU network only passes on."""
    state, file = named(torchvision_features), tmp_path / "loud.safetensors"
    save_file(state | {"features.0.weight": state["features.0.weight"] * 300}, file)
    x = torch.rand(1, 3, 64, 64)
    for weights in ("random", str(file)):
        with torch.no_grad():
            for found in Vgg16(tuple(LAYERS), weights)(x).values():
                assert 0.3 < found.square().mean().sqrt() < 3


def test_the_published_weights_see_edges(shared_data: Path) -> None:
    file = shared_data / "vgg16" / "vgg16_features_conv3_3.safetensors"
    extractor = Vgg16(("relu1_2", "relu3_3"), str(file))
    flat, striped = torch.full((1, 3, 32, 32), 0.5), torch.full((1, 3, 32, 32), 0.5)
    striped[..., ::2] = 1.0
    with torch.no_grad():
        quiet, loud = (extractor(x)["relu3_3"].mean() for x in (flat, striped))
    assert loud > 1.5 * quiet


def test_a_file_that_ends_too_early_says_so(
    torchvision_features: nn.Sequential, tmp_path: Path
) -> None:
    file = tmp_path / "short.safetensors"
    save_file(named(torchvision_features, CONV3_3), file)
    Vgg16(("relu3_3",), str(file))
    with pytest.raises(WeightsError, match=r"no features\.17\.weight in it .*Use layers that"):
        Vgg16(("relu3_3", "relu4_3"), str(file))


def test_a_file_of_another_network_says_so(tmp_path: Path) -> None:
    file = tmp_path / "other.safetensors"
    save_file(
        {"features.0.weight": torch.zeros(96, 3, 11, 11), "features.0.bias": torch.zeros(96)}, file
    )
    with pytest.raises(WeightsError, match=r"features\.2\.weight"):
        Vgg16(("relu1_2",), str(file))
    names = [f"features.{index}.{kind}" for index in (0, 2) for kind in ("weight", "bias")]
    save_file({name: torch.zeros(5) for name in names}, file)
    with pytest.raises(WeightsError, match=r"shape \(5,\), not \(64, 3, 3, 3\)"):
        Vgg16(("relu1_2",), str(file))


@pytest.mark.parametrize(
    "name", ["broken.safetensors", "broken.pth", "missing.safetensors", "list.pth"]
)
def test_files_that_are_none_say_what_to_do(tmp_path: Path, name: str) -> None:
    if name.startswith("broken"):
        (tmp_path / name).write_bytes(b"neither this nor that" * 20)
    if name.startswith("list"):
        torch.save([1, 2], tmp_path / name)
    with pytest.raises(WeightsError) as raised:
        Vgg16(("relu1_2",), str(tmp_path / name))
    assert name in str(raised.value)
    assert "https://download.pytorch.org/models/vgg16" in str(raised.value)


def test_pickled_code_is_not_run(tmp_path: Path) -> None:
    class Harmful:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "harmed",))

    torch.save({"features.0.weight": Harmful()}, tmp_path / "bad.pth")
    with pytest.raises(WeightsError):
        Vgg16(("relu1_2",), str(tmp_path / "bad.pth"))
    assert not (tmp_path / "harmed").exists()


def test_without_a_network_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, **settings: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr("torchvision.models.VGG16_Weights.get_state_dict", refuse)
    with pytest.raises(WeightsError) as raised:
        build_network(PRESETS["step6"])
    for word in ("no route to host", "vgg16-397923af.pth", "path of that file", "weights: random"):
        assert word in str(raised.value)
    build_network(PRESETS["step6"], pretrained=False)


def test_downloaded_weights_are_used(
    torchvision_features: nn.Sequential, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = named(torchvision_features) | {"classifier.0.weight": torch.zeros(3)}
    given = "torchvision.models.VGG16_Weights.get_state_dict"
    monkeypatch.setattr(given, lambda self, **settings: state)
    extractor = Vgg16(("relu2_2",), "imagenet")
    assert torch.equal(extractor.features[0].weight, torchvision_features[0].weight)


@pytest.mark.parametrize("weights", ["imagnet", "", "vgg16.bin"])
def test_a_misspelt_source_is_caught_in_the_config(weights: str) -> None:
    with pytest.raises(ValidationError, match="must be imagenet, random, or the path of"):
        TypeAdapter(Weights).validate_python(weights)


@pytest.mark.parametrize("layers", [[], ["relu2_2", "relu1_2"], ["relu1_2"] * 2, ["conv1"]])
def test_layers_have_one_spelling(layers: list[str]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Layers).validate_python(layers)
