"""What is said of files that are not what they should be, each as a person reads it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from sr_models.errors import UserError
from sr_models.inference.model_file import load_model, read_description
from sr_models.inference.target_names import target_names
from sr_models.networks.vgg16.weights import load_weights
from sr_models.training.checkpoint import copy_weights, read_checkpoint

OWN = {"type": "own", "code": "somebody.net:Net"}


def described(file: Path, text: str) -> Path:
    """A file of weights that says this of itself."""
    save_file({"w": torch.zeros(1)}, file, {"sr_models": text})
    return file


def cut(file: Path) -> Path:
    """A file that ends in the middle of its weights."""
    described(file, "{}")
    file.write_bytes(file.read_bytes()[:-2])
    return file


def listed(file: Path) -> str:
    """A file of PyTorch with a list in it."""
    torch.save([1, 2], file)
    return str(file)


CASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a model that is cut off": (
        lambda here: read_description(cut(here / "m")),
        "m: not a model file (...)",
    ),
    "a model that does not describe itself": (
        lambda here: read_description(described(here / "m", "not JSON")),
        "m: its description cannot be read: Expecting value: line 1 column 1 (char 0)",
    ),
    "a model whose description is a list": (
        lambda here: read_description(described(here / "m", "[]")),
        "m: its description is not a table",
    ),
    "a model that would run somebody's code": (
        lambda here: load_model(described(here / "m", json.dumps({"format": 1, "network": OWN}))),
        "m: its network is built by somebody.net:Net, which would be imported, and so run. If you "
        "trust it, set SR_MODELS_ALLOW=somebody.net:Net, or call load_model with "
        "allow=['somebody.net:Net']",
    ),
    "a checkpoint that is cut off": (
        lambda here: read_checkpoint(cut(here / "checkpoint.safetensors").parent),
        "checkpoint.safetensors: not a readable checkpoint (...)\n"
        "Delete these files to train from the first epoch again.",
    ),
    "a donor without a checkpoint": (
        lambda here: copy_weights(here / "none", here, epoch=1),
        "none: no checkpoint to copy weights from",
    ),
    "weights of VGG16 that are none": (
        lambda here: (
            torch.save([1, 2], here / "v.pth"),
            load_weights(torch.nn.Sequential(), str(here / "v.pth")),
        ),
        "VGG16 weights v.pth cannot be read: it holds no dictionary of tensors. Download "
        "https://download.pytorch.org/models/vgg16-397923af.pth elsewhere and set `weights` to the "
        "path of that file (a .safetensors file with the keys features.N.weight and "
        "features.N.bias will do too), or set `weights: random` to go without.",
    ),
    "two images that would become one": (
        lambda here: target_names([here / "a" / "x.png", here / "b" / "x.png"], "4"),
        "2 images would become x.png_x4.png: enlarge the images of each folder separately, with "
        "different --output folders",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_says_what_is_wrong_and_what_to_do(tmp_path: Path, case: str) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    cause, expected = CASES[case]
    with pytest.raises((UserError, RuntimeError)) as caught:
        cause(tmp_path)
    said = str(caught.value).replace(f"{tmp_path}/", "")
    assert re.sub(r"\(Error [^)]*\)", "(...)", said) == expected, "in brackets safetensors' own"
