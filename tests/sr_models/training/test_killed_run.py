"""A process that trains is killed, at moments that nobody chose."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from sr_models.training import TrainingRun

NO_TIMES = {"seconds": 0, "validation/ms_per_image": 0}

# One import of torch, which takes seconds, for all processes that are killed.
TRAIN = """
import json, os, sys
import torch._dynamo  # an optimizer imports it
from sr_models.config import TrainConfig
from sr_models.training import TrainingRun

for line in sys.stdin:
    config, folder, how, kills = json.loads(line)
    for _ in range(kills):
        process = os.fork()
        if process == 0:
            config = TrainConfig.model_validate(config)
            run = TrainingRun(config, folder=folder, threads=1, write_behind=how == "behind")
            for epoch in run.epochs():
                print(os.getpid(), epoch.number, flush=True)
            os._exit(0)
        print("ended by", os.WTERMSIG(os.waitpid(process, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def trainer():
    """Trains what it is told to, each time in a process of its own."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", TRAIN], **pipes, text=True) as process:
        yield process
        process.stdin.close()


def train_until_killed(trainer, config, folder, how, kills):
    """Train in one process after the other, each killed some time after it has begun.

    Returns:
        the last epoch that was yielded.
    """
    moments, reached = random.Random(0), 0
    task = [config.model_dump(mode="json"), str(folder), how, kills]
    print(json.dumps(task), file=trainer.stdin, flush=True)
    for _ in range(kills):
        for _ in range(moments.randint(2, 5)):
            words = trainer.stdout.readline().split()
        time.sleep(moments.uniform(0, 0.01))
        os.kill(int(words[0]), signal.SIGKILL)
        while words[0] != "ended":  # it has said more in between
            reached = int(words[1])
            words = trainer.stdout.readline().split()
        assert words == ["ended", "by", "9"]
    return reached


def curve(epochs):
    return [{**epoch.metrics, **NO_TIMES, "epoch": epoch.number} for epoch in epochs]


@pytest.mark.parametrize("how", ["at once", "behind"])
def test_a_run_that_is_killed_again_and_again_has_the_curve_of_one_that_is_not(
    trainer, make_config, data, tmp_path, how
):
    config = make_config(
        training={"max_epochs": 25, "patience": None, "ema": 0.9},
        lr_schedule={"type": "plateau", "patience": 1},
        network={"channels": 16},
    )
    reached = train_until_killed(trainer, config, tmp_path, how, kills=2)
    survived = TrainingRun(config, data=data, folder=tmp_path)
    already = survived._state.epoch
    found = curve(survived.epochs())
    assert found == curve(TrainingRun(config, data=data).epochs())
    assert 2 <= reached <= already < 25
