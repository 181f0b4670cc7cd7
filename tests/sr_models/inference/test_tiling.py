"""Tiles give what the whole image gives."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from sr_models.inference.tiling import GRID, on_grid, predict_tiles, reach, spans, tile_count
from sr_models.inference.upscaler import Bicubic, Upscaler, choose_device, open_upscaler, outputs_of
from sr_models.networks import NetworkBase, build_network
from sr_models.scales import SCALES
from tests.sr_models.networks.network_configs import CONFIGS
from tests.sr_models.trained_models import model_file

CPU = torch.device("cpu")


class Blur(nn.Module):
    """Sees exactly `radius` pixels away, and doubles the size."""

    def __init__(self, radius: int) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(2 * radius + 1, stride=1, padding=radius)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"mid": self.pool(x).repeat_interleave(2, -1).repeat_interleave(2, -2)}


class WholeImage(nn.Module):
    """Sees everything: subtracts the mean."""

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        centred = x - x.mean(dim=(-1, -2), keepdim=True) + 0.5
        return {"mid": centred.repeat_interleave(2, -1).repeat_interleave(2, -2)}


class Windows(nn.Module):
    """Each pixel becomes the mean of its window: like attention within windows."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.window_size = (side, side)
        self.pool = nn.AvgPool2d(side, ceil_mode=True, count_include_pad=False)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        means = self.pool(x)
        for axis in (-1, -2):
            means = means.repeat_interleave(2 * self.window_size[0], axis)
        return {"mid": means[..., : 2 * x.shape[-2], : 2 * x.shape[-1]]}


@pytest.mark.parametrize("side", [7, 8, 12, 16, 24, 32])
def test_windows_of_any_size_lie_as_in_the_whole_image(side: int) -> None:
    network, x = Windows(side), torch.rand(3, 150, 230)
    upscaler = Upscaler(network, "mid", CPU)
    assert upscaler.in_tiles
    assert len(list(upscaler.tiles(x, tile=96))) > 1
    image = torch.empty(3, 300, 460)
    for tile in upscaler.tiles(x, tile=96):
        height, width = tile.pixels.shape[-2:]
        image[:, tile.top : tile.top + height, tile.left : tile.left + width] = tile.pixels
    torch.testing.assert_close(image, network(x[None])["mid"][0], atol=1e-6, rtol=0)


@pytest.mark.parametrize("radius", [0, 1, 5, 20, 40])
def test_reach_is_measured(radius: int) -> None:
    assert reach(Blur(radius)) == radius


def test_the_reach_of_bicubic() -> None:
    assert reach(Bicubic("mid")) == 2
    assert reach(Bicubic("large")) == 2


def test_a_network_that_sees_everything_has_no_reach() -> None:
    assert reach(WholeImage()) is None


def test_what_cannot_be_tiled_is_predicted_at_once() -> None:
    x = torch.rand(3, 40, 70)
    network = WholeImage()
    found = Upscaler(network, "mid", CPU).tiles(x, tile=16)
    tiles = list(found)
    assert len(tiles) == 1
    torch.testing.assert_close(tiles[0].pixels, network(x[None])["mid"][0].clamp(0, 1))


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_there_are_no_seams(config: NetworkBase) -> None:
    torch.manual_seed(0)
    network = build_network(config).eval()
    x = torch.rand(3, 83, 51)
    margin = on_grid(reach(network) or 0)
    with torch.no_grad():
        whole = network(x[None])
    for output, scale in SCALES.items():
        image = torch.full((3, 83 * scale, 51 * scale), torch.nan)
        for tile in predict_tiles(network, x, output, tile=16, margin=margin):
            height, width = tile.pixels.shape[-2:]
            assert max(height, width) <= 16 * scale
            part = image[:, tile.top : tile.top + height, tile.left : tile.left + width]
            assert part.isnan().all()  # nothing is predicted twice
            part.copy_(tile.pixels)
        torch.testing.assert_close(image, whole[output][0].clamp(0, 1), atol=1e-5, rtol=0)


def test_a_smaller_margin_would_show() -> None:
    """The test above is able to fail."""
    torch.manual_seed(0)
    network = build_network(CONFIGS["vgg16"]).eval()
    x = torch.rand(3, 64, 64)
    with torch.no_grad():
        whole = network(x[None])["mid"][0].clamp(0, 1)
    tiles = predict_tiles(network, x, "mid", tile=16, margin=16)
    differences = [
        (tile.pixels - whole[:, tile.top : tile.top + 32, tile.left : tile.left + 32]).abs().max()
        for tile in tiles
    ]
    assert max(differences) > 1e-5


@given(st.integers(1, 200), st.integers(1, 6), st.integers(0, 4))
def test_spans_cover_an_axis_once_and_start_on_the_grid(
    length: int, tiles: int, margins: int
) -> None:
    tile, margin = tiles * GRID, margins * GRID
    cut = spans(length, tile, margin)
    assert [pixel for span in cut for pixel in range(span.start, span.end)] == [*range(length)]
    assert len(cut) == tile_count(length, 1, tile)
    for span in cut:
        assert span.seen_start % GRID == 0
        assert span.seen_start == max(0, span.start - margin)
        assert span.seen_end == min(length, span.end + margin)


def test_enlarging_is_clamped_and_on_the_cpu() -> None:
    upscaler = open_upscaler("bicubic", "large", CPU)
    x = (torch.rand(3, 20, 250) > 0.5).float()  # bicubic overshoots at hard edges
    found = upscaler.enlarge(x)
    assert found.shape == (3, 80, 1000)
    assert found.min() == 0
    assert found.max() == 1


def test_what_a_model_predicts(tmp_path: Path) -> None:
    assert outputs_of("bicubic") == ("mid", "large")
    assert outputs_of(str(model_file(tmp_path / "a.safetensors", outputs=["large"]))) == ("large",)


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == CPU
    with pytest.raises(ValueError, match="sees no CUDA GPU"):
        choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto").type == "cuda"
    assert choose_device("cpu") == CPU
