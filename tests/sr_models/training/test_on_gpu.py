"""What only a machine with a GPU can tell: the captured step, and the images in its memory."""

import pytest
import torch

from sr_models.data.resident import ResidentPyramids
from sr_models.training import TrainingRun
from sr_models.training.graph_step import GraphStep

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")

NAMES = ("train/loss", "train/psnr", "validation/loss", "validation/psnr", "validation/ssim")


@pytest.fixture
def gpu_config(make_config):
    def make(step, **parts):
        training = {"device": "cuda", "step": step, "max_epochs": 6, "ema": 0.9, "batch_size": 3}
        return make_config(training=training, lr_schedule={"type": "cosine"}, **parts)

    return make


def curve(run):
    return [[epoch.metrics[name] for name in NAMES] for epoch in run.epochs()]


@pytest.mark.parametrize("upsampler", ["nearest", "bilinear", "pixel_shuffle", "transposed"])
def test_the_captured_step_trains_as_the_eager_one(gpu_config, data, upsampler):
    network = {"upsampler": upsampler}
    eager = TrainingRun(gpu_config("eager", network=network), data=data)
    graph = TrainingRun(gpu_config("graph", network=network), data=data)
    expected = curve(eager)
    assert curve(graph) == [pytest.approx(row, rel=1e-3) for row in expected]
    assert any(isinstance(step, GraphStep) for step in graph._choice.chosen.values())
    assert isinstance(graph._source(), ResidentPyramids)


@pytest.mark.parametrize("step", ["eager", "graph", "compile"])
def test_two_runs_are_equal_and_a_resumed_one_goes_along_the_same_curve(
    gpu_config, data, tmp_path, step
):
    config = gpu_config(step)
    expected = curve(TrainingRun(config, data=data))
    assert curve(TrainingRun(config, data=data)) == expected
    epochs = TrainingRun(config, data=data, folder=tmp_path).epochs()
    for _ in range(2):
        next(epochs)
    assert curve(TrainingRun(config, data=data, folder=tmp_path)) == expected


def test_a_run_that_is_moved_to_the_cpu_goes_on(gpu_config, make_config, data, tmp_path):
    epochs = TrainingRun(gpu_config("graph"), data=data, folder=tmp_path).epochs()
    next(epochs)
    training = {"device": "cpu", "max_epochs": 6, "ema": 0.9, "batch_size": 3}
    config = make_config(training=training, lr_schedule={"type": "cosine"})
    run = TrainingRun(config, data=data, folder=tmp_path, start_after=1)
    assert [epoch.number for epoch in run.epochs()] == [2, 3, 4, 5, 6]
