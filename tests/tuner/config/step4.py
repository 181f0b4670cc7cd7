"""A study file that is right, loaded as it is or changed, and what is said where it is wrong."""

from pathlib import Path

import pytest

from sr_models.errors import UserError
from tuner.config import StudyConfig, load_study

STUDY = """
study: step4
description: Residual blocks with ReLU before upsampling
objective:
  data: {source: {type: sample}, resize: squash, resample: bicubic, validation: 0.2}
  network: {type: progressive, block: residual, activation: relu, upsampler: nearest, channels: 64}
  loss: {type: mae}
  optimizer: {type: adam, learning_rate: 1.0e-3, betas: [0.9, 0.999]}
  training: {batch_size: 10, max_epochs: 15, patience: 10, precision: auto}
search:
  loss.type: {choice: [mse, mae, charbonnier]}
  optimizer.learning_rate: {low: 1e-4, high: 2.0e-2, log: true}
  optimizer.betas: {choice: [[0.9, 0.999], [0.9, 0.95]]}
  network.dilations: {choice: [[1, 2, 4], [1, 2, 3]], when: {network.block: dilated}}
baselines:
  AS-24:
    set: {loss.type: mse, optimizer.learning_rate: 1.0e-3, training.max_epochs: 25}
    reported: {validation/psnr: 4.02061, validation/loss: 0.021347}
metric: validation/psnr
sampler: {type: tpe, seed: 0}
scheduler: {type: asha, grace_period: 2, reduction_factor: 3}
budget: {trials: 16, wall_clock: 30m}
trackers: []
"""


def load(file: Path, *overrides: str) -> StudyConfig:
    return load_study(file, overrides)


def messages(folder: Path, text: str | bytes, *overrides: str) -> list[str]:
    """The lines of the error, without the file's name and the mark of --set."""
    file = folder / "x.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(UserError) as caught:
        load_study(file, overrides)
    lines = str(caught.value).splitlines()
    assert all(line.startswith((f"{file}: ", "--set ")) for line in lines)
    return [line.removeprefix(f"{file}: ").removesuffix(" (from --set)") for line in lines]
