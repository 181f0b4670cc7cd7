"""The light networks: few weights, much seen, and blocks that start as the identity."""

import pytest
import torch

from sr_models.inference.tiling import reach
from sr_models.networks import LightConfig, build_network, count_parameters
from sr_models.networks.layers.attention import PixelNorm, span_block, vapsr_block

BLOCKS = ["span", "vapsr"]


@pytest.mark.parametrize("block", BLOCKS)
def test_both_outputs_take_less_than_200_000_weights(block: str) -> None:
    both, large = (
        count_parameters(build_network(LightConfig(block=block, outputs=outputs)))
        for outputs in (("mid", "large"), ("large",))
    )
    assert both < 200_000
    assert both < 1.1 * large  # the trunk is shared


def test_vapsr_sees_far_with_few_weights() -> None:
    networks = {block: build_network(LightConfig(block=block, depth=2)) for block in BLOCKS}
    assert count_parameters(networks["vapsr"]) < 0.6 * count_parameters(networks["span"])
    # Three convolutions a block see 3 pixels each way, two depthwise ones 2 + 6.
    assert reach(networks["span"]) == 1 + 2 * 3 + 1 + 1
    assert reach(networks["vapsr"]) == 1 + 2 * 8 + 1 + 1


@pytest.mark.parametrize("make", [span_block, vapsr_block])
def test_a_stack_of_blocks_neither_grows_nor_vanishes(make: object) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 16, 12, 12)
    stack = torch.nn.Sequential(*(make(16) for _ in range(12)))
    with torch.no_grad():
        assert 0.7 < stack(x).std() < 1.5


def test_pixels_are_normed_each_by_itself() -> None:
    x = 5 + 3 * torch.randn(2, 8, 4, 5)
    normed = PixelNorm(8)(x)
    assert normed.mean(dim=1).abs().max() < 1e-5
    assert (normed.var(dim=1, unbiased=False) - 1).abs().max() < 1e-3
    assert torch.equal(PixelNorm(8)(x[..., :2, :2]), normed[..., :2, :2])
