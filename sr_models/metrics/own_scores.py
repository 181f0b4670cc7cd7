"""The values of the user's own metric for a batch, as a number for each image."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from sr_models.errors import CodeError


def own_scores(
    code: str, score: Callable[[Tensor, Tensor], Any], prediction: Tensor, target: Tensor
) -> Tensor:
    """Score a batch, image by image if the code only computes means over a batch.

    Args:
        code: the name of the code, for messages.
        score: the metric; a module is moved to the images' device.
        prediction: (N, 3, H, W), RGB in [0, 1].
        target: the same shape and range.

    Returns:
        (N,), float32.

    Raises:
        CodeError: it fails on the images, or returns something other than a number for each.
    """
    if isinstance(score, nn.Module):
        score.to(prediction.device)
    count = len(prediction)
    found = _called(code, score, prediction, target)
    if count > 1 and found.numel() == 1:
        pairs = zip(prediction.unsqueeze(1), target.unsqueeze(1), strict=True)
        found = torch.cat([_called(code, score, *pair).reshape(-1) for pair in pairs])
    if found.numel() != count or found.ndim > 1:
        raise CodeError(
            f"{code} returns {tuple(found.shape)} for {count} images; it must return a number "
            f"for each image, ({count},), or a scalar"
        )
    return found.reshape(count).to(prediction.device, torch.float32)


def _called(
    code: str, score: Callable[[Tensor, Tensor], Any], prediction: Tensor, target: Tensor
) -> Tensor:
    try:
        return torch.as_tensor(score(prediction, target))
    except torch.OutOfMemoryError:  # validation tries again with fewer images
        raise
    except Exception as error:  # the user's code may raise anything
        shape = tuple(prediction.shape)
        raise CodeError(
            f"{code} cannot score images of shape {shape}: {str(error) or type(error).__name__}"
        ) from error
