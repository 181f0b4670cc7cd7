"""Keeps a tracker from taking the disk space that the study itself needs."""

import shutil
from pathlib import Path

RESERVE = 256 * 2**20
"""Bytes that trackers leave free on the disk of the results folder."""


class DiskNearlyFullError(OSError):
    """So little space is left that it is kept for the study's own records and checkpoints."""


def require_space(folder: Path, reserve: int = RESERVE) -> None:
    """Raise `DiskNearlyFullError` unless `reserve` bytes are free where `folder` lies."""
    free = shutil.disk_usage(folder).free
    if free < reserve:
        raise DiskNearlyFullError(
            f"only {free / 2**20:.0f} MiB are free where {folder.name} lies; "
            f"the last {reserve / 2**20:.0f} MiB are kept for the study itself"
        )
