"""On what a study runs: this machine, or a cluster that somebody names."""

from pathlib import Path

import pytest

from tests.tuner.simulated import run_tuner, study_file
from tuner.executors.allocation import Machine
from tuner.lifecycle.allocate import cluster_address


@pytest.mark.parametrize(
    ("given", "variable", "meant"),
    [
        (None, None, None),
        (None, "", None),
        (None, "head:6379", "head:6379"),
        ("other:6379", "head:6379", "other:6379"),
    ],
)
def test_the_cluster_is_the_one_given_or_else_rays_own(
    monkeypatch: pytest.MonkeyPatch, given: str | None, variable: str | None, meant: str | None
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    if variable is not None:
        monkeypatch.setenv("RAY_ADDRESS", variable)
    assert cluster_address(given) == meant


def test_a_command_that_ray_started_runs_on_its_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `ray job submit` and KubeRay start it."""
    asked: list[str] = []

    def machine(address: str) -> list[Machine]:
        asked.append(address)
        return [Machine(7, 0)]

    monkeypatch.setattr("tuner.executors.ray.cluster.cluster_machines", machine)
    monkeypatch.setenv("RAY_ADDRESS", "head:6379")
    assert run_tuner(study_file(tmp_path), "--results", tmp_path, "--dry-run") == 0
    assert asked == ["head:6379"]
