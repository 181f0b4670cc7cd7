"""A sampler and a tracker that the package does not know."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import RandomSampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from tuner.records import EpochRecord
from tuner.trackers.views.study import StudyView
from tuner.trackers.views.trial import TrialView


class Inherit(RandomSampler):
    """Takes each value from a random one of the best trials, or at random."""

    def __init__(self, seed: int, keep: float = 0.5) -> None:
        super().__init__(seed=seed)
        self._keep = keep
        self._random = random.Random(seed)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        done.sort(
            key=lambda one: one.values[0], reverse=study.directions[0] is StudyDirection.MAXIMIZE
        )
        parents = [one for one in done[:2] if param_name in one.params]
        if parents and self._random.random() < self._keep:
            return self._random.choice(parents).params[param_name]
        return super().sample_independent(study, trial, param_name, param_distribution)


class Lines:
    """A folder with a file of JSON lines for each trial, each written anew where it goes on."""

    def __init__(self, study: StudyView, folder: str = "lines") -> None:
        self._folder = Path(study.folder) / "trackers" / folder
        self.is_new = not self._folder.is_dir()
        self._folder.mkdir(parents=True, exist_ok=True)
        self.place = str(self._folder)

    def write_study(self, study: StudyView) -> None:
        (self._folder / "_study.json").write_text(
            json.dumps({"files": study.texts, "pictures": [one.name for one in study.pictures]})
        )

    def open_trial(self, study: StudyView, trial: TrialView) -> "TrialLines":
        return TrialLines(self._folder / f"{trial.safe_name}.jsonl", trial)

    def close(self, study: StudyView) -> None:
        (self._folder / "_end.json").write_text(json.dumps(study.labels))


class TrialLines:
    """The lines of one trial."""

    def __init__(self, file: Path, trial: TrialView) -> None:
        self.recorded = 0
        self._file = file.open("w", encoding="utf-8")
        self._write(name=trial.record.name, settings=trial.settings)

    def add(self, epochs: Sequence[EpochRecord]) -> None:
        for epoch in epochs:
            self._write(epoch=epoch.epoch, metrics=dict(epoch.metrics))
            self.recorded = epoch.epoch

    def end(self, trial: TrialView) -> None:
        self._write(labels=trial.labels, values=trial.numbers)
        self._write(pictures=[picture.name for picture in trial.pictures])
        self._file.close()

    def _write(self, **line: Any) -> None:
        self._file.write(json.dumps(line) + "\n")
