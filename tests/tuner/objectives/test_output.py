"""What training code prints, kept in its trial's folder."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from tests.tuner.objectives.functions import objective, run
from tuner.objectives.function import FreeParams
from tuner.objectives.protocol import TrialContext
from tuner.objectives.trial import Trial

Params = dict[str, Any]


def chatty(params: Params, trial: Trial) -> Iterator[dict[str, float]]:
    try:
        for epoch in range(trial.epoch + 1, 4):
            print(params["name"], "trains", epoch)
            trial.save(epoch)
            yield {"loss": 1 / epoch}
    finally:
        print(params["name"], "leaves", file=sys.stderr)


def test_is_in_a_file_and_nowhere_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(objective(chatty), tmp_path, name="it", most=2)
    run(objective(chatty), tmp_path, name="it", recorded=2)
    said = ["trains 1", "trains 2", "leaves", "trains 3", "leaves"]
    assert (tmp_path / "output.txt").read_text().splitlines() == [f"it {word}" for word in said]
    assert capsys.readouterr() == ("", "")


def test_trials_that_take_turns_have_their_own(tmp_path: Path) -> None:
    runs = []
    for name in "ab":
        (tmp_path / name).mkdir()
        context = TrialContext(tmp_path / name, 0, threads=1)
        runs.append(objective(chatty).run(FreeParams.model_validate({"name": name}), context))
    for _ in range(4):
        for epochs in runs:
            next(epochs, None)
    for name in "ab":
        lines = (tmp_path / name / "output.txt").read_text().splitlines()
        assert {line.split()[0] for line in lines} == {name}
        assert len(lines) == 4


def test_what_logging_and_other_programs_say_is_there_too(tmp_path: Path) -> None:
    logger = logging.getLogger("of a stranger")

    def train(params: Params, trial: Trial) -> dict[str, float]:
        if not logger.handlers:  # once in a process: the handler keeps the stream that it finds
            logger.addHandler(logging.StreamHandler())
        logger.warning("warned in %s", trial.folder.name)
        subprocess.run(["echo", "hello"], stdout=sys.stdout, check=True)
        return {"loss": 1.0}

    for name in ("first", "second"):
        run(objective(train), tmp_path / name)
        assert (tmp_path / name / "output.txt").read_text() == f"warned in {name}\nhello\n"


def test_a_redirection_of_ones_own_lasts_until_its_end(tmp_path: Path) -> None:
    def train(params: Params, trial: Trial) -> Iterator[dict[str, float]]:
        with (trial.folder / "own.txt").open("w") as own, redirect_stdout(own):
            for epoch in (1, 2):
                print(epoch)
                yield {"loss": 1.0}
        print("after")

    run(objective(train), tmp_path)
    assert (tmp_path / "own.txt").read_text() == "1\n2\n"
    assert (tmp_path / "output.txt").read_text() == "after\n"


def test_closing_it_takes_it_from_no_other_trial(tmp_path: Path) -> None:
    def train(params: Params, trial: Trial) -> dict[str, float]:
        print("last words")
        sys.stdout.close()
        return {"loss": 1.0}

    for name in ("first", "second"):
        run(objective(train), tmp_path / name)
        assert (tmp_path / name / "output.txt").read_text() == "last words\n"


def test_where_nothing_is_said_there_is_no_file(tmp_path: Path) -> None:
    run(objective(lambda params, trial: {"loss": 1.0}), tmp_path)
    assert list(tmp_path.iterdir()) == []
