"""What blocks add at first: as much as a config says, and with 0 nothing."""

from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from sr_models.networks import NetworkBase, ProgressiveConfig, build_network
from sr_models.networks.layers.attention import span_block, vapsr_block
from sr_models.networks.layers.blocks import dilated_block, residual_block
from tests.sr_models.networks.network_configs import small_configs

BLOCKS = {
    "residual": lambda start: residual_block(32, "relu", start=start),
    "edsr": lambda start: residual_block(32, "relu", scale=1.0, start=start),
    "dilated": lambda start: dilated_block(32, "leaky_relu", [2], start=start),
    "span": lambda start: span_block(32, start=start),
    "vapsr": lambda start: vapsr_block(32, start=start),
}


def those_with_blocks() -> dict[str, NetworkBase]:
    """Each network of the union that has the setting, with blocks that start at zero."""
    found = {
        name: config.model_copy(update={"residual_init": 0.0})
        for name, config in small_configs().items()
        if "residual_init" in type(config).model_fields
    }
    dilated = ProgressiveConfig(
        block="dilated", activation="leaky_relu", channels=4, depth=1, residual_init=0
    )
    return {**found, "dilated": dilated}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_adds_what_it_is_told_and_with_zero_nothing(name: str) -> None:
    torch.manual_seed(0)
    x = torch.randn(4, 32, 24, 24)
    with torch.no_grad():
        assert torch.equal(BLOCKS[name](0.0)(x), x)
        little, more = (float((BLOCKS[name](s)(x) - x).std()) for s in (0.01, 0.02))
    assert 0.001 < little < 0.02
    assert more == pytest.approx(2 * little, rel=0.35)


@pytest.mark.parametrize("config", those_with_blocks().values(), ids=those_with_blocks())
def test_blocks_that_start_at_zero_are_trained(config: NetworkBase) -> None:
    torch.manual_seed(0)
    network = build_network(config)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    x = torch.rand(2, 3, 8, 8)
    for _ in range(2):
        optimizer.zero_grad()
        torch.stack([image.square().mean() for image in network(x).values()]).sum().backward()
        optimizer.step()
    still = [name for name, weight in network.named_parameters() if not weight.grad.any()]
    assert not still
    assert not [part for part in network.modules() if is_zero(part)]


def is_zero(part: nn.Module) -> bool:
    return isinstance(part, nn.Conv2d) and not part.weight.any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"block": "conv"}, r"residual_init 0 needs block: residual or block: dilated"),
        ({"block": "dilated", "activation": "relu"}, "would never train"),
    ],
)
def test_what_would_change_nothing_or_never_train_is_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        ProgressiveConfig.model_validate({"residual_init": 0, **settings})
