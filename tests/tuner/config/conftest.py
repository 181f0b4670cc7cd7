"""A study file for each test."""

from pathlib import Path

import pytest

from tests.tuner.config.step4 import STUDY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "step4.yaml"
    path.write_text(STUDY)
    return path
