"""Names that tell studies apart when several are compared."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tuner.analysis.snapshot import Snapshot


def labelled(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Return the studies; those that share a name get as much of their folder as is needed.

    `a/step4` and `b/step4` are both called `step4`; side by side they keep their parent's name.
    """
    counts = Counter(snapshot.name for snapshot in snapshots)
    return [
        snapshot
        if counts[snapshot.name] == 1
        else replace(snapshot, info={**snapshot.info, "study": label})
        for snapshot, label in zip(
            snapshots, folder_labels([s.folder for s in snapshots]), strict=True
        )
    ]


def folder_labels(folders: Sequence[Path]) -> list[str]:
    """Return the names of folders, with as many of their parents as make them unique."""
    parts = [folder.resolve().parts for folder in folders]
    deepest = max((len(part) for part in parts), default=0)
    for depth in range(1, deepest + 1):
        labels = ["/".join(part[-depth:]) for part in parts]
        if len(set(labels)) == len(set(parts)):
            return labels
    return [str(folder) for folder in folders]
