"""A metric of single images, with what is needed to print and compare it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor


def plain_mean(scores: "Tensor", flat: "Tensor") -> "Tensor":
    """Average over all images; (N,) scores to a scalar."""
    return scores.mean()


@dataclass(frozen=True)
class ImageMetric:
    """A metric that training computes for every validation image and output.

    An epoch yields `validation/NAME`, the mean over images and outputs, and the score of bicubic
    upscaling on the same images is its baseline.

    Args:
        name: short, in small letters: "ssim".
        score: maps (prediction, target), both (N, 3, H, W), RGB in [0, 1], to (N,).
        direction: "maximize" or "minimize".
        label: what is measured, in a few words.
        unit: "dB"; "" for none.
        decimals: digits that are shown.
        per_output: also yield `validation/NAME_mid` and `validation/NAME_large`.
        mean: averages over images: (N,) scores and (N,) bool, whether the target is of one colour,
            to a scalar.
    """

    name: str
    score: "Callable[[Tensor, Tensor], Tensor]"
    direction: Literal["maximize", "minimize"]
    label: str
    unit: str = ""
    decimals: int | None = None
    per_output: bool = False
    mean: "Callable[[Tensor, Tensor], Tensor]" = plain_mean
