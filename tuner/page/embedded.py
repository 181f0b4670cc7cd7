"""Which pictures a file holds: the last of every trial, and earlier ones within a budget of bytes.

They are not in the page's document, which is parsed when it opens, but in separate blocks, one for
each trial, that are parsed when the trial is looked at.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tuner.analysis.comparison import compare
from tuner.analysis.snapshot import Snapshot
from tuner.page.pictures import (
    EpochPictures,
    Source,
    epoch_data,
    images,
    manifest,
    shared_data,
    trial_pictures,
)
from tuner.records import TrialKind

BUDGET = 12_000_000
"""Bytes of pictures per study: with base64 about 16 MB, which mail servers still accept."""

LAST = 120_000_000
"""Bytes that the last pictures of all trials may take: a thousand trials with twenty each."""

_TYPES = {".png": "image/png", ".webp": "image/webp"}


@dataclass
class Blocks:
    """Pictures beside the document: identity -> name of a picture -> its data URI."""

    prefix: str
    texts: dict[str, dict[str, str]] = field(default_factory=dict)

    def source(self, block: str, place: str = "") -> Source:
        """Return how the document names a picture of a block: `#BLOCK/PLACE/NAME`."""
        identity = f"{self.prefix}-{block}"

        def named(path: Path) -> str:
            name = "/".join(part for part in (place, path.stem) if part)
            self.texts.setdefault(identity, {})[name] = data_uri(path)
            return f"#{identity}/{name}"

        return named


def embedded_pictures(
    snapshot: Snapshot, blocks: Blocks, budget: int = BUDGET, last: int = LAST
) -> dict[str, Any]:
    """Return what all trials share, the pictures of `trials`, and the number `left_out`.

    `trials` maps the number of a trial to its epochs; `left_out` counts trials without pictures.
    """
    folder = snapshot.folder
    shown, about = shared_data(folder, blocks.source("shared")), manifest(folder)
    candidates = {
        number: epochs
        for number, name in (_by_worth(snapshot) if shown["images"] else ())
        if (epochs := trial_pictures(folder, name, len(shown["images"])))
    }
    spent = sum(path.stat().st_size for row in images(folder) for path in row["files"].values())
    kept = _within(candidates, budget - spent, last - spent)
    return {
        **shown,
        "trials": {
            number: [
                epoch_data(epoch, folder, blocks.source(str(number), str(epoch.epoch)), about)
                for epoch in epochs
            ]
            for number, epochs in kept.items()
        },
        "left_out": len(candidates) - len(kept),
    }


def data_uri(path: Path) -> str:
    """Return a picture as text."""
    return f"data:{_TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _by_worth(snapshot: Snapshot) -> Iterable[tuple[int, str]]:
    """Trials in the order in which their pictures are included: best four, baselines, the rest."""
    rows = compare(snapshot).rows
    first = [*rows[:4], *(row for row in rows if row.kind is TrialKind.BASELINE), *rows]
    return dict.fromkeys((row.number, row.trial) for row in first)


def _within(
    trials: dict[int, list[EpochPictures]], budget: int, last: int
) -> dict[int, list[EpochPictures]]:
    """As many epochs as fit: the last of every trial, then the first, then those between.

    The last ones may take `last` bytes; the others together with them may take `budget`.
    """
    kept: dict[int, list[EpochPictures]] = {}
    orders = {number: _spread(epochs) for number, epochs in trials.items()}
    spent = 0
    for place in range(max((len(order) for order in orders.values()), default=0)):
        for number, order in orders.items():
            if place and number not in kept:
                continue  # no room for its last pictures: include none of it
            room = (budget if place else last) - spent
            if place < len(order) and order[place].size <= room:
                spent += order[place].size
                kept.setdefault(number, []).append(order[place])
    return {
        number: sorted(kept[number], key=lambda pictures: pictures.epoch)
        for number in trials
        if number in kept
    }


def _spread(epochs: Sequence[EpochPictures]) -> list[EpochPictures]:
    """The last, the first, then the middles of the gaps: any prefix covers the training evenly."""
    order, gaps = [len(epochs) - 1, 0], [(0, len(epochs) - 1)]
    while gaps:
        start, stop = gaps.pop(0)
        if stop - start > 1:
            middle = (start + stop) // 2
            order.append(middle)
            gaps += [(start, middle), (middle, stop)]
    return [epochs[index] for index in dict.fromkeys(order)]
