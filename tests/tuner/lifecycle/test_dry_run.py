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
from tuner.lifecycle.model_sizes import ModelSizes
from tuner.objectives.analytic import Analytic
from tuner.objectives.protocol import Cost

RATE = {"low": 0.0, "high": 1.0}


def dry_run(folder: Path, capsys: pytest.CaptureFixture[str], **sections: Any) -> list[str]:
    """What is printed, line by line."""
    config = study_config(folder, workers=1, **sections)
    print_dry_run(config, folder / "study")
    assert not (folder / "study").exists()
    return capsys.readouterr().out.splitlines()


def row(lines: list[str], heading: str) -> str:
    """What stands behind a heading."""
    (found,) = [line for line in lines if line.startswith(f"{heading} ")]
    return found.removeprefix(heading).strip()


def test_dimensions_that_are_never_searched_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = {
        "x": RATE | {"when": {"kind": "b"}},  # kind is a, and not searched
        "y": RATE,
        "depth": {"low": 1, "high": 3, "when": {"kind": "a"}},
    }
    lines = dry_run(tmp_path, capsys, search=search)
    assert row(lines, "note") == (
        "x is never searched: nothing that is searched meets its condition"
    )
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
    assert row(lines, "time").startswith(said)


def test_it_says_where_results_cannot_lie(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert row(dry_run(tmp_path, capsys), "results").endswith("(would be created)")
    # Root may write anywhere, so a folder that cannot be written is played by os.access.
    monkeypatch.setattr("tuner.lifecycle.dry_run.os.access", lambda *_: False)
    assert row(dry_run(tmp_path, capsys), "results").endswith(f"(cannot be created in {tmp_path})")


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"search": {}}, "nothing: no setting varies; the objective section as it is"),
        (
            {"search": {}, "budget": {"trials": 0}, "baselines": {"a": {}}},
            "nothing: no setting varies; 1 baseline",
        ),
        ({"search": {"kind": {"choice": ["a", "b"]}}}, "1 setting, with 2 values; 2 proposals"),
        (
            {"budget": {"wall_clock": 60}, "baselines": {"a": {}, "b": {"set": {"x": 0.5}}}},
            "3 settings, in infinitely many combinations; 2 baselines, then as many proposals as "
            "the time allows",
        ),
    ],
)
def test_no_more_is_promised_than_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sections: dict[str, Any], said: str
) -> None:
    assert row(dry_run(tmp_path, capsys, **sections), "search") == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.05, "0.05 s an epoch"), (170.0, "3 min an epoch")]
)
def test_durations_are_for_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seconds: float, said: str
) -> None:
    lines = dry_run(tmp_path, capsys, objective={"seconds_per_epoch": seconds})
    assert row(lines, "time").endswith(f"; {said}, measured here with the objective section")


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

    def machine(address: str) -> list[Machine]:
        asked.append(address)
        return [Machine(cores=12, gpus=0)]

    monkeypatch.setattr("tuner.executors.ray.cluster.cluster_machines", machine)
    file = study_file(tmp_path)
    assert run_tuner(file, "--dry-run", "--address", "head:1", "--results", tmp_path / "r") == 0
    lines = capsys.readouterr().out.splitlines()
    assert asked == ["head:1"]
    assert row(lines, "workers") == "12 trials at a time, each with 1 thread"
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
    lines = capsys.readouterr().out.splitlines()
    assert row(lines, "results") == (
        f"{tmp_path / 'mine'} (exists already and is not a study: give this run another --name or "
        "--results)"
    )
    assert "--name mine-2 " in f"{row(lines, 'next')} "


def test_photographs_in_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[StudyConfig] = []
    monkeypatch.setattr(
        "tuner.lifecycle.dry_run.print_dry_run", lambda config, *_, **__: shown.append(config)
    )
    monkeypatch.chdir(tmp_path)
    Path("my photos: 1").mkdir()
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
    assert "--dry-run is about a new study" in capsys.readouterr().err


def test_the_answer_comes_first_and_the_whole_file_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = study_file(tmp_path, workers=1)
    assert run_tuner(file, "--dry-run", "--results", tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["study", "toy"]
    assert "--print-study" in row(lines, "settings")
    assert len(lines) < 24, "it fits a terminal"
    assert run_tuner(file, "--print-study", "--set", "objective.max_epochs=5") == 0
    printed = tmp_path / "printed.yaml"
    printed.write_text(capsys.readouterr().out)
    assert load_study(printed) == load_study(file, ["objective.max_epochs=5"])


def test_what_an_objective_does_not_say_is_named_with_what_bounds_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Analytic, "cost", lambda *_: None)
    assert row(dry_run(tmp_path, capsys), "time") == (
        "not known before the first trials: the objective does not say how long an epoch takes; "
        "for example --max-time 30m would limit it"
    )
    monkeypatch.setattr(Analytic, "cost", lambda *_: Cost(data="3 images"))
    monkeypatch.setattr(Analytic, "max_epochs", lambda *_: None)
    lines = dry_run(tmp_path, capsys, budget={"wall_clock": 600})
    assert row(lines, "time").endswith("how many epochs a trial has; it ends after 10 min")
    assert row(lines, "data") == "3 images"


def test_many_networks_are_told_by_the_smallest_and_the_largest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = ModelSizes(tuple((f"depth={n}", 1000.0 * n) for n in range(1, 14)))
    monkeypatch.setattr("tuner.lifecycle.dry_run.model_sizes", lambda *_: sizes)
    lines = dry_run(tmp_path, capsys)
    at = next(i for i, line in enumerate(lines) if line.startswith("networks "))
    assert [line.strip() for line in lines[at : at + 3]] == [
        "networks     13 among settings drawn at random; the smallest and the largest:",
        "1,000 parameters  depth=1",
        "13,000 parameters  depth=13",
    ]


def test_sizes_are_a_range_where_nothing_says_which_settings_decide_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = {"depth": {"low": 1, "high": 3}, "x": {"low": 0.0, "high": 1.0}}
    lines = dry_run(tmp_path, capsys, search=search)
    at = next(i for i, line in enumerate(lines) if line.startswith("networks "))
    assert [line.strip() for line in lines[at : at + 3]] == [
        "networks     the smallest and the largest of settings drawn at random:",
        "1,000 parameters",
        "3,000 parameters",
    ]


def test_networks_of_one_size_share_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = ModelSizes((("skip=bicubic", 1000.0), ("skip=none", 1000.0)))
    monkeypatch.setattr("tuner.lifecycle.dry_run.model_sizes", lambda *_: sizes)
    lines = dry_run(tmp_path, capsys)
    assert row(lines, "networks") == "2, all of the same size:"
    assert "1,000 parameters  skip=bicubic; skip=none" in [line.strip() for line in lines]
