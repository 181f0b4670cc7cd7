"""A few tiny photographs, and configs small enough to train on them in milliseconds."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from sr_models.config import TrainConfig
from sr_models.data import PyramidData, open_pyramids

IMAGES = 12
SIZE = 8  # of x; large is 32

MakeConfig = Callable[..., TrainConfig]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SR_TUNER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Smooth colourful images: something that upscaling can be learned on."""
    folder = tmp_path_factory.mktemp("photographs")
    random = np.random.default_rng(0)
    for number in range(IMAGES):
        seeds = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        seeds.resize((40, 40), Image.Resampling.BICUBIC).save(folder / f"{number:02}.png")
    return folder


@pytest.fixture(scope="session")
def make_config(photographs: Path) -> MakeConfig:
    """Make a tiny config; parts that are given are merged into it."""

    def make(**parts: Any) -> TrainConfig:
        tiny: dict[str, Any] = {
            "data": {"source": {"type": "folder", "path": str(photographs)}, "size": SIZE},
            "network": {"type": "progressive", "depth": 1, "channels": 4},
            # On the CPU, whose numbers and times the tests are about, also where there is a GPU.
            "training": {"max_epochs": 2, "batch_size": 4, "pictures": 1, "device": "cpu"},
        }
        for name, part in parts.items():
            keep = isinstance(part, dict) and not (name in tiny and "type" in part)
            tiny[name] = {**tiny.get(name, {}), **part} if keep else part
        return TrainConfig.model_validate(tiny)

    return make


@pytest.fixture(scope="session")
def data(make_config: MakeConfig) -> PyramidData:
    return open_pyramids(make_config().data)
