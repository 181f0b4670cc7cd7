"""An engine that needs no Ray."""

import pytest

from tests.tuner.simulated import SimulatedEngine


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> SimulatedEngine:
    """Commands run their trials on a simulated clock."""
    simulated = SimulatedEngine()
    monkeypatch.setattr("tuner.executors.ray.run.run_on_ray", simulated)
    monkeypatch.setattr("tuner.objectives.analytic.time.sleep", lambda _: None)
    return simulated
