"""The images of a config, as squares or as patches."""

from sr_models.data.config import DataConfig
from sr_models.data.patch_data import PatchData, open_patches
from sr_models.data.photographs import Progress
from sr_models.data.pyramids import PyramidData, open_pyramids
from sr_models.scales import Output


def open_data(
    config: DataConfig,
    outputs: tuple[Output, ...] = ("mid", "large"),
    *,
    progress: Progress | None = None,
) -> PyramidData | PatchData:
    """Open the images that a config trains and validates on.

    Args:
        config: the images, and how they are processed.
        outputs: the outputs that a network learns from patches.
        progress: called with how many are decoded, and of how many.

    Raises:
        DataError: there are no usable images, or there is no space for the decoded images.
    """
    if config.patches is None:
        return open_pyramids(config, progress=progress)
    return open_patches(config, outputs, progress=progress)
