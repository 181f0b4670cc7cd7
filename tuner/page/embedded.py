"""Which pictures a file holds: the best trials' and the baselines', within a budget of bytes."""

import base64
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tuner.analysis.comparison import compare
from tuner.analysis.snapshot import Snapshot
from tuner.page.pictures import (
    EpochPictures,
    epoch_data,
    images,
    manifest,
    shared_data,
    trial_pictures,
)
from tuner.records import TrialKind

BUDGET = 12_000_000
"""Bytes of pictures a study: with base64 about 16 MB, which mail servers still take."""

TRIALS = 12
"""At most so many trials of a study show their pictures in a file."""

_TYPES = {".png": "image/png", ".webp": "image/webp"}


def embedded_pictures(snapshot: Snapshot, budget: int = BUDGET) -> dict[str, Any]:
    """What all trials share, `trials` (number -> epochs) and `left_out`, how many are without."""
    folder = snapshot.folder
    shown, about = shared_data(folder, data_uri), manifest(folder)
    candidates = {
        number: epochs
        for number, name in _by_worth(snapshot)
        if (epochs := trial_pictures(folder, name, len(shown["images"])))
    }
    chosen = dict(list(candidates.items())[:TRIALS])
    spent = sum(path.stat().st_size for row in images(folder) for path in row["files"].values())
    kept = _within(chosen, budget - spent)
    return {
        **shown,
        "trials": {
            number: [epoch_data(one, folder, data_uri, about) for one in epochs]
            for number, epochs in kept.items()
        },
        "left_out": len(candidates) - len(kept),
    }


def data_uri(path: Path) -> str:
    """A picture as text."""
    return f"data:{_TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _by_worth(snapshot: Snapshot) -> Iterable[tuple[int, str]]:
    """Trials in the order in which they are given room: the best four, baselines, the rest."""
    rows = compare(snapshot).rows
    first = [*rows[:4], *(row for row in rows if row.kind is TrialKind.BASELINE), *rows]
    return dict.fromkeys((row.number, row.trial) for row in first)


def _within(trials: dict[int, list[EpochPictures]], budget: int) -> dict[int, list[EpochPictures]]:
    """As many epochs as fit: of every trial the last, then the first, then those between."""
    kept: dict[int, list[EpochPictures]] = {}
    orders = {number: _spread(epochs) for number, epochs in trials.items()}
    for place in range(max((len(order) for order in orders.values()), default=0)):
        for number, order in orders.items():
            if place < len(order) and order[place].size <= budget:
                budget -= order[place].size
                kept.setdefault(number, []).append(order[place])
    return {
        number: sorted(kept[number], key=lambda one: one.epoch)
        for number in trials
        if number in kept
    }


def _spread(epochs: Sequence[EpochPictures]) -> list[EpochPictures]:
    """The last, the first, then the middles of the gaps: any beginning covers the training."""
    order, gaps = [len(epochs) - 1, 0], [(0, len(epochs) - 1)]
    while gaps:
        start, stop = gaps.pop(0)
        if stop - start > 1:
            middle = (start + stop) // 2
            order.append(middle)
            gaps += [(start, middle), (middle, stop)]
    return [epochs[index] for index in dict.fromkeys(order)]
