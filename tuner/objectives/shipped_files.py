"""Sending files of the user's own code to machines that lack them: modules, scripts, templates.

They are sent as one archive. A machine that has the same file at each path uses its own. Any other
extracts the archive to a folder of its own, in which each file has the path that it has on the
driver's machine, with links to everything else that this machine has beside it. Trials then run in
that copy of the driver's working folder.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.machinery import EXTENSION_SUFFIXES
from os.path import isfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from tuner.objectives.errors import ObjectiveError
from tuner.objectives.own_files import LARGEST, OwnFile, with_dependencies

ROOT = Path("/")
"""The folder that contains the driver's files on its own machine; see `extract`."""

_MANIFEST = "manifest.json"
_FILES = "files"
_ABSOLUTE = (
    "the study names it by its absolute path: name it relative to the folder where the search is "
    "started, or put it there on every machine"
)
_LARGE = (
    f"it has more than {LARGEST // 2**20} MB, and is not sent: put it there on every machine, "
    "or start the search in a folder that all machines share"
)


@dataclass(frozen=True)
class PackedFile:
    """A file as it is on the driver's machine.

    Attributes:
        path: its absolute path.
        digest: the digest of its content; None if any content will do.
        mode: its permissions.
        not_sent: why it is not sent; None if it is.
    """

    path: str
    digest: str | None
    mode: int
    not_sent: str | None

    @classmethod
    def of(cls, file: OwnFile) -> "PackedFile":
        """Return the file as it is now."""
        stat = file.path.stat()
        large = stat.st_size > LARGEST
        digest = None if large or file.mentioned else _digest(file.path)
        not_sent = _LARGE if large else _ABSOLUTE if file.absolute else None
        return cls(str(file.path), digest, stat.st_mode, not_sent)

    def is_here(self) -> bool:
        """Whether this machine has the same file at its path."""
        return isfile(self.path) and self.digest in (None, _digest(Path(self.path)))


@dataclass(frozen=True)
class Manifest:
    """What an archive says of its files.

    Attributes:
        cwd: the driver's working folder.
        roots: folders that a worker imports modules from, in this order.
        files: all files that a trial needs, including those that are not sent.
    """

    cwd: str
    roots: list[str]
    files: list[PackedFile]

    @classmethod
    def read(cls, archive: Path) -> "Manifest":
        """Read the manifest of an archive."""
        with ZipFile(archive) as packed:
            found = json.loads(packed.read(_MANIFEST))
        return cls(found["cwd"], found["roots"], [PackedFile(**file) for file in found["files"]])


def pack(files: Iterable[OwnFile], folder: Path) -> Path | None:
    """Pack files and their dependencies into an archive.

    Args:
        files: the files that a study names.
        folder: where the archive is written.

    Returns:
        The path of the archive; None if there are no files.
    """
    found = with_dependencies(files)
    if not found:
        return None
    roots = [str(root) for file in found if file.imported for root in file.roots]
    packed_files = [PackedFile.of(file) for file in found]
    manifest = Manifest(str(Path.cwd()), list(dict.fromkeys(roots)), packed_files)
    archive = folder / "own-files.zip"
    with ZipFile(archive, "w", ZIP_DEFLATED, strict_timestamps=False) as packed:
        packed.writestr(_MANIFEST, json.dumps(asdict(manifest)))
        for file in packed_files:
            if file.not_sent is None:
                packed.write(file.path, f"{_FILES}{file.path}")
    return archive


@lru_cache(maxsize=4)
def extract(archive: Path, new_folder: Callable[[], Path]) -> Path:
    """Return the folder that contains the driver's files, by their absolute paths.

    That is `ROOT` if this machine has the same files, otherwise a copy, which is made once in a
    process; modules are then imported from there.

    Args:
        archive: the archive that `pack` made.
        new_folder: creates a folder for a copy.

    Raises:
        ObjectiveError: a file that is not sent is not on this machine.
    """
    manifest = Manifest.read(archive)
    missing = [file for file in manifest.files if not file.is_here()]
    if not missing:
        return ROOT
    for file in missing:
        if file.not_sent is not None:
            raise ObjectiveError(
                f"{file.path} is missing on this machine, or differs from the driver's: "
                f"{file.not_sent}"
            )
    folder = new_folder().resolve()
    with ZipFile(archive) as packed:
        packed.extractall(folder)
    copy = folder / _FILES
    for file in manifest.files:
        if file.not_sent is None:
            inside(copy, file.path).chmod(file.mode)
    inside(copy, manifest.cwd).mkdir(parents=True, exist_ok=True)
    _link_the_rest(copy)
    sys.path[:0] = [str(inside(copy, root)) for root in manifest.roots]
    return copy


def inside(copy: Path, path: Path | str) -> Path:
    """Return where a file of the driver's is in a copy of its files."""
    return copy / Path(path).relative_to(ROOT)


def _digest(file: Path) -> str:
    """Return the digest of a file; empty if it cannot be read."""
    try:
        return sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def _link_the_rest(copy: Path) -> None:
    """Link everything else that this machine has in the folders of which there is a copy."""
    for folder, folders, files in list(os.walk(copy)):
        real = ROOT / Path(folder).relative_to(copy)
        try:
            names = os.listdir(real)
        except OSError:  # this machine does not have it, or forbids to list it
            continue
        copied = {*folders, *files}
        modules = {name.partition(".")[0] for name in copied if _is_module(Path(folder, name))}
        for name in names:
            if name in copied or name == "__pycache__" or copy.is_relative_to(real / name):
                continue  # the last would be a circle
            # Python might import this machine's module in place of the driver's of the same name,
            # and a package might look for all its modules.
            replaced = name.partition(".")[0] in modules or "__init__.py" in copied
            if not (replaced and _is_module(real / name)):
                Path(folder, name).symlink_to(real / name)


def _is_module(path: Path) -> bool:
    return path.name.endswith((".py", *EXTENSION_SUFFIXES)) or isfile(path / "__init__.py")
