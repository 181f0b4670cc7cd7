"""A model file holds all of a model, and says what is wrong with one that does not."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from sr_models.config import TrainConfig
from sr_models.errors import WeightsError
from sr_models.inference.model_file import load_model, read_description, save_model
from sr_models.networks import PRESETS, NetworkBase, build_network
from tests.sr_models.networks.network_configs import CONFIGS
from tests.sr_models.trained_models import model_file


@pytest.fixture(autouse=True)
def _allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SR_MODELS_ALLOW", "tests.sr_models.own_parts:Tiny")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return model_file(tmp_path / "model.safetensors")


def rewritten(file: Path, **description: Any) -> Path:
    """The same weights, with another description."""
    with safe_open(file, "numpy") as opened:
        described = json.loads(opened.metadata()["sr_models"])
    save_file(load_file(file), file, {"sr_models": json.dumps({**described, **description})})
    return file


def predicted(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    x = torch.rand(1, 3, 9, 7, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        images: dict[str, torch.Tensor] = network(x)
    return images


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_every_network_comes_back(tmp_path: Path, config: NetworkBase) -> None:
    whole = TrainConfig.model_validate({"network": config.model_dump(), "seed": 7})
    network = build_network(config).to(memory_format=torch.channels_last).train()
    save_model(tmp_path / "a.safetensors", network, whole, {"validation/psnr": 28.5})
    loaded, described = load_model(tmp_path / "a.safetensors")
    assert not loaded.training
    wanted, found = predicted(network.eval()), predicted(loaded)
    assert list(found) == list(wanted)
    for output in wanted:
        torch.testing.assert_close(found[output], wanted[output])
    assert described["format"] == 1
    assert described["metrics"] == {"validation/psnr": 28.5}
    assert TrainConfig.model_validate(described["config"]) == whole
    assert described["network"] == described["config"]["network"]


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_one_output_can_be_loaded_alone(tmp_path: Path, config: NetworkBase) -> None:
    network = build_network(config)
    save_model(tmp_path / "a.safetensors", network, TrainConfig(network=config), {})
    part, _ = load_model(tmp_path / "a.safetensors", only="mid")
    found = predicted(part)
    assert list(found) == ["mid"]
    torch.testing.assert_close(found["mid"], predicted(network.eval())["mid"])


def test_frozen_features_are_in_the_file(tmp_path: Path) -> None:
    """Loading fetches nothing: here `imagenet` could not be had."""
    config = PRESETS["step6"].model_copy(update={"channels": 4})
    network = build_network(config, pretrained=False)
    save_model(tmp_path / "a.safetensors", network, TrainConfig(network=config), {})
    loaded, _ = load_model(tmp_path / "a.safetensors")
    torch.testing.assert_close(predicted(loaded), predicted(network.eval()))


def test_saving_replaces_a_whole_file_by_a_whole_one(file: Path) -> None:
    before = file.read_bytes()
    config = TrainConfig.model_validate({"network": {"type": "progressive", "channels": 4}})
    network = build_network(config.network)
    with pytest.raises(ValueError, match="JSON"):  # a metric that is no number is a bug
        save_model(file, network, config, {"validation/psnr": float("nan")})
    assert file.read_bytes() == before
    save_model(file, network, config, {})
    assert file.read_bytes() != before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_missing_output_is_named(tmp_path: Path) -> None:
    file = model_file(tmp_path / "mid.safetensors", outputs=["mid"])
    with pytest.raises(WeightsError, match="no output 'large', only 'mid'"):
        load_model(file, only="large")


@pytest.mark.parametrize("content", [None, b"", b"not a model", b"\x80\x04pickle" * 50])
def test_files_that_are_no_models(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "model.safetensors"
    if content is not None:
        file.write_bytes(content)
    for read in (load_model, read_description):
        with pytest.raises(WeightsError, match=r"model\.safetensors: not a model file"):
            read(file)


def test_a_truncated_file(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(WeightsError, match=r"model\.safetensors"):
        load_model(file)


def test_weights_of_something_else(tmp_path: Path) -> None:
    file = tmp_path / "vgg16.safetensors"
    save_file({"features.0.weight": torch.zeros(1)}, file)
    with pytest.raises(WeightsError, match="were not saved by sr_models"):
        load_model(file)


def test_a_later_format(file: Path) -> None:
    with pytest.raises(WeightsError, match="format 2, but this version reads format 1"):
        load_model(rewritten(file, format=2))


@pytest.mark.parametrize("description", ["{", "[]", "3"])
def test_a_broken_description(file: Path, description: str) -> None:
    save_file(load_file(file), file, {"sr_models": description})
    with pytest.raises(WeightsError, match="its description"):
        load_model(file)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ({"type": "transformer"}, "cannot build.*'transformer'"),
        ({"type": "progressive", "depth": 0}, "cannot build: progressive.depth: "),
        (None, "cannot build"),
    ],
)
def test_a_network_that_is_not_known(file: Path, network: object, message: str) -> None:
    with pytest.raises(WeightsError, match=message):
        load_model(rewritten(file, network=network))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"channels": 5}, r"has shape \(4, 3, 3, 3\), not \(5, 3, 3, 3\)"),
        ({"depth": 3}, "is missing.* and [0-9]+ more"),
        ({"depth": 1}, "is unknown"),
    ],
)
def test_weights_that_do_not_fit(file: Path, change: dict[str, Any], message: str) -> None:
    network = {**read_description(file)["network"], **change}
    with pytest.raises(WeightsError, match=f"do not fit the network: .*{message}"):
        load_model(rewritten(file, network=network))
