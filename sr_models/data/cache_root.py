"""Where decoded and downloaded data is kept between runs."""

import os
from pathlib import Path

from sr_models.data.absolute_path import absolute_path


def cache_root() -> Path:
    """`$SR_TUNER_CACHE`, or `~/.cache/sr-tuner`. It can be deleted at any time between runs."""
    return absolute_path(os.environ.get("SR_TUNER_CACHE") or "~/.cache/sr-tuner")
