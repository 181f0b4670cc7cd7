"""What all tests share."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photographs and weights, where there is one."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SR_TUNER_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"needs the photographs of {folder} (set SR_TUNER_DATA)")
    return folder
