"""Predicting in half precision, and in fp32 if half precision is not enough."""

import logging
from typing import Literal

import torch
from torch import Tensor, nn

from sr_models.errors import WeightsError

Precision = Literal["fp32", "bf16", "fp16"]

_TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


class InPrecision(nn.Module):
    """A network whose convolutions multiply in `precision`; its images are float32.

    Half precision represents numbers up to 65504 (fp16), or with 3 digits (bf16): intermediate
    values of some networks are beyond that, and their images would be black or noise. The first
    time that an image has values that are not finite, it is predicted again in fp32, and so are all
    following images.

    Args:
        network: the network.
        precision: "fp32", "bf16" or "fp16".
    """

    def __init__(self, network: nn.Module, precision: Precision) -> None:
        super().__init__()
        self.network = network
        self.precision = precision

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Map (N, 3, h, w), RGB in [0, 1], to a finite float32 image for each output.

        Raises:
            WeightsError: the values are not finite in fp32 either.
        """
        images = self._predict(x)
        if self.precision != "fp32" and not _finite(images):
            logging.getLogger(__name__).warning(
                "%s cannot represent what this model computes: predicting in fp32 instead",
                self.precision,
            )
            self.precision = "fp32"
            images = self._predict(x)
        if not _finite(images):
            raise WeightsError("the model predicts values that are not finite: its weights are bad")
        return images

    def _predict(self, x: Tensor) -> dict[str, Tensor]:
        kind = _TYPES.get(self.precision)
        with torch.autocast(x.device.type, kind, enabled=kind is not None):
            predicted: dict[str, Tensor] = self.network(x)
        return {output: image.float() for output, image in predicted.items()}


def _finite(images: dict[str, Tensor]) -> bool:
    return all(bool(image.isfinite().all()) for image in images.values())
