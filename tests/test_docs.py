"""The walk-throughs in docs/ run as they are printed: files are written, commands are run."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tuner
from tests.in_process import run_here
from tests.tuner.simulated import SimulatedEngine
from tuner.config import load_study

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"# ([\w.-]+\.\w+)\n")

WALKS = {
    "own-function": {"digits": 12, "from-file": 4},
    "own-class": {"digits-class": 6},
    "own-command": {"script": 5, "table": 3, "filled": 3},
    "own-parts": {"wide": 2, "sharp": 2},
    "own-search": {"own": 6},
}
"""Walk-through -> its studies, and how many trials they end with."""


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Name and content of each file, and "" and the line of each command, in their order."""
    for language, content in BLOCK.findall(text):
        if language == "sh":
            yield from (("", line) for line in content.splitlines() if line.strip())
        elif named := FILE.match(content):
            yield named[1], content


@pytest.mark.timeout(900)
@pytest.mark.slow
@pytest.mark.parametrize("name", WALKS)
def test_a_walk_through_runs_as_it_stands(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Ray: the README's own function, and commands in their tests, run on real workers."""
    monkeypatch.setattr("tuner.executors.ray.run.run_on_ray", SimulatedEngine())
    found = list(steps((ROOT / "docs" / f"{name}.md").read_text()))
    for file, content in found:  # a command may need a file that is shown after it
        if file:
            (tmp_path / file).write_text(content)
    for file, line in found:
        if not file:
            done = run_here(line, tmp_path)
            assert done.code == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    studies = {folder.name for folder in (tmp_path / "results").iterdir()}
    assert studies == WALKS[name].keys()
    for study, trials in WALKS[name].items():
        loaded = tuner.load_study(tmp_path / "results" / study)
        assert len(loaded.trials) == trials
        assert not [trial.error for trial in loaded.trials if trial.error]
        assert loaded.best.value is not None
        assert (loaded.folder / "report.html").is_file()
    if name == "own-search":
        assert_copied(tmp_path / "results" / "own")


def assert_copied(folder: Path) -> None:
    """The tracker's tables hold every epoch of every trial once, and how it has ended."""
    tables = folder / "trackers" / "tables"
    for trial in tuner.load_study(folder).trials:
        *rows, end = csv.reader((tables / f"{trial.name}.csv").read_text().splitlines())
        heights = {int(epoch): float(value) for epoch, name, value in rows if name == "height"}
        assert list(heights) == list(range(1, trial.epochs + 1))
        assert min(heights.values()) == trial.value
        assert len(rows) == 2 * trial.epochs, "with the seconds of each"
        assert end[0] == trial.state


def test_every_walk_through_is_tested() -> None:
    assert {file.stem for file in (ROOT / "docs").glob("own-*.md")} == WALKS.keys()


def test_the_study_files_for_public_scripts_are_valid(tmp_path: Path) -> None:
    """The scripts are others', and are not here to be run."""
    found = dict(steps((ROOT / "docs" / "public-scripts.md").read_text()))
    assert found.keys() == {"mnist.yaml", "basicsr.yaml"}
    for name, content in found.items():
        (tmp_path / name).write_text(content)
        assert load_study(tmp_path / name).objective_type == "command"
