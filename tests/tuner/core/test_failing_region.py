"""Many failures in a row are told once, with what their settings have in common."""

from pathlib import Path
from typing import Any

import pytest

from tests.tuner.simulated import new_study, study_config
from tuner.core.failing_region import MANY, region
from tuner.executors.simulation import SimulatedClock, simulate
from tuner.lifecycle.build import build_study
from tuner.records import Records, TrialKind, TrialRecord, TrialState


def trial(number: int, state: TrialState, params: dict[str, Any], reason: str = "") -> TrialRecord:
    return TrialRecord(number, f"T{number}", TrialKind.SEARCH, state, params, {}, reason=reason)


def failed(*settings: dict[str, Any]) -> list[TrialRecord]:
    return [trial(n, TrialState.FAILED, params) for n, params in enumerate(settings)]


def complete(*settings: dict[str, Any]) -> list[TrialRecord]:
    return [trial(n, TrialState.COMPLETE, params) for n, params in enumerate(settings)]


@pytest.mark.parametrize(
    ("bad", "good", "found"),
    [
        ([{"lr": 0.5}, {"lr": 0.2}], [{"lr": 0.1}], "lr >= 0.2"),
        ([{"lr": 0.01}, {"lr": 0.02}], [{"lr": 0.1}], "lr <= 0.02"),
        ([{"lr": 0.50004}], [{"lr": 0.50001}], "lr >= 0.50004"),
        ([{"lr": 0.123456789}], [{"lr": 0.5}], "lr <= 0.1235"),
        ([{"steps": 12345678}], [{"steps": 1}], "steps >= 12345678"),
        ([{"kind": "b"}, {"kind": "b"}], [{"kind": "a"}], "kind = b"),
        ([{"flag": True}], [{"flag": False}], "flag = true"),
        ([{"lr": 0.5}, {"lr": 0.05}], [{"lr": 0.1}], None),
        ([{"lr": 0.5, "kind": "b"}, {"kind": "b"}], [{"lr": 0.9, "kind": "a"}], "kind = b"),
        ([{"lr": 0.5}], [], None),
    ],
)
def test_the_condition_that_tells_failures_from_successes(
    bad: list[dict[str, Any]], good: list[dict[str, Any]], found: str | None
) -> None:
    assert region(failed(*bad), complete(*good)) == found


def test_it_is_told_when_failures_have_doubled(tmp_path: Path) -> None:
    config = study_config(
        tmp_path,
        objective={"max_epochs": 2, "nan_at": 1, "fault_above": 0.02},
        search={"x": {"low": 0.0, "high": 1.0}},
        baselines={"well": {"set": {"x": 0.0}}},
        sampler={"type": "random"},
        budget={"trials": 40},
    )
    new_study(config, tmp_path / "study").close()
    clock, told = SimulatedClock(), []
    with Records.open(tmp_path / "study", write=True) as records:
        study = build_study(config, records, workers=1, clock=clock)
        study.state.on_warning = told.append
        simulate(study, clock)
        warnings = [e.data["text"] for e in records.events() if e.kind == "warning"]
    assert warnings == told
    assert told[0].startswith(f"{MANY} of the last {MANY} trials failed (NonFiniteError)")
    assert 2 <= len(told) <= 4
