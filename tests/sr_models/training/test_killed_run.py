"""A process that trains is killed, at moments that nobody chose."""

import random
import subprocess
import sys
import time

import pytest

from sr_models.training import TrainingRun

NO_TIMES = {"seconds": 0, "validation/ms_per_image": 0}

TRAIN = """
import sys
from sr_models.config import TrainConfig
from sr_models.training import TrainingRun

config = TrainConfig.model_validate_json(sys.argv[1])
behind = sys.argv[3] == "behind"
for epoch in TrainingRun(config, folder=sys.argv[2], threads=1, write_behind=behind).epochs():
    print(epoch.number, flush=True)
"""


def train_until_killed(config, folder, how, seconds, *, after):
    """Kill a run so many seconds after it has trained a further epoch; returns its number."""
    command = [sys.executable, "-c", TRAIN, config.model_dump_json(), str(folder), how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        reached = next(int(line) for line in process.stdout if int(line) > after)
        time.sleep(seconds)
        process.kill()
    return reached


def curve(epochs):
    return [{**epoch.metrics, **NO_TIMES, "epoch": epoch.number} for epoch in epochs]


@pytest.mark.parametrize("how", ["at once", "behind"])
def test_a_run_that_is_killed_again_and_again_has_the_curve_of_one_that_is_not(
    make_config, data, tmp_path, how
):
    config = make_config(
        training={"max_epochs": 60, "patience": None, "ema": 0.9},
        lr_schedule={"type": "plateau", "patience": 1},
        network={"channels": 16},
    )
    moments, reached = random.Random(0), 0
    for _ in range(2):
        pause = moments.uniform(0, 0.3)
        reached = train_until_killed(config, tmp_path, how, pause, after=reached)
    survived = TrainingRun(config, data=data, folder=tmp_path)
    already = survived._state.epoch
    found = curve(survived.epochs())
    assert found == curve(TrainingRun(config, data=data).epochs())
    assert reached <= already <= 60
