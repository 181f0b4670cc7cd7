"""`run --dry-run`: what it says of a space and of the time that a study takes."""

from pathlib import Path
from typing import Any

import pytest

from tests.tuner.simulated import study_config
from tuner.dry_run import print_dry_run

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
