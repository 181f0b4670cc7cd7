"""A process that trains is killed, at moments that nobody chose."""

import random
import subprocess
import sys
import time

from sr_models.training import TrainingRun

NO_TIMES = {"seconds": 0, "validation/ms_per_image": 0}

TRAIN = """
import sys
from sr_models.config import TrainConfig
from sr_models.training import TrainingRun

config = TrainConfig.model_validate_json(sys.argv[1])
for epoch in TrainingRun(config, folder=sys.argv[2], threads=1).epochs():
    print(epoch.number, flush=True)
"""


def train_until_killed(config, folder, seconds):
    command = [sys.executable, "-c", TRAIN, config.model_dump_json(), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()  # so that it has at least begun
        time.sleep(seconds)
        process.kill()


def curve(epochs):
    return [{**epoch.metrics, **NO_TIMES, "epoch": epoch.number} for epoch in epochs]


def test_a_run_that_is_killed_again_and_again_has_the_curve_of_one_that_is_not(
    make_config, data, tmp_path
):
    config = make_config(
        training={"max_epochs": 60, "patience": None, "ema": 0.9},
        lr_schedule={"type": "plateau", "patience": 1},
        network={"channels": 16},
    )
    moments = random.Random(0)
    for _ in range(2):
        train_until_killed(config, tmp_path, moments.uniform(0, 0.3))
    survived = TrainingRun(config, data=data, folder=tmp_path)
    already = survived._state.epoch
    found = curve(survived.epochs())
    assert found == curve(TrainingRun(config, data=data).epochs())
    assert 2 <= already <= 60
