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


def baseline_values(
    info: Mapping[str, Any], described: Mapping[str, Metric]
) -> dict[str, dict[str, float]]:
    """Return the baselines of a study by label: measured for all, and declared."""
    found: dict[str, dict[str, float]] = {}
    for metric in described.values():
        if not metric.baseline_label and metric.baseline is None:
            continue
        label = metric.baseline_label or "baseline"
        if label not in found:
            measured = info.get(f"baseline_{label}") or {}
            found[label] = {k: v for k, raw in measured.items() if (v := _finite(raw)) is not None}
        if metric.baseline is not None:
            found[label].setdefault(metric.name, metric.baseline)
    return {label: values for label, values in found.items() if values}


def _of_an_earlier_version(info: Mapping[str, Any]) -> Iterable[Metric]:
    """What the objective declares today, because version 0.1.0 stored no descriptions."""
    file = yaml.safe_load(info.get("file") or "")
    section = file.get("objective") if isinstance(file, Mapping) else None
    kind = section.get("type") if isinstance(section, Mapping) else None
    return get_objective(kind).metrics if kind in OBJECTIVES else ()


def _with_baseline(metric: Metric, info: Mapping[str, Any]) -> Metric:
    measured = info.get(f"baseline_{metric.baseline_label}") or {}
    value = _finite(measured.get(metric.name))
    return metric if value is None else replace(metric, baseline=value)


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
