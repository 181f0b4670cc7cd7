"""`run --dry-run`: what it says of a space and of the time that a study takes."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.tuner.simulated import run_tuner, study_config, study_file
from tuner.analysis.program import program_here
from tuner.config import StudyConfig, load_study
from tuner.executors.allocation import Machine
from tuner.lifecycle.dry_run import print_dry_run
from tuner.objectives.analytic import Analytic
from tuner.objectives.protocol import Cost

RATE = {"low": 0.0, "high": 1.0}


def dry_run(folder: Path, capsys: pytest.CaptureFixture[str], **sections: Any) -> list[str]:
    """The lines below the rule: the study itself stands above it."""
    config = study_config(folder, workers=1, **sections)
    print_dry_run(config, folder / "study")
    assert not (folder / "study").exists()
    lines = capsys.readouterr().out.splitlines()
    return lines[next(i for i, line in enumerate(lines) if line.startswith("space ")) :]


def test_dimensions_that_are_never_searched_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = {
        "x": RATE | {"when": {"kind": "b"}},  # kind is a, and not searched
        "y": RATE,
        "depth": {"low": 1, "high": 3, "when": {"kind": "a"}},
    }
    lines = dry_run(tmp_path, capsys, search=search)
    assert lines[1] == "  x is never searched: nothing that is searched meets its condition"
    assert sum("never searched" in line for line in lines) == 1
    search["kind"] = {"choice": ["a", "b"]}
    assert not any("never searched" in line for line in dry_run(tmp_path, capsys, search=search))


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.0, "under 1 s for 126 epochs"), (1.0, "at most 2 min for 126 epochs")]
)
def test_the_time_is_a_bound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seconds: float, said: str
) -> None:
    lines = dry_run(tmp_path, capsys, objective={"seconds_per_epoch": seconds})
    (time,) = [line for line in lines if line.startswith("time ")]
    assert said in time


def test_it_says_where_results_cannot_lie(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dry_run(tmp_path, capsys)[-1].endswith("(would be made)")
    # Root may write anywhere, so a folder that cannot be written is played by os.access.
    monkeypatch.setattr("tuner.lifecycle.dry_run.os.access", lambda *_: False)
    (line,) = [line for line in dry_run(tmp_path, capsys) if line.startswith("results ")]
    assert line.endswith(f"(cannot be made in {tmp_path})")


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"search": {}}, "nothing is searched; 0 baselines, and the objective section as it is"),
        ({"search": {}, "budget": {"trials": 0}, "baselines": {"a": {}}}, "nothing is searched; 1"),
        ({"search": {"kind": {"choice": ["a", "b"]}}}, "1 dimensions, 2 settings; 0 baselines, 2"),
        ({"budget": {"wall_clock": 60}}, "any number of proposals"),
    ],
)
def test_no_more_is_promised_than_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sections: dict[str, Any], said: str
) -> None:
    assert said in dry_run(tmp_path, capsys, **sections)[0]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.05, "0.05 s an epoch"), (170.0, "3 min an epoch")]
)
def test_durations_are_for_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seconds: float, said: str
) -> None:
    lines = dry_run(tmp_path, capsys, objective={"seconds_per_epoch": seconds})
    assert any(line.startswith(f"time         {said} of the base setting") for line in lines)


def test_notes_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left_out = tuple(f"not usable: {number}.png: is empty" for number in range(14))
    monkeypatch.setattr(Analytic, "cost", lambda *_: Cost(notes=left_out))
    lines = dry_run(tmp_path, capsys, search={"x": RATE | {"step": 0.3}})
    told = [line.removeprefix("note         ") for line in lines if line.startswith("note ")]
    assert told[:13] == [*left_out[:12], "and 2 more"]
    assert told[13].startswith("search.x: steps of 0.3")


def test_the_machine_is_that_at_the_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def machine(address: str) -> Machine:
        asked.append(address)
        return Machine(cores=12, gpus=0)

    monkeypatch.setattr("tuner.executors.ray.cluster.cluster_machine", machine)
    file = study_file(tmp_path)
    assert run_tuner(file, "--dry-run", "--address", "head:1", "--results", tmp_path / "r") == 0
    lines = capsys.readouterr().out.splitlines()
    assert asked == ["head:1"]
    assert "workers      12, each with 1 thread" in lines
    options = ("--address", "head:1", "--results", tmp_path / "r")
    assert lines[-1] == f"next         {program_here().command('tuner.run', file, *options)}"


def test_on_a_terminal_lines_end_between_words_and_the_command_can_be_copied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tuner.lifecycle.dry_run.Console",
        lambda: Console(force_terminal=True, color_system=None, width=60),
    )
    lines = dry_run(tmp_path, capsys, search={"x": RATE | {"step": 0.3}})
    first = next(index for index, line in enumerate(lines) if line.startswith("note "))
    assert lines[first : first + 2] == [
        "note         search.x: steps of 0.3 from 0 do not reach high",
        "             (1); the largest value tried is 0.9",
    ]
    config = study_config(tmp_path)
    command = "python -m tuner.run a/long/name/of/a/study.yaml --name mine --max-time 2h"
    print_dry_run(config, tmp_path / "study", command=command)
    shown = capsys.readouterr().out.partition("next ")[2]
    assert shlex.split(shown.replace("\\\n", "")) == shlex.split(command)
    assert all(len(line) <= 60 for line in shown.splitlines())


def test_what_a_study_with_a_folder_goes_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    assert (
        run_tuner(study_file(tmp_path), "--dry-run", "--results", tmp_path, "--name", "mine") == 0
    )
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"results      {tmp_path / 'mine'} (exists already: give this run another --name, or go on "
        "with --resume)"
    )


def test_photographs_in_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[StudyConfig] = []
    monkeypatch.setattr(
        "tuner.lifecycle.dry_run.print_dry_run", lambda config, *_, **__: shown.append(config)
    )
    file = tmp_path / "x.yaml"
    file.write_text("objective: {data: {size: 24, source: {type: sample}}}")
    assert run_tuner(file, "--dry-run", "--data", "my photos: 1") == 0
    long = ["objective.data.source.type=folder", "objective.data.source.path='my photos: 1'"]
    assert shown == [load_study(file, long)]
    assert shown[0].objective_config.model_dump()["data"]["size"] == 24


@pytest.mark.parametrize("option", [["--resume"], ["--extend", "2"]])
def test_it_is_for_new_studies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    assert run_tuner(study_file(tmp_path), "--dry-run", *option) == 2
    assert "--dry-run shows what a new study would take" in capsys.readouterr().err
