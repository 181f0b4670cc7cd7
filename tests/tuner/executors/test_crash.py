"""Kill it anywhere: a study is not lost."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tuner.crashes import SECTIONS, integrity, states, uninterrupted
from tests.tuner.processes import ROOT, Run
from tests.tuner.simulated import SimulatedEngine, history, run_tuner, study_file, trained
from tuner.records import TrialState


@pytest.mark.timeout(900)  # three starts of Ray, on whatever else runs there
def test_killed_again_and_again_it_equals_one_that_was_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    """Kill -9 of the driver, of all of Ray, and Ctrl-C; a second run in between is refused.

    Each start of Ray takes 10 s, so the end of the study is simulated.
    """
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    moment = random.Random(seed)
    file = study_file(tmp_path, **SECTIONS)
    folder = tmp_path / "results" / "toy"
    command = (file, "--results", tmp_path / "results")

    run = Run(*command)
    run.wait_for(folder, moment.randint(1, 6))
    assert run_tuner(*command, "--resume") == 2
    assert "is being run by another process" in capsys.readouterr().err
    time.sleep(moment.random() * 0.3)
    run.kill()
    assert integrity(folder) == "ok"

    run = Run(*command, "--resume")
    run.wait_for(folder, 8 + moment.randint(1, 6))
    time.sleep(moment.random() * 0.3)
    run.kill_ray()
    code, said = run.wait()
    assert code == 1
    assert "Ray has died" in said
    assert "--resume" in said
    assert TrialState.RUNNING not in states(folder).values()

    run = Run(*command, "--resume")
    run.wait_for(folder, 16 + moment.randint(1, 6))
    run.press_ctrl_c()
    code, said = run.wait()
    assert code == 130
    assert "interrupted; nothing is lost" in said
    assert "study.yaml --resume" in said
    assert "Traceback" not in said
    assert TrialState.RUNNING not in states(folder).values()

    request.getfixturevalue("engine")
    assert run_tuner(*command, "--resume") == 0
    whole = uninterrupted(tmp_path / "whole", **SECTIONS)
    assert history(folder) == history(whole)
    lines = trained(folder)
    assert set(lines) == set(trained(whole)), "no epoch is lost"
    assert len(lines) <= len(set(lines)) + 3, "but for those under way, none was trained twice"


@pytest.mark.timeout(600)
def test_told_to_end_at_any_moment_it_says_how_to_go_on(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """What Slurm, Kubernetes, systemd and a closed terminal send, while Ray starts or runs."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    moment = random.Random(seed)
    slow = SECTIONS | {"objective": {"max_epochs": 9, "seconds_per_epoch": 0.3}}  # in all 11 s
    file = study_file(tmp_path, **slow)
    folder = tmp_path / "results" / "toy"
    command: tuple[object, ...] = (file, "--results", tmp_path / "results")
    for number, code in (signal.SIGTERM, 143), (signal.SIGHUP, 129):
        run = Run(*command)
        run.wait_for_start(folder)
        time.sleep(moment.random() * 5)
        run.send(number)
        ended, said = run.wait(30)
        assert ended == code, said
        assert "interrupted; nothing is lost" in said
        assert "--resume" in said
        assert "***" not in said, "Ray's own trace"
        assert "Traceback" not in said
        assert TrialState.RUNNING not in states(folder).values()
        command = (*command[:3], "--resume")
    request.getfixturevalue("engine")
    assert run_tuner(*command) == 0
    whole = uninterrupted(tmp_path / "whole", **slow)
    assert history(folder) == history(whole)
    lines = trained(folder)
    assert set(lines) == set(trained(whole)), "no epoch is lost"
    assert len(lines) <= len(set(lines)) + 2, "but for those under way, none was trained twice"


KILLED_AT_ITS_START = """
import os, sys
from unittest.mock import patch
from tests.tuner.simulated import run_tuner

for place in sys.argv[3:]:
    child = os.fork()
    if child == 0:
        with patch(place, lambda *_: os._exit(9)):
            run_tuner(sys.argv[1], "--results", os.path.join(sys.argv[2], place))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_killed_while_it_is_made_it_can_be_made_again(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    file = study_file(tmp_path, **SECTIONS)
    places = [
        "tuner.lifecycle.create.write_environment",
        "tuner.records.Records.set_info",
        "pathlib.Path.rename",
        "tuner.records.Records.add_event",
    ]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT_ITS_START, str(file), str(tmp_path), *places],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert killed.stdout.split() == ["9"] * 4, killed.stderr
    for place in places:
        assert run_tuner(file, "--results", tmp_path / place) == 0, place
        assert len(states(tmp_path / place / "toy")) == 7
