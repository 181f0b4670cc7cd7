"""Study files: from YAML to a typed, checked config, and back."""

from tuner.config.dump import dump_study
from tuner.config.durations import format_duration, parse_duration
from tuner.config.load import load_study
from tuner.config.study import Baseline, Bound, Budget, Confirm, StudyConfig

__all__ = [
    "Baseline",
    "Bound",
    "Budget",
    "Confirm",
    "StudyConfig",
    "dump_study",
    "format_duration",
    "load_study",
    "parse_duration",
]
