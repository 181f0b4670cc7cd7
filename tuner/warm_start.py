"""What a study learns from earlier ones of the same space before its first proposal."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sr_models.errors import UserError
from tuner.records import EventKind, Records, TrialState

if TYPE_CHECKING:
    from tuner.config import StudyConfig
    from tuner.goals import Goals
    from tuner.proposals import Proposals


def warm_start(
    config: "StudyConfig", goals: "Goals", proposals: "Proposals", records: Records, now: float
) -> None:
    """Tell the sampler the trials of the studies that `config` names.

    They are read once. Later runs learn the same from the events of study.db, even if the earlier
    study has grown, or is gone.

    Raises:
        UserError: one is no study, or its values cannot be compared with this one's.
    """
    known = {
        event.data["folder"]: event.data["trials"]
        for event in records.events()
        if event.kind is EventKind.LEARNED
    }
    for folder in config.warm_start:
        if folder not in known:
            known[folder] = list(_ended_trials(Path(folder), config, goals))
            records.add_event(now, EventKind.LEARNED, folder=folder, trials=known[folder])
        for earlier in known[folder]:
            proposals.learn(earlier)


def _ended_trials(folder: Path, config: "StudyConfig", goals: "Goals") -> Iterator[dict[str, Any]]:
    """What a sampler wants to know of each: setting, state, values, and where it was stopped."""
    with Records.open(folder) as earlier:
        _require_comparable(earlier, config, goals)
        for trial in earlier.trials():
            epochs = earlier.epochs(trial.number)
            values = goals.best(epochs, trial.facts)
            if trial.state in (TrialState.COMPLETE, TrialState.STOPPED) and values is not None:
                last = epochs[-1]
                yield {
                    "params": trial.params,
                    "state": trial.state,
                    "values": values,
                    "epoch": [last.epoch, last.metrics[goals.first]],
                }


def _require_comparable(earlier: Records, config: "StudyConfig", goals: "Goals") -> None:
    from tuner.config import load_study

    metrics = tuple(earlier.info["metrics"])
    if metrics != goals.metrics:
        raise UserError(
            f"warm_start: {earlier.folder} was searched for {' and '.join(metrics)}, this study "
            f"for {' and '.join(goals.metrics)}"
        )
    stored = load_study(earlier.folder / "study.yaml")
    if stored.objective_type != config.objective_type:
        raise UserError(
            f"warm_start: {earlier.folder} tuned {stored.objective_type}, not "
            f"{config.objective_type}"
        )
