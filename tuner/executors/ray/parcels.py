"""A trial's files on their way to a machine that does not see the results, and back.

Such a machine trains in a folder of its own. It gets what the trial has so far from a server on the
driver's machine, and gives back what has changed with every epoch; the driver puts that among the
results before it records the epoch. So what is recorded is there, whatever dies.
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
"""When a file was changed, how large it is, and which it is: one that was replaced is another."""

_COPIES = "sr-tuner-copies-"


@dataclass(frozen=True)
class Parcel:
    """Files by their paths in a folder, and the paths of those that are gone."""

    files: dict[str, bytes] = field(default_factory=dict)
    gone: tuple[str, ...] = ()

    def unpack(self, folder: Path) -> None:
        """Put them into a folder, each whole or not at all, descriptions before what they describe.

        What is gone goes last: a run that dies in between finds an older checkpoint.
        """
        for name in sorted(self.files, key=lambda name: (not name.endswith(".json"), name)):
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(file, self.files[name])
        for name in self.gone:
            (folder / name).unlink(missing_ok=True)

    def unpack_once(self, folder: Path) -> None:
        """The same, and keep nothing: Ray holds on to the last result of every trial."""
        self.unpack(folder)
        self.files.clear()


class FolderChanges:
    """Tells what has changed in a folder since it was last asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = self._stamps()

    def parcel(self) -> Parcel:
        """What is new or changed, and what is gone."""
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
    """All files of a folder."""
    return _packed(folder, [folder])


def _packed(root: Path, places: Iterable[Path]) -> Parcel:
    """Files, and all files of folders, by their paths in another folder."""
    files = [file for place in places for file in (place, *place.rglob("*")) if file.is_file()]
    return Parcel({file.relative_to(root).as_posix(): file.read_bytes() for file in files})


class FileServer:
    """Gives workers what they cannot see; runs as an actor on the driver's machine."""

    def folder(self, path: str) -> Parcel:
        """All files of a trial's folder; none where there is none yet."""
        return packed(Path(path))

    def prepared(self, study: str) -> Parcel:
        """What the objective has prepared in a study's folder."""
        return _packed(Path(study), prepared_files(Path(study)))

    def file(self, path: str) -> bytes:
        """A file of the run."""
        return Path(path).read_bytes()


def serve_files(name: str) -> Any:
    """Start the server on this machine; it lives as long as what is returned."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    server = ray.remote(FileServer).options(num_cpus=0, name=name, scheduling_strategy=here)
    return server.remote()


def fetch_folder(server: str, path: str) -> Parcel:
    """On a worker: all files of a folder on the driver's machine."""
    import ray

    found: Parcel = ray.get(ray.get_actor(server).folder.remote(path))
    return found


@lru_cache(maxsize=4)
def fetch_prepared(server: str, study: str) -> Path:
    """On a worker: a copy of what the objective has prepared, once in a process."""
    import ray

    copy = _own_folder()
    found: Parcel = ray.get(ray.get_actor(server).prepared.remote(study))
    found.unpack(copy)
    return copy


def show_prepared(prepared: Path, study: Path) -> None:
    """Let a study's folder of this machine have what was prepared."""
    for path in prepared.iterdir():
        (study / path.name).symlink_to(path)


def relocated(value: Any, before: str, now: str) -> Any:
    """Plain data, in which paths that begin with one folder begin with another."""
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
    """On a worker: a copy of a file on the driver's machine, once in a process."""
    import ray

    copy = _own_folder() / path.name
    copy.write_bytes(ray.get(ray.get_actor(server).file.remote(str(path))))
    return copy


def _own_folder() -> Path:
    """A folder for copies of this process; those of processes that are gone are removed."""
    for left in Path(gettempdir()).glob(f"{_COPIES}*"):
        process = left.name.removeprefix(_COPIES).partition("-")[0]
        if process.isdecimal() and not psutil.pid_exists(int(process)):
            shutil.rmtree(left, ignore_errors=True)
    return Path(mkdtemp(prefix=f"{_COPIES}{os.getpid()}-"))
