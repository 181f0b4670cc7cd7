"""Model files for tests: built, not trained."""

from pathlib import Path
from typing import Any

import torch

from sr_models.config import TrainConfig
from sr_models.inference.model_file import save_model
from sr_models.networks import build_network


def model_file(path: Path, **network: Any) -> Path:
    """Save a small progressive network with these settings."""
    settings = {"type": "progressive", "channels": 4, "skip": "bicubic", **network}
    config = TrainConfig.model_validate({"network": settings})
    torch.manual_seed(0)
    save_model(path, build_network(config.network), config, {"validation/psnr": 28.5})
    return path
