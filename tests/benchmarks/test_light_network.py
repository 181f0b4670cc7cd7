"""The benchmark of the light network: which images train, and whether its settings are valid."""

import sys
from pathlib import Path

import pytest

from sr_models.config import TrainConfig
from sr_models.inference.evaluation import score_folders
from sr_models.inference.model_file import read_description

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "results" / "reference" / "light-291"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import light_network

    yield light_network
    del sys.modules["light_network"]


def test_the_291_train_and_others_validate(benchmark, tmp_path: Path) -> None:
    listed = benchmark.TRAIN_LIST.read_text().split()
    assert len(listed) == len(set(listed)) == 200
    t91, bsds = tmp_path / "t91", tmp_path / "bsds"
    for folder, names in ((t91, range(91)), (bsds, [*listed, *range(10**7, 10**7 + 200)])):
        folder.mkdir()
        for name in names:
            (folder / f"{name}.jpg").touch()
    for _ in range(2):  # the second time, the links are there
        train, validation = benchmark.gather(t91, bsds, tmp_path / "images")
    assert len(list(train.iterdir())) == 291
    validated = [link.resolve().stem for link in validation.iterdir()]
    assert len(validated) == 10
    assert not set(validated) & set(listed)
    config = TrainConfig.model_validate(benchmark.settings(train, validation, 40, 32, 5))
    assert config.data.patches is not None


def test_the_reference_model_scores_what_is_said(shared_data: Path) -> None:
    model = REFERENCE / "model.safetensors"
    assert read_description(model)["network"]["type"] == "light"
    found = score_folders(str(model), [shared_data / "set5"], "cpu")
    scores = " / ".join(f"{one.model.psnr:.2f}" for one in found)
    assert scores == "37.46 / 31.35"
    assert scores in (REFERENCE.parent / "README.md").read_text()
