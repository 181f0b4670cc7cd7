"""What all tests share."""

import gc
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sr_models.cpus import usable_cpus
from tests.distribution import SLOW, InFamilies, early
from tuner.executors.allocation import Allocation

os.environ.setdefault("OMP_NUM_THREADS", "1")
# Some two hundred processes are started here: each would compile all that it imports of ours.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Ray and Neptune try it for nothing, and it takes longer to import than they do.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# A shell's background job is born deaf to Ctrl-C, and so are its children: tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):  # nor does one under nohup hear of a terminal that is closed
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


_MEMORY = Path("/dev/shm")
"""A file system that waits for no disk: small studies are thousands of small files."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' folders in memory, where there is enough of it."""
    there = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)
    if there and shutil.disk_usage(_MEMORY).free > 2 * 2**30:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more process than CPUs: many tests wait for processes that they have started."""
    return min(usable_cpus() + 1, 6)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> InFamilies:
    """Share the tests out among the processes."""
    config.option.loadscopereorder = False
    return InFamilies(config, log)


def pytest_collection() -> None:
    """Look for no garbage while a million objects are made that will stay."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Nor look through them ever again."""
    gc.freeze()
    gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no file whose every test is slow where none is asked for."""
    root = config.rootpath.as_posix()
    name = collection_path.as_posix().removeprefix(f"{root}/") + (
        "/" if collection_path.is_dir() else "::"
    )
    asked_for = config.option.markexpr != "not slow"
    return None if asked_for or not any(part in name for part in SLOW) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, and mark it."""
    items.sort(key=early)
    for item in items:
        if any(part in item.nodeid for part in SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def _no_wait_for_the_disk() -> Iterator[None]:
    """No test cuts the power."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photographs and weights, where there is one."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SR_TUNER_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"needs the photographs of {folder} (set SR_TUNER_DATA)")
    return folder


@pytest.fixture(scope="session")
def ray_started() -> Iterator[None]:
    """Ray, started once: the engine takes one that is there. More cores than any test's workers."""
    from tests.ray_workers import forked_workers
    from tuner.executors.ray.cluster import connected

    with (
        tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as scratch,
        forked_workers(Path(scratch)),
        connected(Allocation(workers=2, threads=2, gpus=0), None, Path(scratch)),
    ):
        yield
