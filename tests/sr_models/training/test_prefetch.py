from itertools import islice

import pytest
import torch

from sr_models.config import TrainingSettings
from sr_models.data import Batch
from sr_models.training.prefetch import _read_ahead, prefetch, to_images
from sr_models.training.runtime import choose_runtime


def batches(count, *, broken=False):
    for number in range(count):
        images = [torch.full((2, 3, s, s), number, dtype=torch.uint8) for s in (1, 2, 4)]
        yield Batch(*images)
    if broken:
        raise OSError("the disk is gone")


def test_only_those_targets_come_that_the_network_predicts():
    runtime = choose_runtime(TrainingSettings(device="cpu"))
    (batch,) = prefetch(batches(1), runtime.device)
    images = to_images(batch, runtime, ("large",))
    assert set(images.targets) == {"large"}
    assert images.targets["large"].shape == (2, 3, 4, 4)
    assert len(images) == 2


@pytest.fixture
def pinned_here(monkeypatch):
    """Memory can only be pinned where there is a GPU."""
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda tensor: tensor)


@pytest.mark.usefixtures("pinned_here")
def test_reading_ahead_keeps_the_order_and_loses_nothing():
    found = [int(batch.x[0, 0, 0, 0]) for batch in _read_ahead(batches(5))]
    assert found == [0, 1, 2, 3, 4]


@pytest.mark.usefixtures("pinned_here")
def test_an_error_of_the_reader_arrives():
    ahead = _read_ahead(batches(2, broken=True))
    assert len(list(islice(ahead, 2))) == 2
    with pytest.raises(OSError, match="the disk is gone"):
        next(ahead)


def test_a_gpu_is_read_ahead_for(monkeypatch):
    pinned, sent = [], []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda tensor: pinned.append(1) or tensor)
    monkeypatch.setattr(torch.Tensor, "to", lambda tensor, *_, **__: sent.append(1) or tensor)
    assert len(list(prefetch(batches(3), torch.device("cuda")))) == 3
    assert len(pinned) == len(sent) == 9


def test_what_is_on_the_device_already_comes_as_it_is(monkeypatch):
    monkeypatch.setattr(torch.Tensor, "to", lambda *_, **__: pytest.fail("copied"))
    coming = list(batches(3))
    assert list(prefetch(iter(coming), torch.device("cpu"))) == coming
    assert list(prefetch(iter([]), torch.device("cuda"))) == []
