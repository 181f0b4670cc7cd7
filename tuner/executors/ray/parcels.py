"""Sending a trial's files to a machine that does not see the results, and back.

Such a machine trains in a folder of its own. A server on the driver's machine sends it the files of
the trial, and with every epoch it sends back what has changed; the driver stores that in the
results before it records the epoch. So the files of every recorded epoch exist, whatever dies.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any

import psutil

from sr_models.atomic import write_atomically
from tuner.records.place import prepared_files

Stamp = tuple[int, int, int]
"""Time of change, size and inode of a file; a replaced file has another inode."""

_COPIES = "sr-tuner-copies-"


@dataclass(frozen=True)
class Parcel:
    """Files by their paths in a folder, and the paths of files that are gone."""

    files: dict[str, bytes] = field(default_factory=dict)
    gone: tuple[str, ...] = ()

    def unpack(self, folder: Path) -> None:
        """Write the files into a folder, each completely or not at all, descriptions first.

        Files that are gone are deleted last: if the run dies in between, an older checkpoint
        remains.
        """
        for name in sorted(self.files, key=lambda name: (not name.endswith(".json"), name)):
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(file, self.files[name])
        for name in self.gone:
            (folder / name).unlink(missing_ok=True)

    def unpack_once(self, folder: Path) -> None:
        """Unpack and free the content, because Ray keeps the last result of every trial."""
        self.unpack(folder)
        self.files.clear()


class FolderChanges:
    """Tells what has changed in a folder since the last call."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = self._stamps()

    def parcel(self) -> Parcel:
        """Return what is new or changed, and what is gone."""
        before, self._known = self._known, self._stamps()
        changed = [name for name, stamp in self._known.items() if before.get(name) != stamp]
        files = {name: (self._folder / name).read_bytes() for name in changed}
        return Parcel(files, tuple(name for name in before if name not in self._known))

    def _stamps(self) -> dict[str, Stamp]:
        found = {}
        for file in self._folder.rglob("*"):
            if file.is_file():
                seen = file.stat()
                stamp = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
                found[file.relative_to(self._folder).as_posix()] = stamp
        return found


def packed(folder: Path) -> Parcel:
    """Return all files of a folder."""
    return _packed(folder, [folder])


def _packed(root: Path, places: Iterable[Path]) -> Parcel:
    """Files, and all files of folders, by their paths relative to another folder."""
    files = [file for place in places for file in (place, *place.rglob("*")) if file.is_file()]
    return Parcel({file.relative_to(root).as_posix(): file.read_bytes() for file in files})


class FileServer:
    """Sends workers files that they do not see; runs as an actor on the driver's machine."""

    def folder(self, path: str) -> Parcel:
        """Return all files of a trial's folder; empty if there is none yet."""
        return packed(Path(path))

    def prepared(self, study: str) -> Parcel:
        """Return what the objective has prepared in a study's folder."""
        return _packed(Path(study), prepared_files(Path(study)))

    def file(self, path: str) -> bytes:
        """Return a file of the run."""
        return Path(path).read_bytes()


def serve_files(name: str) -> Any:
    """Start the server on this machine; it lives as long as the returned handle."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    server = ray.remote(FileServer).options(num_cpus=0, name=name, scheduling_strategy=here)
    return server.remote()


def fetch_folder(server: str, path: str) -> Parcel:
    """Fetch all files of a folder on the driver's machine, on a worker."""
    import ray

    found: Parcel = ray.get(ray.get_actor(server).folder.remote(path))
    return found


@lru_cache(maxsize=4)
def fetch_prepared(server: str, study: str) -> Path:
    """Fetch what the objective has prepared, on a worker, once in a process; return the copy."""
    import ray

    copy = own_folder()
    found: Parcel = ray.get(ray.get_actor(server).prepared.remote(study))
    found.unpack(copy)
    return copy


def show_prepared(prepared: Path, study: Path) -> None:
    """Link what was prepared into a study's folder on this machine."""
    for path in prepared.iterdir():
        (study / path.name).symlink_to(path)


def relocated(value: Any, before: str, now: str) -> Any:
    """Return plain data with paths that begin with one folder moved to another folder."""
    if isinstance(value, str):
        inside = value == before or value.startswith(f"{before}{os.sep}")
        return now + value[len(before) :] if inside else value
    if isinstance(value, Mapping):
        return {key: relocated(item, before, now) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [relocated(item, before, now) for item in value]
    return value


@lru_cache(maxsize=16)
def fetch_file(server: str, path: Path) -> Path:
    """Fetch a file on the driver's machine, on a worker, once in a process; return the copy."""
    import ray

    copy = own_folder() / path.name
    copy.write_bytes(ray.get(ray.get_actor(server).file.remote(str(path))))
    return copy


def own_folder() -> Path:
    """Create a folder for copies of this process; those of dead processes are removed."""
    for left in Path(gettempdir()).glob(f"{_COPIES}*"):
        process = left.name.removeprefix(_COPIES).partition("-")[0]
        if process.isdecimal() and not psutil.pid_exists(int(process)):
            shutil.rmtree(left, ignore_errors=True)
    return Path(mkdtemp(prefix=f"{_COPIES}{os.getpid()}-"))
