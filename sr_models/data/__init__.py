"""Images, and the pyramids of x, mid and large that networks are trained on."""

from sr_models.data.batch import Batch
from sr_models.data.config import DataConfig
from sr_models.data.opened import open_data
from sr_models.data.patch_data import PatchData
from sr_models.data.pyramids import PyramidData, open_pyramids
from sr_models.data.sources import Skipped

__all__ = [
    "Batch",
    "DataConfig",
    "PatchData",
    "PyramidData",
    "Skipped",
    "open_data",
    "open_pyramids",
]
