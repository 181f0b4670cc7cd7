"""A study of super-resolution that is searched by a metric of one's own, lower being better."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

import tuner
from tests.tuner.simulated import SimulatedEngine, run_tuner
from tuner.analysis.snapshot import open_snapshot
from tuner.cli import run_command
from tuner.page.study_data import study_data
from tuner.records import Records
from tuner.report import report

STUDY = {
    "study": "cruel",
    "objective": {
        "data": {"source": {"type": "sample"}, "limit": 6, "size": 8},
        "network": {"type": "espcn", "channels": 4, "outputs": ["mid"]},
        "training": {"max_epochs": 2, "pictures": 0},
        "metrics": {
            "cruelty": {
                "code": "tests.sr_models.own_parts:edges",
                "direction": "minimize",
                "decimals": 3,
                "unit": "grey",
            }
        },
    },
    "search": {"optimizer.learning_rate": {"low": 1e-5, "high": 1e-1, "log": True}},
    "metric": "validation/cruelty",
    "scheduler": {"type": "none"},
    "budget": {"trials": 3},
    "workers": 1,
}
NAME = "validation/cruelty"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: SimulatedEngine) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SR_TUNER_CACHE", str(tmp_path / "cache"))
    Path("cruel.yaml").write_text(yaml.safe_dump(STUDY))
    return tmp_path


def lowest(folder: Path) -> dict[str, float]:
    """Each trial's best value, from the records alone."""
    with Records.open(folder) as records:
        trials = {trial.number: trial.name for trial in records.trials()}
        values: dict[str, list[float]] = {name: [] for name in trials.values()}
        for row in records.epochs():
            values[trials[row.trial]].append(row.metrics[NAME])
    return {name: min(found) for name, found in values.items()}


def test_it_is_right_everywhere(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_tuner("cruel.yaml") == 0
    shown = capsys.readouterr().out
    study, wanted = folder / "results" / "cruel", lowest(folder / "results" / "cruel")
    best = min(wanted, key=wanted.__getitem__)
    assert len(set(wanted.values())) == 3
    assert f"{wanted[best]:.3f}" in shown

    found = tuner.load_study(study)
    assert (found.best.name, found.best.value) == (best, wanted[best])
    with suppress(SystemExit):
        run_command(report, [str(study), "--format", "json"])
    told = json.loads(capsys.readouterr().out)
    assert told["metric"] == NAME
    assert {one["trial"]: one["metrics"][NAME]["best"] for one in told["trials"]} == wanted
    assert told["baseline_bicubic"][NAME] > 0
    assert told["trials"][0]["trial"] == best, "the lowest comes first"

    page = study_data(open_snapshot(study), key="k", place="results/cruel", revision=1)
    column = page["columns"][NAME]
    assert (column["less"], column["unit"], column["decimals"]) == (True, "grey", 3)
    assert column["apart"] == ("metrics.cruelty",)


def test_it_resumes_and_what_it_is_called_with_can_be_searched(
    folder: Path, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then values are compared where the metric is the same only, like losses."""
    searched = ("--set", "search={metrics.cruelty.args.weight: {choice: [1.0, 2.0]}}")
    engine.epochs = 3
    assert run_tuner("cruel.yaml", *searched, "--set", "metric=validation/psnr") == 130
    engine.epochs = None
    assert run_tuner("results/cruel/study.yaml", "--resume") == 0
    assert len(lowest(folder / "results" / "cruel")) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("metric=validation/cruelties", "no such metric; did you mean validation/cruelty?"),
        ("objective.metrics.cruelty.direction=up", "direction = up: must be maximize or minimize"),
        ("objective.metrics.cruelty.code=nowhere", "code = nowhere: must be module:name or file"),
        ("objective.metrics.cruelty.code=no.such:one", "no.such cannot be imported"),
        ("objective.metrics.ssim={code: a:b, direction: minimize}", "measured already"),
        ("objective.metrics.Cruel={code: a:b, direction: minimize}", "name is a lower-case letter"),
        ("objective.optimizer={type: own, code: 'torch.optim:LBFGS'}", "its step cannot be called"),
    ],
)
def test_what_is_wrong_is_told_before_a_trial_starts(
    folder: Path, capsys: pytest.CaptureFixture[str], change: str, message: str
) -> None:
    assert run_tuner("cruel.yaml", "--set", change) == 2
    assert message in capsys.readouterr().err
