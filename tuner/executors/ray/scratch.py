"""Where Ray may write while a study runs; nothing of it is left."""

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
"""Characters of the folder for temporary files: paths of sockets end at 107."""


@contextmanager
def scratch_folder(results: Path, *, cluster: bool) -> Iterator[Path]:
    """Where Ray may write while the study runs.

    On one machine a short path, for Ray's sockets; on a cluster a folder that all machines see.
    """
    if not cluster:
        root = Path(tempfile.gettempdir())
        if len(str(root)) > _LONGEST_ROOT:
            root = Path("/tmp")
        _remove_left_behind(root)
        scratch = root / f"{_SCRATCH}{os.getpid()}"
    else:
        root = results.absolute()
        for left in root.glob(f".{_SCRATCH}*"):  # nobody else runs this study now
            shutil.rmtree(left, ignore_errors=True)
        scratch = root / f".{_SCRATCH}{os.getpid()}"
    with explained(scratch):
        scratch.mkdir(mode=0o700, exist_ok=True)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _remove_left_behind(root: Path) -> None:
    """Remove what runs that were killed have left."""
    for left in root.glob(f"{_SCRATCH}*"):
        process = left.name.removeprefix(_SCRATCH)
        if process.isdigit() and not psutil.pid_exists(int(process)):
            shutil.rmtree(left, ignore_errors=True)
