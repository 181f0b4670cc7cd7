"""The studies that a person named on the command line."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from tuner.analysis.snapshot import Snapshot, open_snapshot
from tuner.records import FILE_NAME, RecordsError

_SHOWN = 5


def open_snapshots(folders: Sequence[Path]) -> list[Snapshot]:
    """Read the studies of results folders, each once.

    Raises:
        RecordsError: a folder is no study (the message names studies near it), or is damaged.
    """
    return [open_named(folder) for folder in _distinct(folders)]


def open_named(folder: Path) -> Snapshot:
    """Read one study; where the folder is none, say which ones are near.

    Raises:
        RecordsError: the folder is no study, or is damaged.
    """
    if folder.name == FILE_NAME:
        folder = folder.parent
    if not (folder / FILE_NAME).is_file():
        raise RecordsError(f"{_problem(folder)}{_hint(folder)}")
    return open_snapshot(folder)


def _problem(folder: Path) -> str:
    if folder.exists():
        return f"{folder} is not a study: it holds no {FILE_NAME}"
    return f"there is no study {folder}"


def _hint(folder: Path) -> str:
    """The studies in the folder; where there is none, those beside it, best by a like name."""
    if folder.exists():
        inside = _studies(folder)
        return f"; it holds the studies {_listed(inside)}" if inside else ""
    beside = _studies(folder.parent)
    close = get_close_matches(folder.name, [path.name for path in beside], n=3, cutoff=0.5)
    if close:
        return f"; did you mean {' or '.join(str(folder.parent / name) for name in close)}?"
    return f"; {folder.parent} holds {_listed(beside)}" if beside else ""


def _studies(folder: Path) -> list[Path]:
    try:
        return sorted(path.parent for path in folder.glob(f"*/{FILE_NAME}"))
    except OSError:
        return []


def _listed(studies: Sequence[Path]) -> str:
    more = len(studies) - _SHOWN
    return ", ".join(map(str, studies[:_SHOWN])) + (f" and {more} more" if more > 0 else "")


def _distinct(folders: Sequence[Path]) -> list[Path]:
    found: dict[Path, Path] = {}
    for folder in folders:
        found.setdefault(folder.resolve(), folder)
    return list(found.values())
