"""Where the weights of VGG16 come from; whatever goes wrong says what to do."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from sr_models.errors import WeightsError
from sr_models.networks.vgg16.source import IMAGENET, RANDOM

_URL = "https://download.pytorch.org/models/vgg16-397923af.pth"
_WAYS_ON = (
    f"Download {_URL} elsewhere and set `weights` to the path of that file (a .safetensors file "
    "with the keys features.N.weight and features.N.bias will do too), or set `weights: random` "
    "to go without."
)


def load_weights(features: nn.Sequential, weights: str) -> None:
    """Fill VGG16's convolutions with the weights of a source.

    Raises:
        WeightsError: they cannot be had, or do not fit; the message says what to do.
    """
    if weights == RANDOM:
        return
    state = _download() if weights == IMAGENET else _read(Path(weights).expanduser())
    wanted = features.state_dict()
    missing = [name for name in wanted if f"features.{name}" not in state]
    if missing:
        raise WeightsError(
            f"VGG16 weights {weights}: no features.{missing[0]} in it "
            f"({len(missing)} of {len(wanted)} tensors are missing). "
            "Use layers that the file has, or a file that goes deeper."
        )
    for name, tensor in wanted.items():
        if state[f"features.{name}"].shape != tensor.shape:
            raise WeightsError(
                f"VGG16 weights {weights}: features.{name} has shape "
                f"{tuple(state[f'features.{name}'].shape)}, not {tuple(tensor.shape)}"
            )
    features.load_state_dict({name: state[f"features.{name}"] for name in wanted})


def _download() -> Mapping[str, Tensor]:
    from torchvision.models import VGG16_Weights

    try:
        state: Mapping[str, Tensor] = VGG16_Weights.IMAGENET1K_V1.get_state_dict(
            progress=True, check_hash=True
        )
    except (OSError, RuntimeError) as error:  # no network; a wrong checksum
        raise WeightsError(
            f"the ImageNet weights of VGG16 cannot be downloaded ({error}). {_WAYS_ON}"
        ) from error
    return state


def _read(path: Path) -> Mapping[str, Tensor]:
    if not path.is_file():
        raise WeightsError(f"VGG16 weights: there is no file {path}. {_WAYS_ON}")
    try:
        return _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    except Exception as error:
        raise WeightsError(f"VGG16 weights {path} cannot be read: {error}. {_WAYS_ON}") from error


def _read_safetensors(path: Path) -> Mapping[str, Tensor]:
    from safetensors.torch import load_file

    return load_file(path)


def _read_torch(path: Path) -> Mapping[str, Tensor]:
    import torch

    # Without pickled code: a file of weights from the internet must not run anything.
    state = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(state, Mapping):
        raise WeightsError("it holds no table of tensors")
    return state
