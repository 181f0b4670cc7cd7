"""What must be the same in a study that was killed and in one that was not."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crash.studies import TRAINED

from sr_models.errors import WorkFailedError
from tuner.lifecycle.confirm import best_trials
from tuner.objectives import get_objective
from tuner.objectives.protocol import Epoch, TrialContext
from tuner.records import EpochRecord, Records, TrialRecord, TrialState

LONGEST = 1000
"""Characters of a difference that are shown."""
Curve = list[tuple[int, dict[str, float]]]
TIMES = frozenset({"seconds", "validation/ms_per_image"})
"""Metrics that tell of the clock."""


@dataclass(frozen=True)
class Ended:
    """A study that has come to its end, without times and processes."""

    folder: Path
    trials: list[TrialRecord]
    epochs: list[EpochRecord]
    best: str

    @classmethod
    def of(cls, folder: Path) -> "Ended":
        with Records.open(folder) as records:
            return cls(folder, records.trials(), records.epochs(), best_trials(records, 1)[0])

    @property
    def settings(self) -> list[Any]:
        """Which trials there are, in their order, and what each was given."""
        return [(t.number, t.name, t.kind, t.params, t.config, t.sampler) for t in self.trials]

    @property
    def ends(self) -> list[Any]:
        """What became of each trial."""
        return [(t.name, t.state, t.reason, t.error) for t in self.trials]

    @property
    def curves(self) -> dict[str, Curve]:
        """The epochs of each trial: their numbers and all their metrics."""
        found: dict[str, Curve] = {trial.name: [] for trial in self.trials}
        for row in self.epochs:
            found[self.trials[row.trial].name].append(_point(row))
        return found

    @property
    def computed(self) -> Counter[tuple[str, int]]:
        """How often each epoch was trained, by trial and number; empty for a real network."""
        return Counter(
            (file.parent.name, int(line.split()[0]))
            for file in self.folder.glob(f"trials/*/{TRAINED}")
            for line in file.read_text().splitlines()
        )


def require_same(killed: Ended, whole: Ended) -> None:
    """See that a study equals one that was not killed: in all but times and processes.

    Raises:
        WorkFailedError: it does not.
    """
    for what in ("settings", "ends", "curves", "best"):
        _require(killed, what, getattr(killed, what), getattr(whole, what))


def require_sound(killed: Ended, whole: Ended, wanted: Callable[[TrialRecord], Curve]) -> None:
    """See what holds for any order in which parallel trials come in.

    As many trials as in the `whole` study are there, none a repeat of another; each has ended,
    with epochs from 1 on and none missing, and with the metrics that are `wanted` of its setting;
    the best is the one with the best epoch.

    Raises:
        WorkFailedError: something is otherwise.
    """
    _require(killed, "number of trials", len(killed.trials), len(whole.trials))
    _require(killed, "settings", len({repr(t.config) for t in killed.trials}), len(whole.trials))
    over = {TrialState.COMPLETE, TrialState.STOPPED}
    _require(killed, "unfinished", [t.name for t in killed.trials if t.state not in over], [])
    tops = {}
    for trial in killed.trials:
        found, full = killed.curves[trial.name], wanted(trial)
        _require(killed, "epochs", [number for number, _ in found], list(range(1, len(found) + 1)))
        both = min(len(found), len(full))
        _require(killed, f"curve of {trial.name}", found[:both], full[:both])
        if trial.state is TrialState.COMPLETE:
            _require(killed, f"length of {trial.name}", len(found), _length(trial))
        tops[trial.name] = max(metrics["validation/psnr"] for _, metrics in found)
    _require(killed, "best", killed.best, max(tops, key=lambda name: tops[name]))


def twice(ended: Ended) -> int:
    """How many epochs were trained again.

    Raises:
        WorkFailedError: one was trained and is not recorded, or the other way round.
    """
    recorded = {(ended.trials[row.trial].name, row.epoch) for row in ended.epochs}
    if not ended.computed:
        return 0
    _require(ended, "epochs trained", set(ended.computed), recorded)
    return ended.computed.total() - len(ended.computed)


def trained_alone(trial: TrialRecord, scratch: Path) -> Curve:
    """The curve that a setting of the toy gives, trained at once and alone."""
    objective = get_objective("analytic")
    config = objective.config_type.model_validate(trial.config | {"seconds_per_epoch": 0.0})
    folder = scratch / trial.name
    folder.mkdir(parents=True)
    return [_point(row) for row in objective.run(config, TrialContext(folder, 0, threads=1))]


def _point(row: Epoch | EpochRecord) -> tuple[int, dict[str, float]]:
    number = row.epoch if isinstance(row, EpochRecord) else row.number
    return number, {name: value for name, value in row.metrics.items() if name not in TIMES}


def _length(trial: TrialRecord) -> int:
    """The epochs of a full trial."""
    return int(trial.config.get("training", trial.config)["max_epochs"])


def _require(ended: Ended, what: str, found: Any, wanted: Any) -> None:
    if found != wanted:
        raise WorkFailedError(
            f"{ended.folder}: {what} differ from those of a study that was not killed:\n"
            f"  found  {str(_difference(found, wanted))[:LONGEST]}\n"
            f"  wanted {str(_difference(wanted, found))[:LONGEST]}"
        )


def _difference(one: Any, other: Any) -> Any:
    """Only what is not in the other."""
    if isinstance(one, dict) and isinstance(other, dict):
        differs = [key for key, value in one.items() if other.get(key) != value]
        return {key: _difference(one[key], other.get(key)) for key in differs}
    if isinstance(one, list) and isinstance(other, list):
        return [value for value in one if value not in other]
    return one - other if isinstance(one, set) and isinstance(other, set) else one
