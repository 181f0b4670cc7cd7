"""Reading a text file, with an error that says what else it is."""

import difflib
from pathlib import Path

from sr_models.errors import UserError

LARGEST = 4 * 2**20
"""Largest size in bytes; no study file is as long."""


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark.

    Raises:
        UserError: it is missing, a folder, not readable, too large or not text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except IsADirectoryError:
        raise UserError(f"{path}: is a folder, not a study file{_inside(path)}") from None
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file{_similar(path)}") from None
    except (OSError, ValueError) as error:  # no permission; a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path}: cannot be read: {reason}") from None
    if len(data) > LARGEST:
        raise UserError(f"{path}: is larger than {LARGEST // 2**20} MiB; is it a study file?")
    return _decoded(data, path)


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}: line {line}: is not UTF-8 text; save the file as UTF-8") from None


def _studies(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.y*ml"))


def _inside(folder: Path) -> str:
    if (folder / "study.yaml").is_file():
        return f"; a study that has run is continued with --resume, or use {folder / 'study.yaml'}"
    names = _studies(folder)
    return f"; there is {', '.join(names)} in it" if names else ""


def _similar(path: Path) -> str:
    """A hint at a study file with a similar name; endings are ignored, because many share them."""
    names = _studies(path.parent) if path.parent.is_dir() else []
    stems = {Path(name).stem: name for name in names}
    match = difflib.get_close_matches(path.stem, stems, n=1)
    return f"; did you mean {path.parent / stems[match[0]]}?" if match else ""
