"""Reading a setting once: from params to the objective's typed config and its static metrics."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sr_models.frozen import FrozenConfig
from tuner.core.job import Outcome

if TYPE_CHECKING:
    from tuner.config import Bound
    from tuner.objectives.protocol import Objective
    from tuner.space import SearchSpace

INVALID = "valid"
"""The constraint that params violate if the objective cannot make a config of them."""


@dataclass(frozen=True)
class Setting:
    """The setting of a trial.

    Args:
        params: dotted path -> value, as proposed.
        plain: the objective's config as plain data, for the records.
        config: the typed config; None if the objective rejects it.
        static_metrics: metrics that are known without training.
        fault: why it cannot be trained; None if it can.
    """

    params: dict[str, Any]
    plain: dict[str, Any]
    config: FrozenConfig | None
    static_metrics: dict[str, float] = field(default_factory=dict)
    fault: Outcome | None = None


class SettingReader:
    """Reads params with a study's space, objective and constraints."""

    def __init__(
        self,
        space: "SearchSpace",
        objective: "Objective",
        constraints: "Mapping[str, Bound] | None" = None,
    ) -> None:
        self.space = space
        self._objective = objective
        self._constraints = constraints or {}
        self._latest: Setting | None = None

    def read(self, params: Mapping[str, Any]) -> Setting:
        """Return the setting of params; if it cannot be trained, its `fault` says why.

        A proposal is read when it is judged and again when it is started, so the latest setting is
        cached.
        """
        if self._latest is None or self._latest.params != params:
            self._latest = self._read(dict(params))
        return self._latest

    def _read(self, given: dict[str, Any]) -> Setting:
        try:
            config = self.space.build(given)
        except Exception as error:  # noqa: BLE001 - a setting that cannot be built has failed
            return Setting(given, self.space.config(given), None, fault=Outcome.of(error))
        plain = config.model_dump(mode="json")
        try:
            static_metrics = self._objective.static_metrics(config)
        except Exception as error:  # noqa: BLE001 - as above
            return Setting(given, plain, config, fault=Outcome.of(error))
        fault = self._unknown(static_metrics)
        return Setting(given, plain, config, static_metrics, fault)

    def _unknown(self, static_metrics: Mapping[str, float]) -> Outcome | None:
        """What constraints bound and the objective declares, but does not tell."""
        missing = [name for name in self._constraints if name not in static_metrics]
        if not missing:
            return None
        rule = "which constraints need and metrics declares as static"
        return Outcome(
            f"static_metrics tells no {' and no '.join(missing)}, {rule}", "MissingMetricError"
        )

    def violations(self, setting: Setting) -> dict[str, float]:
        """Return by how much a setting violates each constraint; above 0 is a violation.

        A setting whose static metrics cannot be computed violates none: its trial will fail with
        the error, and so record it.
        """
        if setting.config is None:
            return {INVALID: 1.0}
        if setting.fault is not None:
            return {}
        return {
            name: _excess(setting.static_metrics[name], bound)
            for name, bound in self._constraints.items()
        }


def _excess(value: float, bound: "Bound") -> float:
    over = value - bound.max if bound.max is not None else -math.inf
    under = bound.min - value if bound.min is not None else -math.inf
    return max(over, under)
