"""A step of training: forward, loss, backward, clip, optimizer, moving average."""

from collections.abc import Callable, Mapping
from typing import Protocol

import torch
from torch import Tensor, nn

from sr_models.data import Batch
from sr_models.metrics import psnr
from sr_models.scales import Output
from sr_models.training.mean_meter import MeanMeter
from sr_models.training.prefetch import Images, to_images
from sr_models.training.runtime import Runtime
from sr_models.training.state import TrainingState
from sr_models.training.validation import total_loss

METERED = ("loss", "psnr")


class Step(Protocol):
    """Trains on a batch, uint8 and on the device."""

    def __call__(self, batch: Batch) -> None:
        """Change the weights, and add the batch's loss and PSNR to the meter."""
        ...


class EagerStep:
    """A step whose operations are started one by one, as usual in PyTorch.

    Nothing in it waits for the device or reads a value, so a CUDA graph can hold it.

    Args:
        state: the network to train, and its optimizer.
        criterion: the loss to minimise.
        runtime: device and precision.
        clip: the largest norm of the gradients; None for no limit.
    """

    def __init__(
        self, state: TrainingState, criterion: nn.Module, runtime: Runtime, clip: float | None
    ) -> None:
        self.state = state
        self.meter = MeanMeter(METERED, runtime.device)
        self.forward: Callable[[Tensor], dict[Output, Tensor]] = state.network
        self._criterion = criterion
        self._runtime = runtime
        self._clip = clip

    def __call__(self, batch: Batch) -> None:
        """Change the weights, and add the batch's loss and PSNR to the meter."""
        state = self.state
        images = to_images(batch, self._runtime, state.outputs)
        with self._runtime.autocast():
            predictions = self.forward(images.x)
            loss = total_loss(self._criterion, predictions, images)
        state.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self._clip is not None:
            nn.utils.clip_grad_norm_(state.network.parameters(), self._clip)
        state.optimizer.step()
        state.average.update()
        self.meter.add(loss * len(images), _psnr_sum(predictions, images))


@torch.no_grad()
def _psnr_sum(predictions: Mapping[Output, Tensor], images: Images) -> Tensor:
    """PSNR of the images, averaged over the outputs, summed over the images."""
    scores = [
        psnr(predictions[output].clamp(0, 1), target) for output, target in images.targets.items()
    ]
    return torch.stack(scores).mean(dim=0).sum()
