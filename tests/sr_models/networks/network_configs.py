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


def member_types() -> tuple[type[NetworkBase], ...]:
    """The configs in the union."""
    union = get_args(NetworkConfig)[0]
    return get_args(union)


def small(config: NetworkBase) -> NetworkBase:
    """The same network with fewer channels, where it has such a setting."""
    if "channels" not in type(config).model_fields:
        return config
    return config.model_copy(update={"channels": 8})


def all_configs() -> dict[str, NetworkBase]:
    configs = {member.model_fields["type"].default: small(member()) for member in member_types()}
    adapter: TypeAdapter[NetworkBase] = TypeAdapter(NetworkConfig)
    for name, settings in VARIANTS.items():
        config = adapter.validate_python({"type": "progressive", "channels": 8, **settings})
        configs[name] = config
    return configs


CONFIGS = all_configs()
