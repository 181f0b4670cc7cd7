"""Bringing batches from the data to the device."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor

from sr_models.data import Batch
from sr_models.scales import Output
from sr_models.training.runtime import Runtime


@dataclass(frozen=True)
class Images:
    """A batch as a network takes it: float32, RGB, [0, 1], on the device."""

    x: Tensor  # (N, 3, s, s)
    targets: Mapping[Output, Tensor]  # (N, 3, 2s, 2s) and (N, 3, 4s, 4s)

    def __len__(self) -> int:
        return len(self.x)


def to_images(batch: Batch, runtime: Runtime, outputs: tuple[Output, ...]) -> Images:
    """Return a batch scaled to [0, 1], with those targets that the network predicts."""
    targets = {
        output: runtime.images(images)
        for output, images in batch.targets.items()
        if output in outputs
    }
    return Images(runtime.images(batch.x), targets)


def prefetch(batches: Iterator[Batch], device: torch.device) -> Iterator[Batch]:
    """Yield batches, uint8, on the device.

    For a GPU, another thread reads the next batch into pinned memory while the GPU computes. On a
    CPU such a thread would only take time from training. Batches that are already on the device are
    passed on.
    """
    first = next(batches, None)
    if first is None:
        return
    everything = chain([first], batches)
    if first.x.device.type == device.type:
        yield from everything
        return
    for batch in _read_ahead(everything):
        yield batch.map(lambda images: images.to(device, non_blocking=True))


def _read_ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="batches") as reader:
        coming = reader.submit(_next_pinned, batches)
        while (batch := coming.result()) is not None:
            coming = reader.submit(_next_pinned, batches)
            yield batch


def _next_pinned(batches: Iterator[Batch]) -> Batch | None:
    batch = next(batches, None)
    return None if batch is None else batch.map(Tensor.pin_memory)
