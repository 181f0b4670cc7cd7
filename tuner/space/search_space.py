"""The space of a study: which settings can be proposed, and what config each one makes."""

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sr_models.frozen import Frozen
from tuner.space import paths
from tuner.space.dimensions import Dimension, canonical, same

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import BaseTrial


class SearchSpace:
    """Dimensions over an objective's config, by dotted path.

    `base` is the objective section as nested plain data, without the objective's `type`. With
    `schema`, the objective's config type, two more things hold: a section whose `type` is changed
    loses the keys that its new type does not have, and settings are compared with their defaults
    filled in. `params` are always dotted path -> plain value.
    """

    def __init__(
        self,
        search: Mapping[str, Dimension],
        base: Mapping[str, Any],
        schema: type[Frozen] | None = None,
    ) -> None:
        self.base = base
        self.schema = schema
        self.dimensions: Mapping[str, Dimension] = search
        self._order = _parents_first(search)

    def suggest(self, trial: "BaseTrial") -> dict[str, Any]:
        """The params of a trial: a value for each dimension that is active."""
        params: dict[str, Any] = {}
        for path in self._order:
            if self.active(path, params):
                params[path] = self.dimensions[path].suggest(trial, path)
        return {path: params[path] for path in self.dimensions if path in params}

    def active(self, path: str, params: Mapping[str, Any]) -> bool:
        """Whether the conditions of the dimension `path` hold under `params`."""
        return all(
            self._holds(condition, wanted, params)
            for condition, wanted in self.dimensions[path].when.items()
        )

    def distributions(self) -> "dict[str, BaseDistribution]":
        """Optuna's view of all dimensions, conditional ones included."""
        return {path: dimension.distribution() for path, dimension in self.dimensions.items()}

    def encode(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Optuna's view of params.

        Holds the dimensions that are active under them and whose value is in range; a dimension
        that `params` leave out has the value of the config that they make.
        """
        config = self.config(params)
        values = {path: params.get(path, paths.get(config, path)) for path in self._order}
        known: dict[str, Any] = {}
        for path in self._order:
            dimension = self.dimensions[path]
            if self.active(path, {**params, **values}) and dimension.holds(values[path]):
                known[path] = dimension.encode(values[path])
        return {path: known[path] for path in self.dimensions if path in known}

    def config(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The objective's config, nested, as the base with `params` set."""
        config: dict[str, Any] = dict(self.base)
        for path, value in params.items():
            config = paths.put(config, path, value)
        return config

    def identity(self, params: Mapping[str, Any]) -> Hashable:
        """Equal for two params exactly if they are the same setting."""
        return canonical(self.config(params))

    def size(self) -> int | None:
        """The number of distinct settings; None for infinitely many."""
        if any(dimension.count is None for dimension in self.dimensions.values()):
            return None
        return sum(1 for _ in self.enumerate())

    def enumerate(self) -> Iterator[dict[str, Any]]:
        """All settings of a finite space, in a fixed order: the last dimension changes fastest."""
        return self._extend({}, 0)

    def _extend(self, params: dict[str, Any], index: int) -> Iterator[dict[str, Any]]:
        if index == len(self._order):
            yield {path: params[path] for path in self.dimensions if path in params}
            return
        path = self._order[index]
        if not self.active(path, params):
            yield from self._extend(params, index + 1)
            return
        for value in self.dimensions[path].values():
            yield from self._extend({**params, path: value}, index + 1)

    def _holds(self, condition: str, wanted: Any, params: Mapping[str, Any]) -> bool:
        if condition in self.dimensions:
            if condition not in params or not self.active(condition, params):
                return False
            value = params[condition]
        else:
            value = paths.get(self.config(params), condition)
        options = [*wanted, wanted] if isinstance(wanted, list) else [wanted]
        return value is not paths.MISSING and any(same(value, option) for option in options)


def _parents_first(search: Mapping[str, Dimension]) -> list[str]:
    """The dimensions in an order in which each comes after those that its conditions name."""
    order: list[str] = []

    def visit(path: str, above: tuple[str, ...]) -> None:
        if path in above:
            raise ValueError(f"conditions form a cycle: {' -> '.join((*above, path))}")
        if path in order:
            return
        for condition in search[path].when:
            for parent in search:
                if paths.inside(condition, parent):
                    visit(parent, (*above, path))
        order.append(path)

    for path in search:
        visit(path, ())
    return order
