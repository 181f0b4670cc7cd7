"""The objective's config for given params: as plain data, typed, or with its defaults filled in."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from sr_models.frozen import FrozenConfig
from tuner.space import edit, schema
from tuner.space.values import canonical


class ConfigBuilder:
    """Puts params into the objective section of a study.

    Args:
        base: the section as nested plain data, without the objective's `type`.
        config_type: the class of the config; None if the objective takes any keys.
    """

    def __init__(self, base: Mapping[str, Any], config_type: type[FrozenConfig] | None) -> None:
        self._base = base
        self._config_type = config_type

    def config(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the base with `params` (dotted path -> value) set, sections and types first."""
        config: Any = self._base
        for path in sorted(params, key=lambda path: (path.count("."), not _is_tag(path))):
            config = edit.put(self._config_type, config, path, params[path])
        return dict(config)

    def build(self, params: Mapping[str, Any]) -> FrozenConfig:
        """Return the typed config.

        Raises:
            ValidationError: the objective rejects the params.
        """
        assert self._config_type is not None
        return self._config_type.model_validate_json(canonical(self.config(params)), strict=True)

    def resolved(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the config with its defaults filled in, or without if the objective rejects it."""
        if self._config_type is None:
            return self.config(params)
        try:
            return self.build(params).model_dump(mode="json")
        except ValidationError:
            return self.config(params)


def _is_tag(path: str) -> bool:
    return path.rpartition(".")[2] == schema.TAG
