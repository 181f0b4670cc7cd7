"""Where decoded and downloaded data is kept between runs."""

import os
from pathlib import Path


def cache_root() -> Path:
    """`$SR_TUNER_CACHE`, or `~/.cache/sr-tuner`. It can be deleted at any time between runs."""
    chosen = os.environ.get("SR_TUNER_CACHE")
    return Path(os.path.abspath(chosen)) if chosen else Path.home() / ".cache" / "sr-tuner"
