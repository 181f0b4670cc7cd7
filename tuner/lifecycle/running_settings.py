"""The setting of a running trial in a few words: how it differs from the reference."""

from dataclasses import replace
from typing import Any

from sr_models.plain_text import one_line
from tuner.analysis.columns import short_names
from tuner.analysis.settings import canonical, is_null, setting
from tuner.analysis.values import number_text, setting_text
from tuner.core.state import StudyState
from tuner.records import TrialKind, TrialRecord


class RunningSettings:
    """Describes what is being tried: what differs from the first baseline, or all searched keys."""

    def __init__(self, state: StudyState) -> None:
        self._state = state
        paths = dict.fromkeys(state.config.search)
        for baseline in state.config.baselines.values():
            paths |= dict.fromkeys(baseline.set)
        self._names = short_names(paths)
        self._configs: dict[int, dict[str, Any]] = {}

    @property
    def heading(self) -> str:
        """The heading above the settings."""
        reference = self._reference()
        return "settings" if reference is None else f"unlike {one_line(reference.name)}"

    def text(self, trial: TrialRecord) -> str:
        """Return `skip=bicubic learning_rate=0.00171`, without the number of epochs, which has a
        column."""
        reference = self._reference()
        if reference is not None and reference.number == trial.number:
            return "the reference"
        if reference is None:
            shown = trial.params
        else:
            paths = dict.fromkeys([*trial.params, *reference.params])
            trial, reference = self._whole(trial), self._whole(reference)
            pairs = {path: (setting(trial, path), setting(reference, path)) for path in paths}
            shown = {
                path: own
                for path, (own, other) in pairs.items()
                if (own is not None or is_null(trial, path)) and canonical(own) != canonical(other)
            }
        return " ".join(
            f"{self._names.get(path, path)}={_short(value)}"
            for path, value in shown.items()
            if not path.endswith("max_epochs")
        )

    def _whole(self, trial: TrialRecord) -> TrialRecord:
        """The record with its config, which records in memory do not have."""
        if trial.number not in self._configs:
            built = self._state.settings.space.build(trial.params)
            self._configs[trial.number] = built.model_dump(mode="json")
        return replace(trial, config=self._configs[trial.number])

    def _reference(self) -> TrialRecord | None:
        if not self._state.config.baselines:
            return None
        trials = (trial for trial in self._state.trials if trial.kind is TrialKind.BASELINE)
        return min(trials, key=lambda trial: trial.number, default=None)


def _short(value: Any) -> str:
    return number_text(value, 3) if isinstance(value, float) else setting_text(value, null=True)
