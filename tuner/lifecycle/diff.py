"""The differences between a study as it was started and as it is to continue."""

from dataclasses import dataclass
from typing import Any

import yaml

from tuner.analysis.settings import flatten
from tuner.config import StudyConfig, dump_study

# These change how a study is run, not its trials or whether they are comparable.
HARMLESS = (
    "study",
    "description",
    "sampler",
    "workers",
    "threads",
    "gpus_per_trial",
    "retries",
    "trackers",
    "confirm",
    "budget",
)


@dataclass(frozen=True)
class Difference:
    """A key whose value differs; None if it is not set."""

    path: str
    before: Any
    after: Any

    @property
    def harmless(self) -> bool:
        """Whether results before and after the change can still be compared."""
        return self.path.split(".")[0] in HARMLESS

    def __str__(self) -> str:
        return f"{self.path}: {_shown(self.before)} -> {_shown(self.after)}"


def differences(before: StudyConfig, after: StudyConfig) -> list[Difference]:
    """Return all keys that differ, in the order of the file."""
    old, new = (flatten(yaml.safe_load(dump_study(config))) for config in (before, after))
    return [
        Difference(path, old.get(path), new.get(path))
        for path in dict.fromkeys([*old, *new])
        if old.get(path) != new.get(path)
    ]


def _shown(value: Any) -> str:
    return "(not set)" if value is None else str(value)
