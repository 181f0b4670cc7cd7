"""Where trackers keep copies on this machine: inside the results folder, to move along."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = "trackers"


@dataclass(frozen=True)
class OwnFolder:
    """The folder of one tracker, and whether it was only just made."""

    path: Path
    is_new: bool


def own_folder(study: Path, tracker: str) -> OwnFolder:
    """`trackers/TYPE` of a study's folder, made if need be."""
    path = study / FOLDER / tracker
    is_new = not path.is_dir()
    path.mkdir(parents=True, exist_ok=True)
    return OwnFolder(path, is_new)
