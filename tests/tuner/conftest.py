"""One Ray for all tests that need one, and an engine that needs none."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tuner.simulated import SimulatedEngine
from tuner.executors.allocation import Allocation


@pytest.fixture(scope="session")
def ray_started() -> Iterator[None]:
    """Ray, started once: the engine takes one that is there. More cores than any test's workers."""
    from tuner.executors.ray.cluster import connected

    with (
        tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as scratch,
        connected(Allocation(workers=4, threads=1, gpus=0), None, Path(scratch)),
    ):
        yield


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> SimulatedEngine:
    """Commands run their trials on a simulated clock."""
    simulated = SimulatedEngine()
    monkeypatch.setattr("tuner.executors.ray.run.run_on_ray", simulated)
    monkeypatch.setattr("tuner.objectives.analytic.time.sleep", lambda _: None)
    return simulated
