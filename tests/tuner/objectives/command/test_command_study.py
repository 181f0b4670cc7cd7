"""Studies of a script: searched, stopped early, killed, and resumed."""

import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

import tuner
from tests.tuner.objectives.command.scripts import script
from tests.tuner.processes import Run
from tests.tuner.simulated import SimulatedEngine, history, run_tuner
from tuner.records import Records


def study_file(folder: Path, *more: str, **sections: Any) -> Path:
    document = {
        "study": "script",
        "objective": {
            "type": "command",
            "command": ["python", script(folder), "--rate", "{rate}", "--sleep={sleep}", *more],
            "sleep": 0.02,
        },
        "search": {"rate": {"low": 0.01, "high": 0.4, "log": True}},
        "metric": {"name": "cruelty", "direction": "minimize"},
        "sampler": {"type": "random"},
        "scheduler": {"type": "none"},
        "budget": {"trials": 4},
        "workers": 2,
        "gpus_per_trial": 0,
    }
    objective = document["objective"] | sections.pop("objective", {})
    file = folder / "script.yaml"
    file.write_text(yaml.safe_dump(document | sections | {"objective": objective}))
    return file


def values(folder: Path) -> dict[tuple[str, int], dict[str, float]]:
    trials, epochs = history(folder)
    return {(trials[number][0], epoch): metrics for (number, epoch), metrics in epochs.items()}


def test_it_stops_early_and_is_promoted(tmp_path: Path, engine: SimulatedEngine) -> None:
    file = study_file(
        tmp_path,
        objective={"max_epochs": 6},
        scheduler={"type": "asha", "grace_period": 1, "reduction_factor": 2},
        budget={"trials": 8},
        workers=1,
    )
    assert run_tuner(file, "--results", tmp_path) == 0
    study = tuner.load_study(tmp_path / "script")
    assert {trial.state for trial in study.trials} == {"complete", "stopped"}
    outputs = [(trial.folder / "output.txt").read_text() for trial in study.trials]
    with Records.open(study.folder) as records:
        assert [event for event in records.events() if event.kind == "promoted"]
    assert all(output.count("from epoch 0") == 1 for output in outputs), "none begins again"
    trials, epochs = history(study.folder)
    for number, (_, _, state, _, _) in enumerate(trials):
        counted = [epoch for trial, epoch in epochs if trial == number]
        assert counted == list(range(1, len(counted) + 1))
        assert (state == "complete") == (len(counted) == 6)


@pytest.mark.usefixtures("ray_started")
def test_it_stops_early_on_two_workers(tmp_path: Path) -> None:
    """A process that is stopped saves what it has, and goes on from there when it is promoted."""
    scheduler = {"type": "asha", "grace_period": 1, "reduction_factor": 2, "mode": "promote"}
    file = study_file(
        tmp_path, objective={"max_epochs": 6, "sleep": 0}, scheduler=scheduler,
        budget={"trials": 8},
    )  # fmt: skip
    assert run_tuner(file, "--results", tmp_path, "--quiet") == 0
    study = tuner.load_study(tmp_path / "script")
    assert {trial.state for trial in study.trials} == {"complete", "stopped"}
    workers = {epoch.worker for epoch in Records.open(study.folder).epochs()}
    assert len(workers) == 2
    for trial in study.trials:
        assert (trial.folder / "output.txt").read_text().count("from epoch 0") == 1
    _, epochs = history(study.folder)
    assert len(epochs) == len({*epochs})


def test_interrupted_it_resumes_to_the_same(tmp_path: Path, engine: SimulatedEngine) -> None:
    file = study_file(tmp_path, workers=1)
    run_tuner(file, "--results", tmp_path, "--name", "whole")
    engine.epochs = 9
    assert run_tuner(file, "--results", tmp_path, "--name", "cut") == 130
    engine.epochs = None
    assert run_tuner(file, "--results", tmp_path, "--name", "cut", "--resume") == 0
    assert values(tmp_path / "cut") == values(tmp_path / "whole")


def test_a_failure_is_told_with_its_last_words(tmp_path: Path, engine: SimulatedEngine) -> None:
    file = study_file(tmp_path, "--no-such-option", retries=0)
    assert run_tuner(file, "--results", tmp_path) == 1
    with Records.open(tmp_path / "script") as records:
        error = records.trials()[0].error or ""
    assert "unrecognized arguments: --no-such-option" in error


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (
            "python trian.py {rate}",
            "command.1 = trian.py: there is no such file in HERE, where",
        ),
        ("bash trian.sh {rate}", "command.1 = trian.sh: there is no such file in HERE, where"),
        ("./train.sh {rate}", "command.0 = ./train.sh: there is no such program in HERE, where"),
        ("./plain.sh {rate}", "command.0 = ./plain.sh: cannot be run: see chmod +x in HERE, where"),
        ("pyhton train.py {rate}", "command.0 = pyhton: there is no such program\n"),
        ("echo {rate}", "files.o.yml = o-template.yml: there is no such file in HERE, where"),
    ],
)
@pytest.mark.parametrize("options", [[], ["--dry-run"]], ids=str)
def test_what_is_not_there_is_told_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    command: str, message: str, options: list[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain.sh").write_text("exit\n")
    files = {"o.yml": "o-template.yml"}
    file = study_file(tmp_path, objective={"command": command.split(), "files": files})
    assert run_tuner(file, "--results", tmp_path / "results", *options) == 2
    said = capsys.readouterr().err
    assert f"error: objective.{message.replace('HERE', str(tmp_path))}" in said


@pytest.mark.parametrize(
    ("objective", "message"),
    [
        ({"rate_": 1, "command": ["a", "{rat}"]}, "{rat} is not a param of the objective section, "
         "and is not searched; did you mean rate?"),
        ({"environment": {"X": "{y}"}}, "{y} is not a param"),
        ({"command": []}, "objective.command = []: needs at least 1 item"),
        ({"command": ["a", 1]}, "objective.command.1 = 1: must be text; put it in quotes"),
        ({"metrics": {}}, "objective.metrics = {}: needs csv or tensorboard"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], objective: dict[str, Any], message: str
) -> None:
    assert run_tuner(study_file(tmp_path, objective=objective), "--results", tmp_path) == 2
    assert message in capsys.readouterr().err


@pytest.mark.timeout(600)
def test_killed_in_mid_epoch_nothing_runs_on_and_it_resumes_to_the_same(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = study_file(tmp_path, objective={"sleep": 0.3})
    study = tmp_path / "script"
    run = Run(file, "--results", tmp_path)
    run.wait_for(study, 4)
    time.sleep(0.1)
    trained = run.children("train.py")
    assert trained
    run.kill()
    end = time.monotonic() + 10
    while any(process.is_running() for process in trained):
        assert time.monotonic() < end, "the scripts outlive the run"
        time.sleep(0.05)
    cut = len(values(study))
    assert cut < 24
    request.getfixturevalue("engine")  # to its end without Ray, whose start takes seconds
    assert run_tuner(file, "--results", tmp_path, "--resume") == 0
    run_tuner(file, "--results", tmp_path, "--name", "whole")
    assert values(study) == values(tmp_path / "whole")
    lines = [
        f"{file.parent.name} {line}"
        for file in study.glob("trials/*/trained.txt")
        for line in file.read_text().splitlines()
    ]
    assert len(set(lines)) == 24
    assert len(lines) <= 26, "but for those under way, none was trained twice"
    assert not [
        process for process in psutil.process_iter(["cmdline"])
        if str(tmp_path) in " ".join(process.info["cmdline"] or ())
    ]  # fmt: skip
