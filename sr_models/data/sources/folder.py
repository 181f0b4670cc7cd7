"""A folder of images, searched with all its subfolders."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from sr_models.data.paths import absolute_path
from sr_models.data.sources.listing import ImageFile, Listing, Skipped, readable_name
from sr_models.errors import DataError
from sr_models.frozen import FrozenConfig


class FolderSource(FrozenConfig):
    """All images in a folder, whatever the files are called.

    The content of a file decides whether it is an image, not its name. Links are followed. Hidden
    files and folders (`.git`, `.thumbnails`) are skipped.
    """

    type: Literal["folder"] = "folder"
    path: Path
    """The folder; a relative path starts at the current directory, `~` at the home folder."""

    @field_validator("path", mode="before")
    @classmethod
    def _not_empty(cls, value: object) -> object:
        if value == "":
            raise ValueError("must be the path of a folder")
        return value

    def list_images(self, side: int) -> Listing:
        """List all files in the folder, sorted by name; decoding shows which are images.

        Raises:
            DataError: there is no such folder.
        """
        root = absolute_path(self.path)
        if not root.is_dir():
            problem = "is not a folder" if root.exists() else "does not exist"
            raise DataError(f"data.source.path: {readable_name(root)} {problem}")
        files: list[ImageFile] = []
        skipped: list[Skipped] = []
        start = len(os.path.join(root, ""))
        found = (
            (path[start:].split(os.sep), path, problem) for path, problem in _walk(str(root), set())
        )
        for parts, path, problem in sorted(found):
            name = readable_name("/".join(parts) or ".")
            if problem:
                skipped.append(Skipped(name, problem))
            else:
                files.append(ImageFile(name, Path(path), name))
        return Listing(readable_name(root), files, skipped)


def _walk(folder: str, seen: set[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """Each file in `folder` with a reason against it ("" for none)."""
    try:
        status = os.stat(folder)
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        yield folder, f"folder cannot be read: {error.strerror}"
        return
    if (status.st_dev, status.st_ino) in seen:
        yield folder, "link to a folder that is listed already"
        return
    seen.add((status.st_dev, status.st_ino))
    for entry in entries:
        if entry.name.startswith("."):
            yield entry.path, "hidden"
        elif os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir():
            yield from _walk(entry.path, seen)
        else:
            yield entry.path, _file_problem(entry)


def _file_problem(entry: "os.DirEntry[str]") -> str:
    """Why a file must not even be opened: reading a pipe or a device could wait forever."""
    try:
        status = entry.stat()
    except OSError as error:
        return "broken link" if entry.is_symlink() else f"cannot be read: {error.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if not os.access(entry.path, os.R_OK):
        return "cannot be read: permission denied"
    return "" if status.st_size else "empty file"
