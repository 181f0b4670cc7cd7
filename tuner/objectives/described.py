"""The metrics of an existing study, as its own records describe them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import yaml

from tuner.objectives import OBJECTIVES, get_objective
from tuner.objectives.metric import Metric, by_name


def described(info: Mapping[str, Any]) -> dict[str, Metric]:
    """Return the metrics by name, in the order in which the objective declares them.

    The directions that the study was started with override those of the descriptions. Baselines
    that were measured when the study was prepared are filled in.

    Args:
        info: the info of the study (see `tuner.records.Records`).
    """
    stored = info.get("metrics_described")
    metrics = (
        _of_an_earlier_version(info) if stored is None else [Metric.from_info(m) for m in stored]
    )
    known = by_name(metrics)
    for name, way in zip(info.get("metrics") or (), info.get("directions") or (), strict=False):
        known[name] = replace(known.get(name) or Metric(name), direction=way)
    return {name: _with_baseline(metric, info) for name, metric in known.items()}


def _of_an_earlier_version(info: Mapping[str, Any]) -> Iterable[Metric]:
    """What the objective declares today, because version 0.1.0 stored no descriptions."""
    file = yaml.safe_load(info.get("file") or "")
    section = file.get("objective") if isinstance(file, Mapping) else None
    kind = section.get("type") if isinstance(section, Mapping) else None
    return get_objective(kind).metrics if kind in OBJECTIVES else ()


def _with_baseline(metric: Metric, info: Mapping[str, Any]) -> Metric:
    measured = info.get(f"baseline_{metric.baseline_label}") or {}
    value = measured.get(metric.name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return metric
    return replace(metric, baseline=float(value))
