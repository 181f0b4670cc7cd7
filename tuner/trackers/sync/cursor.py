"""The progress of a tracker: `trackers/TYPE.json` in the results folder."""

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Cursor:
    """What is stored in a tracker's copy.

    Attributes:
        destination: where the copy is (without secrets); with another destination the copy starts
            from the beginning.
        revision: all changes of study.db up to it have been sent.
        open: numbers of the trials whose copies were open then; the tool may have kept their newest
            epochs in memory only.
    """

    destination: str
    revision: int = 0
    open: list[int] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path, destination: str) -> Self:
        """Return the cursor in `path`, or a new cursor if that is missing or for another
        destination."""
        new = cls(destination)
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            cursor = replace(new, revision=int(found["revision"]), open=list(found["open"]))
        except (OSError, ValueError, KeyError, TypeError):
            return new  # sending everything again is always right, only slower
        return cursor if found.get("destination") == destination else new

    def save(self, path: Path) -> None:
        """Replace the file atomically, so that a crash leaves the old cursor or this cursor."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".json.new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
