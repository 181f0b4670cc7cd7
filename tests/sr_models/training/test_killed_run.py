"""A process that trains is killed, at moments that nobody chose."""

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
import os, sys
from sr_models.config import TrainConfig
from sr_models.training import TrainingRun

config = TrainConfig.model_validate_json(sys.argv[1])
behind = sys.argv[4] == "behind"
for _ in range(int(sys.argv[3])):
    process = os.fork()
    if process == 0:
        run = TrainingRun(config, folder=sys.argv[2], threads=1, write_behind=behind)
        for epoch in run.epochs():
            print(os.getpid(), epoch.number, flush=True)
        os._exit(0)
    print("ended by", os.WTERMSIG(os.waitpid(process, 0)[1]), flush=True)
"""


def train_until_killed(config, folder, how, kills):
    """Train in one process after the other, each killed some time after it has begun.

    Returns:
        the last epoch that was yielded.
    """
    moments, reached = random.Random(0), 0
    arguments = [config.model_dump_json(), str(folder), str(kills), how]
    command = [sys.executable, "-c", TRAIN, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(kills):
            for _ in range(moments.randint(2, 5)):
                words = process.stdout.readline().split()
            time.sleep(moments.uniform(0, 0.01))
            os.kill(int(words[0]), signal.SIGKILL)
            while words[0] != "ended":  # it has said more in between
                reached = int(words[1])
                words = process.stdout.readline().split()
            assert words == ["ended", "by", "9"]
    return reached


def curve(epochs):
    return [{**epoch.metrics, **NO_TIMES, "epoch": epoch.number} for epoch in epochs]


@pytest.mark.parametrize("how", ["at once", "behind"])
def test_a_run_that_is_killed_again_and_again_has_the_curve_of_one_that_is_not(
    make_config, data, tmp_path, how
):
    config = make_config(
        training={"max_epochs": 25, "patience": None, "ema": 0.9},
        lr_schedule={"type": "plateau", "patience": 1},
        network={"channels": 16},
    )
    reached = train_until_killed(config, tmp_path, how, kills=2)
    survived = TrainingRun(config, data=data, folder=tmp_path)
    already = survived._state.epoch
    found = curve(survived.epochs())
    assert found == curve(TrainingRun(config, data=data).epochs())
    assert 2 <= reached <= already < 25
