"""A process that trains is killed, at moments that nobody chose."""

import os
import random
import signal
import subprocess
import sys
import time

from sr_models.training import TrainingRun

NO_TIMES = {"seconds": 0, "validation/ms_per_image": 0}

# One import of torch, which takes seconds, for all processes that are killed.
TRAIN = """
import os, sys
from sr_models.config import TrainConfig
from sr_models.training import TrainingRun

config = TrainConfig.model_validate_json(sys.argv[1])
for _ in range(int(sys.argv[3])):
    process = os.fork()
    if process == 0:
        for epoch in TrainingRun(config, folder=sys.argv[2], threads=1).epochs():
            print(os.getpid(), epoch.number, flush=True)
        os._exit(0)
    print("ended by", os.WTERMSIG(os.waitpid(process, 0)[1]), flush=True)
"""


def train_and_kill(config, folder, kills):
    """Train in one process after the other, each killed some time after it has begun."""
    moments = random.Random(0)
    command = [sys.executable, "-c", TRAIN, config.model_dump_json(), str(folder), str(kills)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(kills):
            for _ in range(moments.randint(2, 5)):
                words = process.stdout.readline().split()
            time.sleep(moments.uniform(0, 0.01))
            os.kill(int(words[0]), signal.SIGKILL)
            while words[0] != "ended":  # it has said more in between
                words = process.stdout.readline().split()
            assert words == ["ended", "by", "9"]


def curve(epochs):
    return [{**epoch.metrics, **NO_TIMES, "epoch": epoch.number} for epoch in epochs]


def test_a_run_that_is_killed_again_and_again_has_the_curve_of_one_that_is_not(
    make_config, data, tmp_path
):
    config = make_config(
        training={"max_epochs": 25, "patience": None, "ema": 0.9},
        lr_schedule={"type": "plateau", "patience": 1},
        network={"channels": 16},
    )
    train_and_kill(config, tmp_path, kills=2)
    survived = TrainingRun(config, data=data, folder=tmp_path)
    already = survived._state.epoch
    found = curve(survived.epochs())
    assert found == curve(TrainingRun(config, data=data).epochs())
    assert 2 <= already < 25
