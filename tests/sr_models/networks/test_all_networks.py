"""What every network promises, whichever it is."""

import copy
import math
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from torch import nn

from sr_models.bicubic import bicubic_upscale
from sr_models.networks import (
    NetworkBase,
    NetworkConfig,
    build_network,
    count_parameters,
)
from sr_models.scales import SCALES
from tests.sr_models.networks.network_configs import CONFIGS, OUTPUTS, member_types


def built(config: NetworkBase, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return build_network(config).eval()


@pytest.fixture
def x() -> torch.Tensor:
    return torch.rand(2, 3, 11, 14, generator=torch.Generator().manual_seed(1))


def test_every_member_has_a_type_of_its_own() -> None:
    names = [member.model_fields["type"].default for member in member_types()]
    assert len(set(names)) == len(names)
    assert "progressive" in names


@settings(deadline=None, max_examples=40)
@given(
    name=st.sampled_from(sorted(CONFIGS)),
    height=st.integers(1, 21),
    width=st.integers(1, 21),
    outputs=st.sampled_from(OUTPUTS),
    skip=st.sampled_from(["none", "bicubic"]),
)
def test_any_size_gives_each_output_at_its_scale(
    name: str, height: int, width: int, outputs: tuple[str, ...], skip: str
) -> None:
    config = CONFIGS[name].model_copy(update={"outputs": outputs, "skip": skip})
    with torch.no_grad():
        images = built(config)(torch.rand(2, 3, height, width))
    assert tuple(images) == outputs
    for output, scale in SCALES.items():
        if output in outputs:
            assert images[output].shape == (2, 3, scale * height, scale * width)
            assert images[output].dtype == torch.float32
            assert images[output].isfinite().all()


def test_gradients_reach_every_weight_that_is_trained(config: NetworkBase, x: torch.Tensor) -> None:
    network = built(config).train()
    loss = sum((image - 0.3).square().mean() for image in network(x).values())
    assert isinstance(loss, torch.Tensor)
    loss.backward()
    without = [
        name
        for name, weight in network.named_parameters()
        if weight.requires_grad and (weight.grad is None or not weight.grad.any())
    ]
    assert without == []


def test_the_seed_decides_the_weights(config: NetworkBase) -> None:
    first, again, other = (built(config, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_the_state_carries_everything_over(config: NetworkBase, x: torch.Tensor) -> None:
    network, copied = built(config, seed=0), built(config, seed=1)
    copied.load_state_dict(network.state_dict())
    with torch.no_grad():
        wanted, found = network(x), copied(x)
    assert all(torch.equal(wanted[output], found[output]) for output in wanted)


def test_bf16_and_channels_last_change_little(config: NetworkBase, x: torch.Tensor) -> None:
    network = built(config)
    with torch.no_grad():
        wanted = network(x)
        fast = copy.deepcopy(network).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            found = fast(x.contiguous(memory_format=torch.channels_last))
    for output, image in wanted.items():
        assert found[output].dtype == torch.float32
        torch.testing.assert_close(found[output], image, atol=0.02, rtol=0)


def test_a_few_steps_of_adam_learn(config: NetworkBase) -> None:
    large = torch.rand(4, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    large = bicubic_upscale(large, 8)
    targets = {"mid": large[..., ::2, ::2], "large": large}
    network = built(config).train()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    losses = []
    for _ in range(25):
        images = network(large[..., ::4, ::4])
        loss = torch.stack(
            [(images[output] - targets[output]).abs().mean() for output in images]
        ).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    # Spandrel's begin at nearest-neighbour upscaling, from which it is a longer way.
    assert losses[-1] < (0.97 if config.type == "spandrel" else 0.9) * losses[0]
    assert losses[0] < 0.8  # grey would be about 0.25 an output: nothing starts far off


def test_with_a_skip_it_starts_near_bicubic(config: NetworkBase, x: torch.Tensor) -> None:
    network = built(config.model_copy(update={"skip": "bicubic"}))
    with torch.no_grad():
        for output, image in network(x).items():
            difference = image - bicubic_upscale(x, SCALES[output])
            if config.type in ("spandrel", "own"):  # they know nothing of what is added
                difference -= built(config)(x)[output]
            assert difference.abs().mean() < 0.1


def test_its_parameters_can_be_counted_without_memory_or_weights(config: NetworkBase) -> None:
    with torch.device("meta"):
        network = build_network(config, pretrained=False)
    assert 0 < count_parameters(network) < math.inf
    assert count_parameters(network) == count_parameters(built(config))


@pytest.mark.parametrize("outputs", [("mid",), ("large",)])
def test_what_one_output_needs_is_part_of_what_both_need(
    config: NetworkBase, outputs: tuple[str, ...], x: torch.Tensor
) -> None:
    network, part = built(config), built(config.model_copy(update={"outputs": outputs}), seed=1)
    state = network.state_dict()
    part.load_state_dict({name: state[name] for name in part.state_dict()})
    with torch.no_grad():
        torch.testing.assert_close(part(x)[outputs[0]], network(x)[outputs[0]])


def test_configs_survive_json(config: NetworkBase) -> None:
    adapter: TypeAdapter[NetworkBase] = TypeAdapter(NetworkConfig)
    assert adapter.validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize("outputs", [[], ["large", "mid"], ["mid", "mid"], ["huge"]])
def test_outputs_have_one_spelling(outputs: list[str]) -> None:
    for member in member_types():
        with pytest.raises(ValidationError, match="outputs"):
            member.model_validate({"outputs": outputs})


def test_a_network_can_be_exported_and_compiled_into_one_graph(config: NetworkBase) -> None:
    exported = torch.export.export(built(config), (torch.rand(1, 3, 8, 8),))
    x = torch.rand(1, 3, 8, 8)
    with torch.no_grad():
        for wanted, found in zip(
            built(config)(x).values(), exported.module()(x).values(), strict=True
        ):
            torch.testing.assert_close(found, wanted)


def test_nothing_of_a_config_needs_torch(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys, sr_models.networks, sr_models.losses, sr_models.metrics;"
        "import sr_models.inference.model_file, sr_models.evaluate, sr_models.upscale;"
        "sys.exit('torch' in sys.modules or 'PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
