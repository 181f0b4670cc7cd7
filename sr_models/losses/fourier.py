"""The difference of the spectra."""

from typing import TYPE_CHECKING, Literal

from sr_models.losses.base import LossBase

if TYPE_CHECKING:
    from torch import Tensor, nn


class FourierConfig(LossBase):
    """mean(|Re(F(p) - F(t))| + |Im(F(p) - F(t))|) / 2, F the orthonormal 2D Fourier transform.

    Cho et al. 2021, "Rethinking Coarse-to-Fine Approach in Single Image Deblurring"; in light
    super-resolution since SAFMN and SMFANet, at a weight of about 0.05 beside mae. A pixel's error
    spreads over all frequencies, so fine detail, which is rare, counts as much as plain areas.
    """

    type: Literal["fourier"] = "fourier"

    def build(self) -> "nn.Module":
        """Build the loss."""
        from sr_models.losses.criterion import FunctionLoss

        return FunctionLoss(_distance)


def _distance(prediction: "Tensor", target: "Tensor") -> "Tensor":
    import torch

    spectrum = torch.fft.rfft2(prediction - target, norm="ortho")
    return torch.view_as_real(spectrum).abs().mean()
