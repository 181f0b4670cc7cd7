"""The config of the data, and that it costs nothing to load."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from sr_models.data import DataConfig
from sr_models.data.sources import FolderSource, SampleSource, Source, Voc2007Source


def test_the_defaults_are_the_reports_pyramid_of_the_sample() -> None:
    config = DataConfig()
    assert config.sides == (72, 144, 288)
    assert isinstance(config.source, SampleSource)
    assert config.resize == "squash"


def test_a_config_survives_json() -> None:
    config = DataConfig(source=FolderSource(path=Path("photographs")), limit=10)
    assert DataConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "sample"}, SampleSource()),
        ({"type": "voc2007", "download": True}, Voc2007Source(download=True)),
        ({"type": "folder", "path": "a/b"}, FolderSource(path=Path("a/b"))),
    ],
)
def test_type_names_the_source(value: dict[str, object], expected: Source) -> None:
    assert TypeAdapter(Source).validate_python(value) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"validation": 0.0},
        {"validation": 1.0},
        {"validation": float("nan")},
        {"size": 0},
        {"limit": 1},
        {"resample": "box"},
        {"resize": "pad"},
        {"split_seed": -1},
        {"typo": 1},
        {"source": {"type": "imagenet"}},
        {"source": {"type": "folder"}},
        {"source": {"type": "folder", "path": ""}},
        {"source": {"type": "sample", "path": "x"}},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DataConfig.model_validate(wrong)


def test_loading_a_config_imports_nothing_heavy() -> None:
    heavy = "torch", "torchvision", "skimage", "sklearn", "scipy", "pandas", "rich"
    program = (
        "import sys; import sr_models.data.config as c; c.DataConfig(); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"
