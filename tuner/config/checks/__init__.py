"""Checks of a study file, made before anything starts, with errors in plain words."""

from tuner.config.checks.baselines import check_baselines
from tuner.config.checks.explain import checked, explain
from tuner.config.checks.own_parts import buildable, check_own_parts
from tuner.config.checks.problem import Problem, shown
from tuner.config.checks.rules import check_rules
from tuner.config.checks.space import check_space
from tuner.config.checks.structure import check_structure, unknown_path

__all__ = [
    "Problem",
    "buildable",
    "check_baselines",
    "check_own_parts",
    "check_rules",
    "check_space",
    "check_structure",
    "checked",
    "explain",
    "shown",
    "unknown_path",
]
