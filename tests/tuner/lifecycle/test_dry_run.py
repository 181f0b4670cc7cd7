"""`run --dry-run`: what it says of a space and of the time that a study takes."""

from pathlib import Path
from typing import Any

import pytest

from tests.tuner.simulated import run_tuner, study_config, study_file
from tuner.lifecycle.dry_run import print_dry_run

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


@pytest.mark.parametrize("option", [["--resume"], ["--extend", "2"]])
def test_it_is_for_new_studies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    assert run_tuner(study_file(tmp_path), "--dry-run", *option) == 2
    assert "--dry-run shows what a new study would take" in capsys.readouterr().err
