import subprocess
import sys

import pytest
import yaml
from pydantic import ValidationError

from sr_models.config import TrainConfig

# The shape that the design and the documentation promise.
AS_WRITTEN = """
data: {source: {type: sample}, resize: squash, resample: bicubic, validation: 0.2}
network: {type: progressive, block: residual, activation: relu, upsampler: nearest, channels: 64}
loss: {type: mae}
optimizer: {type: adam, learning_rate: 1.0e-3, betas: [0.9, 0.999]}
training: {batch_size: 10, max_epochs: 15, patience: 10, precision: auto}
"""


def test_the_defaults_are_the_documented_example():
    assert TrainConfig() == TrainConfig.model_validate(yaml.safe_load(AS_WRITTEN))


def test_a_config_survives_json():
    config = TrainConfig.model_validate(
        {"lr_schedule": {"type": "one_cycle"}, "optimizer": {"type": "adamw", "betas": [0.8, 0.9]}}
    )
    assert TrainConfig.model_validate_json(config.model_dump_json()) == config


def test_configs_load_without_torch():
    code = (
        "import sys, sr_models.config, sr_models; sr_models.TrainConfig();"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("section", "value", "place"),
    [
        ("optimizer", {"type": "adam", "betas": [0.9, 1.0]}, "betas"),
        ("optimizer", {"type": "adam", "learning_rate": 0}, "learning_rate"),
        ("optimizer", {"type": "adam", "lr": 0.1}, "lr"),
        ("lr_schedule", {"type": "cosine", "final": 1.5}, "final"),
        ("training", {"precision": "fp16"}, "precision"),
        ("training", {"patience": 0}, "patience"),
        ("training", {"channels_last": "yes please"}, "channels_last"),
        ("seed", -1, "seed"),
    ],
)
def test_a_mistake_is_told_with_its_place(section, value, place):
    with pytest.raises(ValidationError) as caught:
        TrainConfig.model_validate({section: value})
    assert any(place in map(str, error["loc"]) for error in caught.value.errors())
