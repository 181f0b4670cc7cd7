"""The weights of VGG16; if they are not available, the error says what to do."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from sr_models.errors import WeightsError
from sr_models.pretrained import IMAGENET, RANDOM, read_weights

_URL = "https://download.pytorch.org/models/vgg16-397923af.pth"
_WAYS_ON = (
    f"Download {_URL} elsewhere and set `weights` to the path of that file (a .safetensors file "
    "with the keys features.N.weight and features.N.bias will do too), or set `weights: random` "
    "to go without."
)


def load_weights(features: nn.Sequential, weights: str) -> None:
    """Fill VGG16's convolutions with the weights of a source.

    Raises:
        WeightsError: they are not available, or do not fit; the message says what to do.
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
    try:
        return read_weights(path)
    except WeightsError as error:
        raise WeightsError(f"VGG16 {error}. {_WAYS_ON}") from error
