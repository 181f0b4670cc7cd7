"""The space of a study: which settings can be proposed, and the config that each of them makes."""

from collections.abc import Hashable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sr_models.frozen import FrozenConfig
from tuner.space import paths, schema
from tuner.space.choice import Choice
from tuner.space.conditions import allowed, parents_first, related
from tuner.space.config_builder import ConfigBuilder
from tuner.space.counting import count, settings
from tuner.space.dimensions import Dimension
from tuner.space.paths import MISSING
from tuner.space.range import Range
from tuner.space.values import canonical, same

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import BaseTrial


class SearchSpace:
    """Dimensions over an objective's config, by dotted path.

    Params are always dotted path -> plain value. With a `config_type`, a section whose `type` is
    changed loses the keys that its new type does not have, settings are compared with their
    defaults filled in, and a range over a key that takes fractions is fractional even if its bounds
    are whole numbers.

    Args:
        search: dotted path -> dimension.
        base: the objective section as nested plain data, without the objective's `type`.
        config_type: the objective's config class; None if it has none.
    """

    def __init__(
        self,
        search: Mapping[str, Dimension],
        base: Mapping[str, Any],
        config_type: type[FrozenConfig] | None = None,
    ) -> None:
        self.base = base
        self.config_type = config_type
        self._builder = ConfigBuilder(base, config_type)
        self.order = parents_first(
            {path: tuple(dimension.when) for path, dimension in search.items()}
        )
        self.dimensions: Mapping[str, Dimension] = {
            path: self._fitted(path, dimension) for path, dimension in search.items()
        }

    # What Optuna sees

    def suggest(self, trial: "BaseTrial") -> dict[str, Any]:
        """Return the params of an Optuna trial: a value for each active dimension."""
        params: dict[str, Any] = {}
        for path in self.order:
            if self.active(path, params):
                params[path] = self.dimensions[path].suggest(trial, path)
        return self._as_written(params)

    def distributions(self) -> "dict[str, BaseDistribution]":
        """Return all dimensions as Optuna distributions, conditional ones included."""
        return {path: dimension.distribution() for path, dimension in self.dimensions.items()}

    def encode(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return params as Optuna gets them; those that are not `known` are left out."""
        return {
            path: self.dimensions[path].encode(value) for path, value in self.known(params).items()
        }

    def decode(self, encoded: Mapping[str, Any]) -> dict[str, Any]:
        """Return the params that Optuna's params stand for."""
        return {path: self.dimensions[path].decode(value) for path, value in encoded.items()}

    # What a setting is

    def active(self, path: str, params: Mapping[str, Any]) -> bool:
        """Return whether the conditions of the dimension `path` hold under `params`."""
        return all(
            self._holds(condition, wanted, params)
            for condition, wanted in self.dimensions[path].when.items()
        )

    def known(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of the dimensions that are active under `params` and allow their value.

        A dimension that `params` leave out has the value of the config that they make.
        """
        found: dict[str, Any] = {}
        for path in self.order:
            value = self._value(path, params)
            if value is not MISSING and self.active(path, {**params, **found}):
                found[path] = value
        return self._as_written(found)

    def config(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the objective's config as nested plain data: the base with `params` set."""
        return self._builder.config(params)

    def build(self, params: Mapping[str, Any]) -> FrozenConfig:
        """Return the typed config of the objective.

        Raises:
            ValidationError: the objective rejects the params.
        """
        return self._builder.build(params)

    def resolved(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the config with its defaults filled in, or without if the objective rejects it."""
        return self._builder.resolved(params)

    def identity(self, params: Mapping[str, Any]) -> Hashable:
        """Return a value that is equal for two params exactly if they are the same setting."""
        known = self.known(params)
        if known.keys() == params.keys() or self.resolved(known) == self.resolved(params):
            return canonical(known)
        return canonical(self.resolved(params))

    # How many there are

    def size(self) -> int | None:
        """Return the number of distinct settings; None if there are infinitely many."""
        return count(self)

    def enumerate(self) -> Iterator[dict[str, Any]]:
        """Yield all settings of a finite space in a fixed order; the last dimension changes
        fastest."""
        return (self._as_written(params) for params in settings(self))

    # Conditions and values

    def _holds(self, condition: str, wanted: Any, params: Mapping[str, Any]) -> bool:
        if condition in self.dimensions and not self.active(condition, params):
            return False
        value = params[condition] if condition in params else self._unset(condition, params)
        return value is not MISSING and any(same(value, other) for other in allowed(wanted))

    def _value(self, path: str, params: Mapping[str, Any]) -> Any:
        """The value of a dimension under params, as it is listed; MISSING if it is not allowed."""
        value = params[path] if path in params else self._unset(path, params)
        dimension = self.dimensions[path]
        if value is MISSING or dimension.holds(value):
            return value if value is MISSING else dimension.as_listed(value)
        return self._sections[path].get(canonical(value), MISSING)

    def _unset(self, path: str, params: Mapping[str, Any]) -> Any:
        """The value of a key that is not in the params, from the config that they make."""
        if any(related(path, other) for other in params):
            return paths.get(self.resolved(params), path)
        return paths.get(self._resolved_base, path)

    @cached_property
    def _resolved_base(self) -> dict[str, Any]:
        return self.resolved({})

    @cached_property
    def _sections(self) -> dict[str, dict[str, Any]]:
        """For choices of whole sections: the section with its defaults -> the option."""
        return {
            path: {
                canonical(paths.get(self.resolved({path: option}), path)): option
                for option in (dimension.choice if isinstance(dimension, Choice) else ())
                if isinstance(option, list | dict)
            }
            for path, dimension in self.dimensions.items()
        }

    def _as_written(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Params in the order of the study file."""
        return {path: params[path] for path in self.dimensions if path in params}

    def _fitted(self, path: str, dimension: Dimension) -> Dimension:
        """The range as a fractional one if its key takes fractions."""
        if not isinstance(dimension, Range) or not schema.takes_fractions(self.config_type, path):
            return dimension
        return dimension.as_fractions()
