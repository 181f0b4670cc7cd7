"""What a tracker is told of a study and its trials: study.db, made ready for other tools.

Names are those of study.db: metrics and facts by their own names, settings by their dotted paths.
What is no series is grouped: `best/` the metrics of a trial's best epoch, `facts/` what is known of
it without training (its parameters), `reported/` the figures that a report gives of a baseline.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tuner.records import EpochRecord, Records, TrialKind, TrialRecord, TrialState
from tuner.trackers.pictures import Picture, bicubic_pictures, study_pictures, trial_pictures
from tuner.trackers.secrets import scrub

Setting = bool | int | float | str
"""A setting as other tools take it: lists are JSON, None is `null`."""

_SAFE = re.compile(r"[^A-Za-z0-9._-]+")
_BICUBIC = -1  # a number that no trial has
_ENDINGS = ("ended", "interrupted")
_BEGINNINGS = ("started", "resumed", "extended")


@dataclass(frozen=True)
class TrialView:
    """One trial with all its epochs so far, by number."""

    record: TrialRecord
    epochs: list[EpochRecord]
    folder: Path  # the study's
    metric: str  # the first that is searched for
    maximize: bool

    @property
    def running(self) -> bool:
        """Whether more epochs may follow at once."""
        return self.record.state is TrialState.RUNNING

    @property
    def key(self) -> str:
        """What tells this trial from the others of its study, the same whenever it is told."""
        return "bicubic" if self.record.number == _BICUBIC else str(self.record.number)

    @property
    def safe_name(self) -> str:
        """The name, or where it holds odd characters a name made of it, fit for a folder."""
        if self.record.number == _BICUBIC:
            return "_bicubic"
        plain = _SAFE.sub("_", self.record.name).strip("._")
        odd = plain != self.record.name
        return f"{plain[:80]}_{self.record.number}" if odd else plain

    @cached_property
    def settings(self) -> dict[str, Setting]:
        """The whole config of the trial by dotted path, what was searched for included."""
        return flatten(self.record.config) | flatten(self.record.params)

    @cached_property
    def best_epoch(self) -> EpochRecord | None:
        """The epoch with the best value of the study's first metric."""
        sign = 1.0 if self.maximize else -1.0
        scored = [epoch for epoch in self.epochs if math.isfinite(self._value(epoch))]
        return max(scored, key=lambda epoch: sign * self._value(epoch), default=None)

    @property
    def numbers(self) -> dict[str, float]:
        """Single numbers of the trial, grouped by what they are (see above)."""
        best = dict(self.best_epoch.metrics) if self.best_epoch else {}
        best.pop("seconds", None)  # how long that epoch took says nothing of the trial
        groups = {"best": best, "facts": self.record.facts, "reported": self.record.reported}
        return {
            f"{group}/{name}": float(value)
            for group, values in groups.items()
            for name, value in values.items()
            if isinstance(value, int | float) and math.isfinite(value)
        }

    @property
    def numbers_from(self) -> tuple[int, float]:
        """The epoch that `numbers` belong to, and its time: where tools show them."""
        best = self.best_epoch
        return (best.epoch, best.ended) if best else (0, self.record.created)

    @property
    def labels(self) -> dict[str, str]:
        """How the trial stands, in words: kind, state, and where known reason and error."""
        record = self.record
        found = {
            "kind": record.kind.value,
            "state": record.state.value,
            "reason": record.reason,
            "error": record.error,
        }
        return {name: scrub(value) for name, value in found.items() if value}

    @property
    def pictures(self) -> list[Picture]:
        """Sample pictures of the best epoch, or of the last one that has any."""
        if self.record.number == _BICUBIC:
            return bicubic_pictures(self.folder)
        best = self.best_epoch.epoch if self.best_epoch else None
        return trial_pictures(self.folder / "trials" / self.record.name, best)

    def _value(self, epoch: EpochRecord) -> float:
        return epoch.metrics.get(self.metric, math.nan)


@dataclass(frozen=True)
class StudyView:
    """A study as a whole, at one moment."""

    folder: Path
    info: Mapping[str, Any]
    trials: list[TrialView]
    state: str  # "running", or the kind of the event that ended it

    @classmethod
    def read(cls, records: Records) -> "StudyView":
        """The study as its records stand now."""
        trials = [trial_view(records, trial) for trial in records.trials()]
        return cls(records.folder, records.info, trials, _state(records))

    @property
    def name(self) -> str:
        """The study's name."""
        return str(self.info["study"])

    @cached_property
    def id(self) -> str:
        """The same for this study wherever its folder lies, and for no other."""
        source = f"{self.name} {self.info['created']!r}"
        return hashlib.sha256(source.encode()).hexdigest()[:12]

    @property
    def best(self) -> TrialView | None:
        """The trial with the best epoch; None before any epoch."""
        scored = [trial for trial in self.trials if trial.best_epoch]
        sign = 1.0 if scored and scored[0].maximize else -1.0
        return max(
            scored, key=lambda trial: sign * trial.numbers[f"best/{trial.metric}"], default=None
        )

    @property
    def bicubic(self) -> TrialView | None:
        """Bicubic upscaling as if it were a trial of one epoch, to be compared with; or None."""
        metrics = self.info.get("baseline_bicubic")
        if not metrics:
            return None
        created = self.info["created"]
        kind, state = TrialKind.BASELINE, TrialState.COMPLETE
        record = TrialRecord(
            _BICUBIC, "bicubic", kind, state, {}, {}, created=created, ended=created
        )
        epochs = [EpochRecord(_BICUBIC, 1, metrics, created, created)]
        return TrialView(record, epochs, self.folder, *_goal(self.info))

    @property
    def searched(self) -> list[str]:
        """The dotted paths that the search or a baseline sets: what trials differ in."""
        file = yaml.safe_load(self.texts.get("study.yaml", "")) or {}
        baselines = (file.get("baselines") or {}).values()
        groups = [file.get("search") or {}]
        groups += [baseline.get("set") or {} for baseline in baselines]
        groups += [trial.record.params for trial in self.trials]
        return list(dict.fromkeys(path for group in groups for path in group))

    @property
    def ended(self) -> float:
        """When the last epoch ended, in Unix seconds."""
        times = [epoch.ended for trial in self.trials for epoch in trial.epochs]
        return float(max(times, default=self.info["created"]))

    @property
    def settings(self) -> dict[str, Setting]:
        """What was asked for: the metrics, the budget, the workers."""
        keys = ("metrics", "directions", "budget", "workers", "data")
        return flatten({key: self.info[key] for key in keys if key in self.info})

    @property
    def labels(self) -> dict[str, str]:
        """How the study stands, in words."""
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
        """The study's own files, by file name: its YAML and what it ran on."""
        paths = [self.folder / name for name in ("study.yaml", "environment.json")]
        return {
            path.name: scrub(path.read_text(encoding="utf-8")) for path in paths if path.is_file()
        }

    @property
    def pictures(self) -> list[Picture]:
        """Input, bicubic and target of the sample pictures."""
        return study_pictures(self.folder)


def trial_view(records: Records, trial: TrialRecord) -> TrialView:
    """A trial with its epochs as the records stand now."""
    return TrialView(trial, records.epochs(trial.number), records.folder, *_goal(records.info))


def flatten(config: Mapping[str, Any], prefix: str = "") -> dict[str, Setting]:
    """Nested settings by dotted path, with values that every tool can hold."""
    flat: dict[str, Setting] = {}
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = _plain(value)
    return flat


def nested(settings: Mapping[str, Setting]) -> dict[str, Any]:
    """The opposite of `flatten`, for tools that join the levels with dots themselves."""
    config: dict[str, Any] = {}
    for path, value in settings.items():
        *parents, leaf = path.split(".")
        section = config
        for parent in parents:
            section = section.setdefault(parent, {})
        section[leaf] = value
    return config


def _goal(info: Mapping[str, Any]) -> tuple[str, bool]:
    return info["metrics"][0], info["directions"][0] == "maximize"


def _plain(value: Any) -> Setting:
    if isinstance(value, str):
        return scrub(value)
    return value if isinstance(value, bool | int | float) else scrub(json.dumps(value))


def _state(records: Records) -> str:
    kinds = [event.kind for event in records.events() if event.kind in _ENDINGS + _BEGINNINGS]
    return kinds[-1] if kinds and kinds[-1] in _ENDINGS else "running"
