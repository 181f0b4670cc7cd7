"""Learning from earlier studies of the same space before the first proposal."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sr_models.errors import UserError
from tuner.analysis.load import study_folder
from tuner.lifecycle.create import STUDY_FILE
from tuner.records import EventKind, Records, RecordsError, TrialKind, TrialState

if TYPE_CHECKING:
    from tuner.config import StudyConfig
    from tuner.core.goals import Goals
    from tuner.core.suggester import Suggester
    from tuner.lifecycle.diff import Difference


def check_warm_start(config: "StudyConfig") -> list[str]:
    """Check, before a study is created, that it can learn from the studies that it names.

    Returns:
        Notes about settings outside of the search that were different then, a sentence each.

    Raises:
        UserError: a folder is not a study, is named twice, or its study searched another space or
            for another metric.
    """
    from tuner.core.goals import Goals

    goals = Goals.of(config, config.objective)
    told = []
    known: set[Path] = set()
    for folder in config.warm_start:
        with _opened(Path(folder)) as earlier:
            place = earlier.folder.resolve()
            if place in known:
                raise UserError(f"warm_start: {folder} is named twice, and would count twice")
            known.add(place)
            found = _require_comparable(earlier, config, goals)
        if found:
            shown = ", ".join(map(str, found))
            told.append(f"warm_start: {folder} had other settings, so its values differ ({shown})")
    return told


def warm_start(
    config: "StudyConfig", goals: "Goals", suggester: "Suggester", records: Records, now: float
) -> None:
    """Tell the sampler of the trials of the studies that `config` names.

    The studies are read once. Later runs learn the same from the events of study.db, even if an
    earlier study has grown or is gone.

    Args:
        config: the study, with its `warm_start`.
        goals: what it searches for.
        suggester: learns from the trials.
        records: where they are recorded.
        now: the time of the event, in Unix seconds.

    Raises:
        UserError: a folder is not a study, or its values cannot be compared with this study's.
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
            suggester.learn(earlier)


def _ended_trials(folder: Path, config: "StudyConfig", goals: "Goals") -> Iterator[dict[str, Any]]:
    """What a sampler needs to know of each trial: setting, state, values, and where it was stopped.

    And whether it was `tried`: with other settings outside of the search it was not.
    """
    with _opened(folder) as earlier:
        tried = not _require_comparable(earlier, config, goals)
        for trial in earlier.trials():
            if trial.kind is TrialKind.CONFIRM:  # its setting would count twice
                continue
            epochs = earlier.epochs(trial.number)
            values = goals.best(epochs, trial.static_metrics)
            if trial.state in (TrialState.COMPLETE, TrialState.STOPPED) and values is not None:
                last = epochs[-1]
                yield {
                    "params": trial.params,
                    "tried": tried,
                    "state": trial.state,
                    "values": values,
                    "epoch": [last.epoch, last.metrics[goals.first]],
                }


def _opened(folder: Path) -> Records:
    try:
        return Records.open(study_folder(folder))
    except RecordsError as error:
        raise UserError(f"warm_start: {error}") from error


def _require_comparable(
    earlier: Records, config: "StudyConfig", goals: "Goals"
) -> list["Difference"]:
    """Refuse another space or goal; return which settings outside of the search differ."""
    from tuner.lifecycle.diff import differences

    metrics = tuple(earlier.info["metrics"])
    if metrics != goals.metrics:
        raise UserError(
            f"warm_start: {earlier.folder} was searched for {' and '.join(metrics)}, this study "
            f"for {' and '.join(goals.metrics)}"
        )
    stored = _as_it_was(earlier.folder / STUDY_FILE, config)
    if stored.objective_type != config.objective_type:
        raise UserError(
            f"warm_start: {earlier.folder} tuned {stored.objective_type}, not "
            f"{config.objective_type}"
        )
    found = differences(stored, config)
    other = [difference for difference in found if difference.path.startswith("search.")]
    if other:
        raise UserError(
            f"warm_start: {earlier.folder} searched another space "
            f"({', '.join(map(str, other))}); only trials of the same space can be learned from"
        )
    searched = tuple(f"objective.{path}." for path in config.search)
    fixed = [difference for difference in found if difference.path.startswith("objective.")]
    return [difference for difference in fixed if not f"{difference.path}.".startswith(searched)]


def _as_it_was(file: Path, config: "StudyConfig") -> "StudyConfig":
    """Return an earlier study; code that cannot be imported again may be what is searched now."""
    from tuner.config import load_study
    from tuner.config.file import read_text
    from tuner.config.yaml_file import parse_yaml

    named = parse_yaml(read_text(file), str(file)).get("objective", {}).get("type")
    objective = config.objective if named == config.objective_type else None
    return load_study(file, objective=objective)
