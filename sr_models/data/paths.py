"""Paths as people write them, and the folder of data that are kept between runs."""

import os
from pathlib import Path

from sr_models.errors import DataError


def absolute_path(path: str | Path) -> Path:
    """Return an absolute path: `~` is the home folder, other paths start at the working folder.

    Raises:
        DataError: there is no home folder of that name.
    """
    try:
        return Path(os.path.abspath(Path(path).expanduser()))
    except RuntimeError as error:
        raise DataError(f"{path}: there is no such home folder") from error


def cache_root() -> Path:
    """Return the folder of decoded and downloaded data: `$SR_TUNER_CACHE`, or `~/.cache/sr-tuner`.

    It can be deleted at any time between runs.
    """
    return absolute_path(os.environ.get("SR_TUNER_CACHE") or "~/.cache/sr-tuner")
