"""Keeping training images in a GPU's memory if they fit, so that no batch waits for the host."""

import torch

from sr_models.data import PyramidData
from sr_models.data.patch_data import PatchData
from sr_models.data.resident import ResidentPyramids, can_be_resident
from sr_models.data.resident_patches import ResidentPatches
from sr_models.training.data import TrainingData

SHARE = 0.25
"""Fraction of the free GPU memory for images; the rest is for the network, and for other trials."""


def on_device(data: TrainingData, device: torch.device) -> TrainingData:
    """Copy the images to a GPU if there is room for them, else leave them where they are."""
    if device.type != "cuda":
        return data
    free, _ = torch.cuda.mem_get_info(device)
    if isinstance(data, PyramidData) and can_be_resident(data.config):
        return ResidentPyramids(data, device) if data.pixel_bytes <= SHARE * free else data
    if isinstance(data, PatchData) and data.config.degradation is None:
        return ResidentPatches(data, device) if data.pixel_bytes <= SHARE * free else data
    return data
