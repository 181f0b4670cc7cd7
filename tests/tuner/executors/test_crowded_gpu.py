"""A GPU that is too small for two trials, as far as Ray knows: none is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tuner.simulated import study_file
from tuner.executors.gpu_share import GPU_SHARE
from tuner.records import EventKind, Records, TrialState

SCRIPT = """
import sys
from functools import partial

import ray

from sr_models.cli import run_command
from tuner.executors import allocation
from tuner.run import run

ray.init = partial(ray.init, num_gpus=1)
machine = allocation.Machine(2, 1)
allocation.this_machine = lambda **_: machine
run_command(run, sys.argv[1:])
"""


@pytest.mark.slow
def test_trials_that_run_out_of_memory_together_go_on_one_by_one(tmp_path: Path) -> None:
    full = {"fail_at": 2, "fail_once": True, "fail_text": "CUDA out of memory"}
    file = study_file(
        tmp_path,
        objective={"max_epochs": 3, "seconds_per_epoch": 0.05, **full},
        scheduler={"type": "none"},
        budget={"trials": 2},
        gpus_per_trial=0.5,
        workers=2,
        threads=1,
        retries=0,
    )
    command = [sys.executable, "-c", SCRIPT, str(file), "--results", str(tmp_path), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with Records.open(tmp_path / "toy") as records:
        trials, epochs, events = records.trials(), records.epochs(), records.events()
        assert records.info[GPU_SHARE] == 1
    assert {(trial.state, trial.retries) for trial in trials} == {(TrialState.COMPLETE, 0)}
    moved = [event.trial for event in events if event.kind == EventKind.MOVED]
    (told,) = [event.data["text"] for event in events if event.kind == EventKind.WARNING]
    assert told.startswith("out of memory with 2 trials on a GPU: one trial at a time from now on")
    assert sorted(moved) == [0, 1]
    assert all(
        [one.epoch for one in epochs if one.trial == trial.number] == [1, 2, 3] for trial in trials
    )
