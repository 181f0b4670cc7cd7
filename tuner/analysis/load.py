"""Loading the studies that a person named on the command line."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from tuner.analysis.snapshot import Snapshot, open_snapshot
from tuner.records import FILE_NAME, RecordsError

RESULTS = "results"
"""The folder of studies unless --results says otherwise."""
_SHOWN = 5


def open_snapshots(folders: Sequence[Path]) -> list[Snapshot]:
    """Read the studies of results folders, each of them once.

    Raises:
        RecordsError: a folder is not a study (the message names studies near it), or is damaged.
    """
    return [open_named(folder) for folder in _distinct(folders)]


def open_named(folder: Path) -> Snapshot:
    """Read a study; if the folder is not a study, name those near it.

    Raises:
        RecordsError: the folder is not a study, or is damaged.
    """
    return open_snapshot(study_folder(folder))


def study_folder(named: Path) -> Path:
    """Return the folder of a study that a person named by its folder or by a file in it.

    Raises:
        RecordsError: it is not a study; the message names studies near it.
    """
    folder = named.parent if named.name == FILE_NAME else named
    if not (folder / FILE_NAME).is_file():
        raise RecordsError(f"{_problem(folder)}{_hint(folder)}")
    return folder


def _problem(folder: Path) -> str:
    if folder.suffix == ".zip" and folder.is_file():
        return f"{folder} is packed: unpack it, and name the folder that holds {FILE_NAME}"
    if folder.exists():
        return f"{folder} is not a study: it holds no {FILE_NAME}"
    return f"there is no study {folder}"


def _hint(folder: Path) -> str:
    """The studies in the folder; else those beside it or in results, best with a similar name."""
    landed = folder.parent / RESULTS
    if folder.exists():
        if inside := _studies(folder):
            return f"; it holds the studies {_listed(inside)}"
        same = landed / folder.name
        return f"; did you mean {same}?" if (same / FILE_NAME).is_file() else ""
    near = {place: _studies(place) for place in (folder.parent, landed)}
    every = [path for found in near.values() for path in found]
    like = get_close_matches(folder.name, sorted({path.name for path in every}), n=3, cutoff=0.5)
    if folder.name in like:
        like = [folder.name]
    if close := [str(path) for path in every if path.name in like]:
        return f"; did you mean {' or '.join(close[:3])}?"
    holding = (f"{place} holds {_listed(found)}" for place, found in near.items() if found)
    return next((f"; {hint}" for hint in holding), "")


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
