"""Pretrained weights: the names of their sources, and reading a file of weights."""

from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING

from sr_models.errors import WeightsError

if TYPE_CHECKING:
    from torch import Tensor

IMAGENET = "imagenet"
RANDOM = "random"
SUFFIXES = (".safetensors", ".pth", ".pt")


def known_source(weights: str) -> str:
    """Return a setting that names a source of weights.

    Raises:
        ValueError: it is neither `imagenet`, nor `random`, nor the path of a file of weights.
    """
    if weights in (IMAGENET, RANDOM) or weights.endswith(SUFFIXES):
        return weights
    raise ValueError(f"must be imagenet, random, or the path of a {', '.join(SUFFIXES)} file")


def read_weights(path: Path) -> "Mapping[str, Tensor]":
    """Return the tensors of a file, by name, without running code that it may hold.

    Raises:
        WeightsError: there is no such file, or it cannot be read.
    """
    if not path.is_file():
        raise WeightsError(f"weights: there is no file {path}")
    try:
        return _read(path)
    except UnpicklingError as error:  # PyTorch's message advises to run the code in the file
        raise WeightsError(
            f"weights {path} cannot be read: damaged, or not only tensors, which could run code"
        ) from error
    except Exception as error:
        raise WeightsError(f"weights {path} cannot be read: {error}") from error


def _read(path: Path) -> "Mapping[str, Tensor]":
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    import torch

    # Without pickled code: a file of weights from the internet must not run anything.
    state = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(state, Mapping):
        raise WeightsError("it holds no dictionary of tensors")
    return state
