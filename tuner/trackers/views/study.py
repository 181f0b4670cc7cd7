"""A study as a whole at a moment, for trackers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from operator import itemgetter
from pathlib import Path
from typing import Any

import yaml

from tuner.objectives.described import baseline_values, described
from tuner.records import EpochRecord, Records, TrialKind, TrialRecord, TrialState
from tuner.records.status import StudyStatus, study_status
from tuner.trackers.secrets import scrub
from tuner.trackers.views.params import Scalar, flatten
from tuner.trackers.views.pictures import Picture, study_pictures
from tuner.trackers.views.trial import TrialView, goal, trial_view

_EXACT = 2**53  # up to here a float holds every whole number


@dataclass(frozen=True)
class StudyView:
    """A study as a whole, at a moment."""

    folder: Path
    info: Mapping[str, Any]
    trials: list[TrialView]
    state: StudyStatus

    @classmethod
    def read(cls, records: Records) -> "StudyView":
        """Return the study as its records are now."""
        trials = [trial_view(records, trial) for trial in records.trials()]
        return cls(records.folder, records.info, trials, study_status(records.events()))

    @property
    def name(self) -> str:
        """The study's name."""
        return str(self.info["study"])

    @cached_property
    def id(self) -> str:
        """An id that is the same for this study wherever its folder is, and for no other."""
        source = f"{self.name} {self.info['created']!r}"
        return hashlib.sha256(source.encode()).hexdigest()[:12]

    @property
    def goals(self) -> dict[str, str]:
        """What is searched for: each metric with its direction."""
        return dict(zip(self.info["metrics"], self.info["directions"], strict=True))

    @property
    def best(self) -> TrialView | None:
        """The trial with the best epoch, without failed trials and repeats; None if there is
        none."""
        scored = [
            ((1.0 if trial.maximize else -1.0) * best.metrics[trial.metric], trial)
            for trial in self.trials
            if (best := trial.best_epoch) and _counts(trial.record)
        ]
        return max(scored, key=itemgetter(0), default=(0.0, None))[1]

    @property
    def baselines(self) -> list[TrialView]:
        """What trials are compared with, such as bicubic upscaling, as trials with a single epoch.

        Their numbers are negative, which no trial's number is.
        """
        found = baseline_values(self.info, described(self.info))
        created = self.info["created"]
        kind, state = TrialKind.BASELINE, TrialState.COMPLETE
        views = []
        for number, (label, metrics) in zip(count(-1, -1), found.items(), strict=False):
            record = TrialRecord(number, label, kind, state, {}, {}, created=created, ended=created)
            epochs = [EpochRecord(number, 1, metrics, created, created)]
            views.append(TrialView(record, epochs, self.folder, *goal(self.info)))
        return views

    @cached_property
    def searched(self) -> list[str]:
        """The dotted paths that the search or a baseline sets, in which trials differ."""
        baselines = (self._file.get("baselines") or {}).values()
        groups = [self._file.get("search") or {}]
        groups += [baseline.get("set") or {} for baseline in baselines]
        groups += [trial.record.params for trial in self.trials]
        return list(dict.fromkeys(path for group in groups for path in group))

    @cached_property
    def mixed(self) -> frozenset[str]:
        """The settings that other tools cannot sort, or keep, as numbers.

        Their values are of several types (a number, or null), now or later, or are whole numbers
        that would lose digits.
        """
        kinds: dict[str, set[type]] = {}
        for trial in self.trials:
            for path, value in trial.settings.items():
                kinds.setdefault(path, set()).add(_kind(value))
        for path, dimension in (self._file.get("search") or {}).items():
            said = dimension if isinstance(dimension, Mapping) else {}
            choice = said.get("choice")
            ends = [said[end] for end in ("low", "high") if isinstance(said.get(end), int | float)]
            for value in choice if isinstance(choice, list) else ends:
                kinds.setdefault(path, set()).update(map(_kind, flatten({path: value}).values()))
        return frozenset(path for path, found in kinds.items() if len(found) > 1 or int in found)

    @cached_property
    def _file(self) -> dict[str, Any]:
        return yaml.safe_load(self.texts.get("study.yaml", "")) or {}

    @property
    def ended(self) -> float:
        """When the last epoch ended, in Unix seconds."""
        times = [epoch.ended for trial in self.trials for epoch in trial.epochs]
        return float(max(times, default=self.info["created"]))

    @property
    def settings(self) -> dict[str, Scalar]:
        """The metrics, the budget and the workers of the study."""
        keys = ("metrics", "directions", "budget", "workers", "data")
        return flatten({key: self.info[key] for key in keys if key in self.info})

    @property
    def labels(self) -> dict[str, str]:
        """The state of the study, in words."""
        best = self.best
        found = {
            "kind": "study",
            "state": self.state,
            "description": str(self.info.get("description") or ""),
            "best_trial": best.record.name if best else "",
        }
        return {name: scrub(value) for name, value in found.items() if value}

    @property
    def texts(self) -> dict[str, str]:
        """The study's own files, by file name: its YAML and its environment."""
        paths = [self.folder / name for name in ("study.yaml", "environment.json")]
        return {
            path.name: scrub(path.read_text(encoding="utf-8")) for path in paths if path.is_file()
        }

    @property
    def pictures(self) -> list[Picture]:
        """Input, target and baselines of the sample pictures."""
        return study_pictures(self.folder)


def _kind(value: Scalar) -> type:
    """The type as other tools distinguish it: all numbers that a float holds are alike."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float if abs(value) <= _EXACT else int
    return type(value)


def _counts(trial: TrialRecord) -> bool:
    """Whether a trial may be the best: a repeat with another seed is part of its trial."""
    return trial.kind is not TrialKind.CONFIRM and trial.state is not TrialState.FAILED
