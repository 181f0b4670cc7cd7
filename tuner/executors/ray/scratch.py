"""The folder that Ray may write to while a study runs; nothing of it is left afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tuner.records.disk import explained

_SCRATCH = "sr-tuner-"
_LONGEST_ROOT = 30
"""Most characters of the folder for temporary files, because paths of sockets have at most 107."""


@contextmanager
def scratch_folder(results: Path, *, cluster: bool) -> Iterator[Path]:
    """Yield a folder that Ray may write to while the study runs.

    On a single machine it has a short path, for Ray's sockets; on a cluster all machines see it.
    """
    if not cluster:
        root = Path(tempfile.gettempdir())
        if len(str(root)) > _LONGEST_ROOT:
            root = Path("/tmp")
        _remove_left_behind(root)
        scratch = root / f"{_SCRATCH}{os.getpid()}"
    else:
        root = results.absolute()
        for left in root.glob(f".{_SCRATCH}*"):  # no other process runs this study now
            shutil.rmtree(left, ignore_errors=True)
        scratch = root / f".{_SCRATCH}{os.getpid()}"
    with explained(scratch):
        scratch.mkdir(mode=0o700, exist_ok=True)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _remove_left_behind(root: Path) -> None:
    """Remove what killed runs have left."""
    for left in root.glob(f"{_SCRATCH}*"):
        process = left.name.removeprefix(_SCRATCH)
        if process.isdigit() and not psutil.pid_exists(int(process)):
            shutil.rmtree(left, ignore_errors=True)
