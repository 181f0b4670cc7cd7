"""The folders in which trackers keep local copies: inside the results folder, to move with it."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = "trackers"


@dataclass(frozen=True)
class OwnFolder:
    """The folder of a tracker, and whether it is new."""

    path: Path
    is_new: bool


def own_folder(study: Path, tracker: str) -> OwnFolder:
    """Return `trackers/TYPE` in a study's folder, which is created if necessary."""
    path = study / FOLDER / tracker
    is_new = not path.is_dir()
    path.mkdir(parents=True, exist_ok=True)
    return OwnFolder(path, is_new)
