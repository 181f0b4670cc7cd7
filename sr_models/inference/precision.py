"""Predicting in half the bits, and in all of them where that does not hold."""

import logging
from typing import Literal

import torch
from torch import Tensor, nn

from sr_models.errors import WeightsError

Precision = Literal["fp32", "bf16", "fp16"]

_TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


class InPrecision(nn.Module):
    """A network whose convolutions multiply in `precision`; its images are float32.

    Half of the bits hold numbers up to 65504 (fp16), or with 3 digits (bf16): what some networks
    compute on the way is beyond that, and their image would be black or noise. The first time that
    an image has values that are no numbers, it is predicted again in fp32, and so is all else.
    """

    def __init__(self, network: nn.Module, precision: Precision) -> None:
        super().__init__()
        self.network = network
        self.precision = precision

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Map (N, 3, h, w), RGB in [0, 1], to one finite float32 image an output.

        Raises:
            WeightsError: values are no numbers in fp32 either.
        """
        images = self._predict(x)
        if self.precision != "fp32" and not _finite(images):
            logging.getLogger(__name__).warning(
                "%s does not hold what this model computes: predicted in fp32 instead",
                self.precision,
            )
            self.precision = "fp32"
            images = self._predict(x)
        if not _finite(images):
            raise WeightsError("the model predicts values that are no numbers: its weights are bad")
        return images

    def _predict(self, x: Tensor) -> dict[str, Tensor]:
        kind = _TYPES.get(self.precision)
        with torch.autocast(x.device.type, kind, enabled=kind is not None):
            predicted: dict[str, Tensor] = self.network(x)
        return {output: image.float() for output, image in predicted.items()}


def _finite(images: dict[str, Tensor]) -> bool:
    return all(bool(image.isfinite().all()) for image in images.values())
