"""What is said of values that a study file rarely gets wrong, each as it is read."""

from pathlib import Path

import pytest

from tests.tuner.config.step4 import STUDY, messages

VGG16 = "type: progressive, features: {type: vgg16"
LAYERS = "must be one or more of relu1_2, relu2_2, relu3_3, relu4_3, relu5_3, in this order"


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (
            "objective.network={type: progressive, outputs: [large, mid]}",
            "objective.network.outputs = [large, mid]: must be [mid], [large] or [mid, large]",
        ),
        (
            "objective.network={type: progressive, block: dilated, dilations: []}",
            "objective.network.dilations = []: must be one or more whole numbers from 1 on",
        ),
        (
            f"objective.network={{{VGG16}, layers: []}}}}",
            f"objective.network.features.layers = []: {LAYERS}",
        ),
        (
            f"objective.network={{{VGG16}, weights: imagnet}}}}",
            "objective.network.features.weights = imagnet: must be imagenet, random, or the path "
            "of a .safetensors, .pth, .pt file",
        ),
        (
            "objective.loss={type: perceptual, layers: [relu3_3, relu1_2]}",
            f"objective.loss.layers = [relu3_3, relu1_2]: {LAYERS}",
        ),
        (
            "objective.lr_schedule={type: multi_step, milestones: [0.8, 0.5]}",
            "objective.lr_schedule.milestones = [0.8, 0.5]: must be one or more fractions of "
            "max_epochs, ascending",
        ),
        (
            "objective.data.source={type: folder, path: ''}",
            "objective.data.source.path = '': must be the path of a folder",
        ),
        ("metric=[]", "metric = []: must name one or two metrics"),
        ("metric=5", "metric = 5: must be the name of a metric, or a list of two"),
        (
            "metric=[validation/psnr, parameters, seconds]",
            "metric = [validation/psnr, parameters, seconds]: must name one or two metrics",
        ),
        (
            "gpus_per_trial=1.5",
            "gpus_per_trial = 1.5: must be a fraction, at least 0.0001, or a whole number",
        ),
        (
            "gpus_per_trial=0.00001",
            "gpus_per_trial = 1e-05: must be a fraction, at least 0.0001, or a whole number",
        ),
        ("constraints.parameters={}", "constraints.parameters = {}: needs min, max, or both"),
    ],
)
def test_each_names_the_key_the_value_and_the_rule(
    tmp_path: Path, override: str, expected: str
) -> None:
    assert messages(tmp_path, STUDY, override) == [expected]


def test_a_file_that_is_none(tmp_path: Path) -> None:
    large = STUDY + "#" + "x" * 2**22
    assert messages(tmp_path, large) == ["is larger than 4 MiB; is it a study file?"]
