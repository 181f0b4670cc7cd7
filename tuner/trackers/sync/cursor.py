"""The progress of a tracker: `trackers/TYPE.json` in the results folder."""

import json
import os
from collections.abc import Mapping
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
        goals: what was searched for, which decides the best epoch of each trial.
    """

    destination: str
    revision: int = 0
    open: list[int] = field(default_factory=list)
    goals: dict[str, str] = field(default_factory=dict)  # metric -> direction

    @classmethod
    def load(cls, path: Path, destination: str, goals: Mapping[str, str]) -> Self:
        """Return the cursor in `path`, or a new cursor if it is missing or for something else."""
        new = cls(destination, goals=dict(goals))
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            cursor = replace(new, revision=int(found["revision"]), open=list(found["open"]))
        except (OSError, ValueError, KeyError, TypeError):
            return new  # sending everything again is always right, only slower
        told = found.get("destination"), found.get("goals", new.goals)  # an older one has no goals
        return cursor if told == (destination, new.goals) else new

    def save(self, path: Path) -> None:
        """Replace the file atomically, so that a crash leaves the old cursor or this cursor."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".json.new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
