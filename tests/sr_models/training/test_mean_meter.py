import pytest
import torch

from sr_models.training.mean_meter import MeanMeter


def test_means_are_over_all_images():
    meter = MeanMeter(["loss", "psnr"], torch.device("cpu"))
    for images, loss, psnr in ((4, 2.0, 80.0), (1, 3.0, 30.0)):
        meter.add(torch.tensor(loss), torch.tensor(psnr))
        meter.count(images)
    assert meter.means() == pytest.approx({"loss": 1.0, "psnr": 22.0})


def test_an_epoch_begins_at_nothing_in_the_same_memory():
    meter = MeanMeter(["loss"], torch.device("cpu"))
    place = meter.sums.data_ptr()
    meter.add(torch.tensor(7.0))
    meter.count(1)
    meter.reset()
    meter.add(torch.tensor(3.0))
    meter.count(2)
    assert meter.means() == {"loss": 1.5}
    assert meter.sums.data_ptr() == place


def test_a_sum_holds_no_history():
    meter = MeanMeter(["loss"], torch.device("cpu"))
    meter.add(torch.ones((), requires_grad=True) * 2)
    assert not meter.sums.requires_grad
