"""Study files: YAML to a typed, checked config, and back."""

from tuner.config.load import dump_study, load_study
from tuner.config.study import Baseline, Bound, Budget, Confirm, StudyConfig

__all__ = [
    "Baseline",
    "Bound",
    "Budget",
    "Confirm",
    "StudyConfig",
    "dump_study",
    "load_study",
]
