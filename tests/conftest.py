"""What all tests share."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests stay together when pytest runs in several processes.

    Those of a file do, for they share what was made for them once; those that use Ray or MLflow's
    server do, for these are started once. Tests marked as `apart` are long and share nothing.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    if "ray_started" in getattr(item, "fixturenames", ()):
        return "ray"
    if "mlflow-server" in item.name:
        return "mlflow-server"
    return item.nodeid if item.get_closest_marker("apart") else str(item.path)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photographs and weights, where there is one."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SR_TUNER_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"needs the photographs of {folder} (set SR_TUNER_DATA)")
    return folder
