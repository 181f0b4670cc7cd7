"""Networks of others: each can be built, trained, kept, read by spandrel, and gone on from."""

from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from sr_models.config import TrainConfig
from sr_models.errors import WeightsError
from sr_models.inference.model_file import load_model, save_model
from sr_models.networks import SpandrelConfig, build_network
from sr_models.networks.spandrel.architectures import ARCHITECTURES

SMALL: dict[str, dict[str, object]] = {
    "Compact": {"num_feat": 8, "num_conv": 2},
    "SPAN": {"feature_channels": 8},
    "OmniSR": {"num_feat": 16, "res_num": 1},
    "RealPLKSR": {"dim": 16, "n_blocks": 2},
    "ESRGAN": {"num_filters": 8, "num_blocks": 1},
}
COMPACT = SpandrelConfig(outputs=("large",), args=SMALL["Compact"])

# Two million weights and 30 seconds for what the others take one.
SLOWEST = "ATD"


@pytest.mark.slow
@pytest.mark.parametrize("architecture", [name for name in ARCHITECTURES if name != SLOWEST])
def test_every_architecture_trains_at_any_size(architecture: str) -> None:
    network = build_network(SpandrelConfig(architecture=architecture, outputs=("mid",)))
    image = network(torch.rand(2, 3, 7, 17))["mid"]  # below and above what windows need
    assert image.shape == (2, 3, 14, 34)
    assert image.dtype == torch.float32
    image.mean().backward()
    assert any(weight.grad is not None for weight in network.parameters())


def test_the_slowest_one_can_be_built() -> None:
    args = {"depths": [1], "num_heads": [2], "embed_dim": 12, "window_size": 8}
    config = SpandrelConfig(architecture=SLOWEST, outputs=("mid",), args=args)
    assert build_network(config)(torch.rand(1, 3, 9, 10))["mid"].shape == (1, 3, 18, 20)


@pytest.mark.parametrize("architecture", SMALL)
@pytest.mark.parametrize("output", ["mid", "large"])
def test_spandrel_reads_the_model_file_and_predicts_the_same(
    tmp_path: Path, architecture: str, output: str
) -> None:
    from spandrel import ModelLoader

    torch.manual_seed(0)
    settings = {"architecture": architecture, "outputs": [output], "args": SMALL[architecture]}
    config = TrainConfig.model_validate({"network": {"type": "spandrel", **settings}})
    network = build_network(config.network).eval()
    save_model(tmp_path / "model.safetensors", network, config, {})
    theirs = ModelLoader().load_from_file(tmp_path / "model.safetensors").eval()
    x = torch.rand(1, 3, 24, 32)
    with torch.no_grad():
        wanted = network(x)[output]
        torch.testing.assert_close(theirs.model(x), wanted)
        torch.testing.assert_close(load_model(tmp_path / "model.safetensors")[0](x)[output], wanted)


def test_a_model_of_both_outputs_can_be_read_for_one(tmp_path: Path) -> None:
    network_config = COMPACT.model_copy(update={"outputs": ("mid", "large")})
    config = TrainConfig(network=network_config)
    network = build_network(config.network).eval()
    save_model(tmp_path / "model.safetensors", network, config, {})
    part, _ = load_model(tmp_path / "model.safetensors", only="mid")
    x = torch.rand(1, 3, 8, 8)
    with torch.no_grad():
        assert torch.equal(part(x)["mid"], network(x)["mid"])
        assert set(part(x)) == {"mid"}


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_training_goes_on_from_a_published_file(tmp_path: Path, suffix: str) -> None:
    from safetensors.torch import save_file

    published = build_network(COMPACT).heads["large"].network.state_dict()
    file = tmp_path / f"published{suffix}"
    if suffix == ".pth":
        torch.save({"params": published}, file)
    else:
        save_file(published, file)
    config = COMPACT.model_copy(update={"pretrained": str(file)})
    found = build_network(config).heads["large"].network.state_dict()
    assert all(torch.equal(found[name], published[name]) for name in published)
    fresh = build_network(config, pretrained=False).heads["large"].network.state_dict()
    assert not torch.equal(fresh["body.0.weight"], published["body.0.weight"])


@pytest.mark.parametrize("prefix", ["", "module.", "net_g.", "model.", "generator."])
def test_the_network_of_a_whole_training_is_found(tmp_path: Path, prefix: str) -> None:
    published = build_network(COMPACT).heads["large"].network.state_dict()
    saved = {f"{prefix}{name}": weight for name, weight in published.items()}
    if prefix not in ("", "module."):
        saved |= {f"loss.vgg.{index}.weight": torch.zeros(2) for index in range(40)}
    torch.save({"state_dict": saved, "epoch": 3}, tmp_path / "last.ckpt")
    config = COMPACT.model_copy(update={"pretrained": str(tmp_path / "last.ckpt")})
    found = build_network(config).heads["large"].network.state_dict()
    assert all(torch.equal(found[name], published[name]) for name in published)


@pytest.mark.parametrize("average", ["generator_ema.", "ema_model.", "net_g_ema."])
def test_of_a_network_and_its_moving_average_the_average_is_taken(
    tmp_path: Path, average: str
) -> None:
    published = build_network(COMPACT).heads["large"].network.state_dict()
    saved = {f"generator.{name}": torch.zeros_like(weight) for name, weight in published.items()}
    saved |= {f"{average}{name}": weight for name, weight in published.items()}
    torch.save({"state_dict": saved}, tmp_path / "last.pth")
    config = COMPACT.model_copy(update={"pretrained": str(tmp_path / "last.pth")})
    found = build_network(config).heads["large"].network.state_dict()
    assert all(torch.equal(found[name], published[name]) for name in published)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"args": {"num_feats": 8}}, "Compact cannot be built with args .*num_feats"),
        ({"args": {"upscale": 2}}, r"network\.args\.upscale: the scale follows from"),
        ({"architecture": "ATD", "args": {"upsampler": ""}}, "enlarges 1 times, not 4"),
        ({"pretrained": "nowhere.pth"}, "there is no file nowhere.pth"),
        ({"pretrained": "{broken}"}, "cannot be read"),
        ({"pretrained": "{unknown}"}, "has no architecture that spandrel knows"),
        ({"pretrained": "{other}"}, r"is Compact 4x, and the network is SPAN 4x"),
        ({"pretrained": "{small}", "args": {"num_feat": 9, "num_conv": 2}}, r"8nf.*does not fit"),
        ({"pretrained": "{small}", "outputs": ("mid",)}, "is Compact 4x, and the network is .*2x"),
    ],
)
def test_what_does_not_fit_says_what(
    tmp_path: Path, settings: dict[str, object], message: str
) -> None:
    small = tmp_path / "small.pth"
    torch.save(build_network(COMPACT).heads["large"].network.state_dict(), small)
    (tmp_path / "broken.pth").write_bytes(b"no weights")
    torch.save({"layer.weight": torch.zeros(3)}, tmp_path / "unknown.pth")
    files = {"{broken}": tmp_path / "broken.pth", "{unknown}": tmp_path / "unknown.pth"}
    places = {**files, "{small}": small, "{other}": small}
    named = settings.get("pretrained")
    if named == "{other}":
        settings = {**settings, "architecture": "SPAN", "args": SMALL["SPAN"]}
    if named in places:
        settings = {**settings, "pretrained": str(places[named])}
    with pytest.raises(WeightsError, match=message):
        build_network(COMPACT.model_copy(update=settings))


def test_an_unknown_architecture_is_told_by_the_config() -> None:
    with pytest.raises(ValidationError, match=r"must be one of ATD, CRAFT.*; did you mean Comp"):
        SpandrelConfig.model_validate({"architecture": "Compakt"})
