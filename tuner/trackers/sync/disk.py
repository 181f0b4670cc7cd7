"""Keeping trackers from taking the disk space that the study itself needs."""

import shutil
from pathlib import Path

RESERVE = 256 * 2**20
"""Bytes that trackers leave free on the disk of the results folder."""


class DiskNearlyFullError(OSError):
    """So little space is left that it is reserved for the study's own records and checkpoints."""


def require_space(folder: Path, reserve: int = RESERVE) -> None:
    """Check that `reserve` bytes are free on the disk of `folder`.

    Raises:
        DiskNearlyFullError: they are not.
    """
    free = shutil.disk_usage(folder).free
    if free < reserve:
        raise DiskNearlyFullError(
            f"only {free / 2**20:.0f} MiB are free on the disk of {folder.name}; "
            f"the last {reserve / 2**20:.0f} MiB are kept for the study itself"
        )
