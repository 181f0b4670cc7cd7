"""What the tests of data share: a cache of their own, and photographs made on the fly."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sr_models.data import DataConfig

MakePhotograph = Callable[..., Image.Image]
MakeFolder = Callable[..., Path]


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for each test."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("SR_TUNER_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session")
def photograph() -> MakePhotograph:
    """Makes a smooth colour picture with some noise, unlike that of any other seed."""

    def make(width: int = 100, height: int = 80, *, seed: int = 0) -> Image.Image:
        random = np.random.default_rng([seed, width, height])
        coarse = random.integers(0, 256, (5, 6, 3), dtype=np.uint8)
        smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        noise = random.integers(-8, 9, (height, width, 3))
        return Image.fromarray((np.asarray(smooth) + noise).clip(0, 255).astype(np.uint8))

    return make


@pytest.fixture
def make_folder(tmp_path: Path, photograph: MakePhotograph) -> MakeFolder:
    """Makes a folder of PNG photographs, `0.png` and so on."""

    def make(count: int, width: int = 100, height: int = 80, *, name: str = "images") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for seed in range(count):
            photograph(width, height, seed=seed).save(folder / f"{seed}.png")
        return folder

    return make


@pytest.fixture
def config_of() -> Callable[..., DataConfig]:
    """A config for a folder, with a small x."""

    def config(folder: Path, **settings: object) -> DataConfig:
        source = {"type": "folder", "path": folder}
        return DataConfig.model_validate({"source": source, "size": 16, **settings})

    return config
