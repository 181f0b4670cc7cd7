"""Every network there is, so that a new one is tested without a new test."""

from typing import Any, get_args

from pydantic import TypeAdapter

from sr_models.networks import NetworkBase, NetworkConfig

OUTPUTS = (("mid",), ("large",), ("mid", "large"))

# What the defaults of the union do not reach; VGG16 at random, for its weights are not here.
VARIANTS: dict[str, dict[str, Any]] = {
    "conv": {"block": "conv", "depth": 3},
    "dilated": {"block": "dilated", "dilations": [1, 3], "activation": "leaky_relu"},
    "bilinear": {"upsampler": "bilinear", "activation": "prelu"},
    "pixel_shuffle": {"upsampler": "pixel_shuffle", "activation": "gelu"},
    "transposed": {"upsampler": "transposed", "activation": "silu"},
    "vgg16": {"features": {"type": "vgg16", "weights": "random", "frozen": False}},
}


# What a member is not built without, or would be large without.
NEEDED: dict[str, dict[str, Any]] = {
    "own": {"code": "tests.sr_models.own_parts:Tiny"},
    "spandrel": {"args": {"num_feat": 8, "num_conv": 2}},
}


def member_types() -> tuple[type[NetworkBase], ...]:
    """The configs in the union."""
    union = get_args(NetworkConfig)[0]
    return get_args(union)


def members(**wanted: int) -> dict[str, NetworkBase]:
    """Each network of the union, with as many of the wanted settings as it has."""
    return {
        name: member.model_validate(
            NEEDED.get(name, {})
            | {key: value for key, value in wanted.items() if key in member.model_fields}
        )
        for member in member_types()
        for name in [member.model_fields["type"].default]
    }


def small_configs() -> dict[str, NetworkBase]:
    """Each network of the union, narrow and shallow: what a test can train."""
    return members(channels=4, blocks=1, depth=1, mapping_depth=1)


def all_configs() -> dict[str, NetworkBase]:
    configs = members(channels=8)
    adapter: TypeAdapter[NetworkBase] = TypeAdapter(NetworkConfig)
    for name, settings in VARIANTS.items():
        config = adapter.validate_python({"type": "progressive", "channels": 8, **settings})
        configs[name] = config
    return configs


CONFIGS = all_configs()
