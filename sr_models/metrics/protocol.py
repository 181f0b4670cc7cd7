"""How papers compare an enlarged image with the original: rounded, without border, RGB and luma."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sr_models.metrics.border import without_border
from sr_models.metrics.colour import rgb_to_y

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Compared:
    """An enlarged image and the original, ready to be scored."""

    rgb: "tuple[Tensor, Tensor]"  # (1, 3, H, W) each
    luma: "tuple[Tensor, Tensor]"  # (1, 1, H, W) each


def compared(enlarged: "Tensor", original: "Tensor", scale: int, *, grey: bool) -> Compared:
    """Make two images comparable, by the protocol of test sets such as Set5.

    The enlarged image is rounded to 8 bits, and as many pixels as the scale are left out on each
    side. Luma is the Y of `rgb_to_y`. For photographs whose file has a single channel it is their
    values: a network may predict a tint, and the mean of its channels is used.

    Args:
        enlarged: (1, 3, H, W), RGB in [0, 1]; values outside are clamped.
        original: the same shape.
        scale: how many times wider and higher it was made.
        grey: whether the photograph is greyscale, with three equal channels.
    """
    enlarged = without_border(rounded(enlarged), scale)
    original = without_border(original, scale)
    if grey:
        luma = rounded(enlarged.mean(1, keepdim=True)), rounded(original.mean(1, keepdim=True))
    else:
        luma = rgb_to_y(enlarged), rgb_to_y(original)
    return Compared((enlarged, original), luma)


def rounded(images: "Tensor") -> "Tensor":
    """Clamp to [0, 1], in steps of 1/255."""
    return (images.clamp(0, 1) * 255).round() / 255
