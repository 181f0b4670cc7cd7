"""Training images in a GPU's memory, where they fit: no batch then waits for the host."""

import torch

from sr_models.data import PyramidData
from sr_models.data.resident import ResidentPyramids, can_be_resident
from sr_models.training.data import TrainingData

SHARE = 0.25
"""Of the GPU memory that is free; the rest is for the network, and for trials beside this one."""


def on_device(data: TrainingData, device: torch.device) -> TrainingData:
    """Copy the images to a GPU if there is room for them, else leave them where they are."""
    if device.type != "cuda" or not isinstance(data, PyramidData):
        return data
    free, _ = torch.cuda.mem_get_info(device)
    if not can_be_resident(data.config) or data.pixel_bytes > SHARE * free:
        return data
    return ResidentPyramids(data, device)
