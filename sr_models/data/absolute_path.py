"""Paths as people write them."""

import os
from pathlib import Path

from sr_models.errors import DataError


def absolute_path(path: str | Path) -> Path:
    """The path from the root on: `~` is the home folder, the rest starts where we are."""
    try:
        return Path(os.path.abspath(Path(path).expanduser()))
    except RuntimeError as error:
        raise DataError(f"{path}: there is no such home folder") from error
