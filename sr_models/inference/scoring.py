"""The protocol by which papers score super-resolution on test sets such as Set5."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sr_models.bicubic import imresize
from sr_models.inference.upscaler import Upscaler
from sr_models.metrics import psnr, ssim
from sr_models.metrics.protocol import compared, rounded


@dataclass(frozen=True)
class Score:
    """PSNR in dB and SSIM of an enlarged image, on Y and on RGB."""

    psnr: float
    ssim: float
    psnr_rgb: float
    ssim_rgb: float


def score(pixels: NDArray[np.uint8], upscaler: Upscaler, *, grey: bool) -> Score:
    """Shrink a photograph, enlarge it again, and compare.

    The photograph is cropped to a multiple of the scale, and shrunk by antialiased bicubic like
    MATLAB's imresize. It is compared on the luma (of greyscale images: on their values) and on RGB,
    without `scale` pixels of border; every intermediate image is rounded to 8 bits.

    Args:
        pixels: (h, w, 3), RGB.
        upscaler: enlarges the image.
        grey: whether the photograph is greyscale, with three equal channels.
    """
    scale = upscaler.scale
    original = _cropped(torch.from_numpy(pixels).permute(2, 0, 1).double() / 255, scale)
    height, width = (side // scale for side in original.shape[-2:])
    low = rounded(imresize(original[None], height, width)[0])
    pair = compared(upscaler.enlarge(low.float())[None], original[None], scale, grey=grey)
    return Score(
        *(measure(*images).item() for images in (pair.luma, pair.rgb) for measure in (psnr, ssim))
    )


def _cropped(image: Tensor, scale: int) -> Tensor:
    height, width = image.shape[-2:]
    return image[:, : height // scale * scale, : width // scale * scale]
