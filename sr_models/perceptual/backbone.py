"""The weights of torchvision's networks; if they are not available, the error says what to do."""

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from sr_models.errors import WeightsError
from sr_models.perceptual.source import Backbone
from sr_models.pretrained import IMAGENET, RANDOM, read_weights

_FILES: Mapping[Backbone, str] = {
    "alex": "alexnet-owt-7be5be79.pth",
    "vgg": "vgg16-397923af.pth",
    "squeeze": "squeezenet1_1-b8a52dc0.pth",
}

_NAMES: Mapping[Backbone, str] = {"alex": "AlexNet", "vgg": "VGG16", "squeeze": "SqueezeNet"}

_PART = re.compile(r"^(slices\.\d+|slice\d+|stage\d+)\.")


def fill(network: nn.Module, backbone: Backbone, weights: str) -> None:
    """Fill the layers of a network that are named as in torchvision's `features`.

    Args:
        network: its weights are named by a part and torchvision's layer: `slice2.5.weight`.
        backbone: the torchvision network.
        weights: the source of the weights.

    Raises:
        WeightsError: they are not available, or do not fit.
    """
    wanted = {
        name: _PART.sub("features.", name)
        for name, _ in network.named_parameters()
        if _PART.match(name)
    }
    if weights == RANDOM:
        _initialise(network)
        return
    state = _download(backbone) if weights == IMAGENET else _read(Path(weights), backbone)
    missing = [theirs for theirs in wanted.values() if theirs not in state]
    if missing:
        raise WeightsError(
            f"weights {weights}: no {missing[0]} in it ({len(missing)} of {len(wanted)} tensors of "
            f"{_NAMES[backbone]} are missing); {_advice(backbone)}"
        )
    try:
        found = {own: state[theirs] for own, theirs in wanted.items()}
        network.load_state_dict(found, strict=False)
    except RuntimeError as error:
        raise WeightsError(
            f"weights {weights}: not those of {_NAMES[backbone]}: {error}"
        ) from error


def _download(backbone: Backbone) -> Mapping[str, Tensor]:
    from torchvision import models

    known = {
        "alex": models.AlexNet_Weights,
        "vgg": models.VGG16_Weights,
        "squeeze": models.SqueezeNet1_1_Weights,
    }
    try:
        state: Mapping[str, Tensor] = known[backbone].IMAGENET1K_V1.get_state_dict(
            progress=True, check_hash=True
        )
    except (OSError, RuntimeError) as error:  # no network; a wrong checksum
        raise WeightsError(
            f"the ImageNet weights of {_NAMES[backbone]} cannot be downloaded "
            f"({getattr(error, 'reason', error)}); {_advice(backbone)}"
        ) from error
    return state


def _read(path: Path, backbone: Backbone) -> Mapping[str, Tensor]:
    try:
        return read_weights(path.expanduser())
    except WeightsError as error:
        raise WeightsError(f"{error}; {_advice(backbone)}") from error


def _advice(backbone: Backbone) -> str:
    file = _FILES[backbone]
    return (
        f"download https://download.pytorch.org/models/{file} where that is possible, and put it "
        f"into {Path(torch.hub.get_dir(), 'checkpoints')} or set `weights` to its path "
        "(`weights: random` goes without, and measures little of what eyes see)"
    )


def _initialise(network: nn.Module) -> None:
    generator = torch.Generator().manual_seed(0)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d) and layer.bias is not None:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
            nn.init.zeros_(layer.bias)
