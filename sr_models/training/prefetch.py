"""Batches on their way from the data to the device."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

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


def prefetch(
    batches: Iterator[Batch], runtime: Runtime, outputs: tuple[Output, ...]
) -> Iterator[Images]:
    """Bring batches to the device, with those targets that the network predicts.

    For a GPU, another thread reads the next batch into pinned memory while the GPU computes. On a
    CPU such a thread would only take time from the cores that train.
    """
    ready = _read_ahead(batches) if runtime.device.type == "cuda" else batches
    for batch in ready:
        targets = {output: runtime.images(getattr(batch, output)) for output in outputs}
        yield Images(runtime.images(batch.x), targets)


def _read_ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="batches") as reader:
        coming = reader.submit(_next_pinned, batches)
        while (batch := coming.result()) is not None:
            coming = reader.submit(_next_pinned, batches)
            yield batch


def _next_pinned(batches: Iterator[Batch]) -> Batch | None:
    batch = next(batches, None)
    if batch is None:
        return None
    return replace(
        batch, x=batch.x.pin_memory(), mid=batch.mid.pin_memory(), large=batch.large.pin_memory()
    )
