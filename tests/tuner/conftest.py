"""An engine that needs no Ray."""

from collections.abc import Iterator

import pytest

from tests.sr_models.commands import Run, runner
from tests.tuner.simulated import SimulatedEngine, hurry_epochs
from tuner.lifecycle import environment


@pytest.fixture(scope="session", autouse=True)
def _git_is_asked_once() -> Iterator[None]:
    """Many hundred studies are made here, all of one commit."""
    commit = environment.git_commit()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environment, "git_commit", lambda: commit)
        yield


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> SimulatedEngine:
    """Commands run their trials on a simulated clock."""
    simulated = SimulatedEngine()
    monkeypatch.setattr("tuner.executors.ray.run.run_on_ray", simulated)
    hurry_epochs(monkeypatch)
    return simulated


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`python -m tuner.report` in this process."""
    from tuner.report import report

    monkeypatch.setenv("COLUMNS", "80")
    return runner(report, capsys)
