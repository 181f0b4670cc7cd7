"""The protocol by which papers score super-resolution on test sets such as Set5."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sr_models.bicubic import imresize
from sr_models.inference.upscaler import Upscaler
from sr_models.metrics import psnr, rgb_to_y, ssim


@dataclass(frozen=True)
class Score:
    """How near an enlarged image comes to the original: PSNR in dB, and SSIM."""

    psnr: float
    ssim: float


def score(pixels: NDArray[np.uint8], upscaler: Upscaler, *, grey: bool) -> Score:
    """Shrink a photograph, enlarge it again, and compare.

    Cropped to a multiple of the scale; shrunk by antialiased bicubic as MATLAB's imresize;
    compared on the luma (of greyscale images: on their values), `scale` pixels of border left
    out; every image on the way is rounded to 8 bits.

    Args:
        pixels: (h, w, 3), RGB.
        upscaler: what enlarges.
        grey: whether the photograph is greyscale, its three channels alike.
    """
    scale = upscaler.scale
    original = _cropped(torch.from_numpy(pixels).permute(2, 0, 1).double() / 255, scale)
    height, width = (side // scale for side in original.shape[-2:])
    low = _rounded(imresize(original[None], height, width)[0])
    enlarged = _rounded(upscaler.enlarge(low.float()))
    compared, wanted = (_compared(image, grey=grey) for image in (enlarged, original))
    return Score(
        psnr(compared, wanted, border=scale).item(), ssim(compared, wanted, border=scale).item()
    )


def _cropped(image: Tensor, scale: int) -> Tensor:
    height, width = image.shape[-2:]
    return image[:, : height // scale * scale, : width // scale * scale]


def _rounded(image: Tensor) -> Tensor:
    return (image.clamp(0, 1) * 255).round() / 255


def _compared(image: Tensor, *, grey: bool) -> Tensor:
    # A network may answer greyscale with a tint: the mean of its channels is what is grey in it.
    return _rounded(image.mean(dim=0))[None, None] if grey else rgb_to_y(image[None])
