"""TensorBoard: scalars, pictures and hparams, with a log folder for each trial."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, ClassVar, Literal

from tuner.records import EpochRecord, TrialState
from tuner.trackers.base import TrackerSettings
from tuner.trackers.sync.location import own_folder
from tuner.trackers.views.params import Scalar
from tuner.trackers.views.study import StudyView
from tuner.trackers.views.trial import TrialView

if TYPE_CHECKING:
    from tuner.trackers.tensorboard.event_file import EventFile

_STUDY = "_study"  # no trial's folder begins with an underscore


class TensorboardConfig(TrackerSettings):
    """TensorBoard's event files are written to `trackers/tensorboard` of the results folder."""

    type: Literal["tensorboard"] = "tensorboard"

    package: ClassVar[str] = "tensorboard"
    oldest: ClassVar[str] = "2.18"

    def destination(self) -> str:
        """Return where the copy is."""
        return "local"

    def connect(self, study: StudyView) -> "Tensorboard":
        """Open the log folder."""
        folder = own_folder(study.folder, self.type)
        return Tensorboard(folder.path, is_new=folder.is_new)


@dataclass
class Tensorboard:
    """The log folder of a study."""

    root: Path
    is_new: bool

    @property
    def place(self) -> str:
        """Where the copy is and how to look at it."""
        return f"{self.root}\n  look at it: tensorboard --logdir {quote(str(self.root))}"

    def write_study(self, study: StudyView) -> None:
        """Write the run `_study`: the files, the state, and the pictures that trials share."""
        with self._file(_STUDY, study.info["created"]) as file:
            for name, text in study.texts.items():
                file.text(name, f"```\n{text}\n```")
            file.text("study", _table(study.labels | study.settings))
            for picture in study.pictures:
                file.picture(picture)
            if study.trials:
                file.experiment(_values(study), _metrics(study))

    def open_trial(self, study: StudyView, trial: TrialView) -> "TensorboardLog":
        """Start the file of a trial from the beginning."""
        created = trial.record.created
        file = self._file(trial.safe_name, created)
        file.hparams(_chosen(study, trial), trial.safe_name, created)
        file.text("settings", _table(trial.settings))
        return TensorboardLog(file)

    def close(self, study: StudyView) -> None:
        """Do nothing: all files are closed."""

    def _file(self, name: str, time: float) -> "EventFile":
        from tuner.trackers.tensorboard.event_file import EventFile

        return EventFile(self.root / name, time)


@dataclass
class TensorboardLog:
    """The event file of a trial."""

    file: "EventFile"
    recorded: int = 0

    def add(self, epochs: Sequence[EpochRecord]) -> None:
        """Add epochs and flush them to the operating system, for a page that follows the file."""
        for epoch in epochs:
            self.file.scalars(epoch.metrics, epoch.epoch, epoch.ended)
            self.recorded = epoch.epoch
        self.file.flush()

    def end(self, trial: TrialView) -> None:
        """Add single numbers, pictures and the final state."""
        self.file.scalars(trial.numbers, *trial.numbers_from)
        for picture in trial.pictures:
            self.file.picture(picture)
        self.file.text("state", _table(trial.labels))
        self.file.end(trial.record.state is not TrialState.FAILED, trial.record.ended)
        self.file.close()


def _chosen(study: StudyView, trial: TrialView) -> dict[str, Scalar]:
    """The searched settings; those with values of several types become text, to be sortable."""
    return {
        name: json.dumps(value) if name in study.mixed and not isinstance(value, str) else value
        for name in study.searched
        if (value := trial.settings.get(name)) is not None
    }


def _values(study: StudyView) -> dict[str, list[Scalar]]:
    """The values of each searched setting."""
    chosen = [_chosen(study, trial) for trial in study.trials]
    found = {
        name: [settings[name] for settings in chosen if name in settings] for name in study.searched
    }
    return {name: values for name, values in found.items() if values}


def _metrics(study: StudyView) -> list[str]:
    """The single numbers to compare, beginning with what is searched for."""
    first = [f"best/{metric}" for metric in study.info["metrics"]]
    seen = {name for trial in study.trials for name in trial.numbers}
    ordered = sorted(seen, key=lambda name: (name.split("/")[0], "/train/" in name, name))
    return list(dict.fromkeys([*first, *ordered]))


def _table(values: Mapping[str, Scalar]) -> str:
    rows = [f"| `{name}` | `{_cell(value)}` |" for name, value in values.items()]
    return "\n".join(["| | |", "|---|---|", *rows])


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").replace("`", "'").split())
