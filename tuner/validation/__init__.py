"""What can be wrong with a study file, found before anything starts, and said in plain words."""

from tuner.validation.baselines import check_baselines
from tuner.validation.explain import explain
from tuner.validation.problem import Problem, shown
from tuner.validation.rules import check_rules
from tuner.validation.space import check_space
from tuner.validation.structure import check_structure, unknown_path

__all__ = [
    "Problem",
    "check_baselines",
    "check_rules",
    "check_space",
    "check_structure",
    "explain",
    "shown",
    "unknown_path",
]
