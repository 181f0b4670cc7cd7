"""`--set PATH=VALUE`: changing any key of a study file from the command line.

The value is YAML. The dots of a path lead into sections. In `search` and in a baseline's `set` the
keys themselves have dots, and the longest existing key is meant
(`search.optimizer.learning_rate.low=1e-4`). Whole sections can be replaced
(`objective.data.source={type: folder, path: photos}`). If a `type` is changed, the keys that the
new type does not have are dropped from the section. `search.KEY=null` and `baselines.NAME=null`
remove a dimension or a baseline.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sr_models.errors import UserError
from tuner.config.checks.problem import closest_or_all
from tuner.config.study import Sections
from tuner.config.yaml_file import parse_yaml
from tuner.space import Choice, Range, edit, paths, schema

_DIMENSION_KEYS = {*Range.model_fields, *Choice.model_fields}
_BASELINE_KEYS = ("set", "reported")


def parse_override(text: str) -> tuple[str, Any]:
    """Return the path and the value of a `--set`.

    Raises:
        UserError: it is not PATH=VALUE, or the value is not YAML.
    """
    path, equals, value = text.partition("=")
    path = path.strip()
    if not equals or not all(path.split(".")):
        example = "--set objective.training.max_epochs=5"
        raise UserError(f"--set {path}: must be PATH=VALUE, such as {example}")
    return path, parse_yaml(value, f"--set {path}")


def override(
    document: Mapping[str, Any], path: str, value: Any, objective: schema.Spec
) -> dict[str, Any]:
    """Return a copy of a study document with `value` at `path`.

    Args:
        document: the sections of the study file, as plain data.
        path: the dotted path after `--set`.
        value: the new value; null removes a dimension or a baseline.
        objective: the config type of the objective.
    """
    section, *parts = split(document, path)
    if section == "objective" and parts:
        inner = edit.put_parts(objective, document.get(section, {}), parts, value)
        return {**document, section: inner}
    if section in ("search", "baselines") and len(parts) == 1 and value is None:
        return {**document, section: _without(document, section, parts[0])}
    changed: dict[str, Any] = edit.put_parts(
        Sections, _without_inner(document, section, parts), [section, *parts], value
    )
    return changed


def _without(document: Mapping[str, Any], section: str, key: str) -> dict[str, Any]:
    """A section without one of its keys; a key that is not there is a typing error."""
    held = _at(document, section)
    if key not in held:
        what = {"search": "is not searched", "baselines": "is not a baseline"}[section]
        raise UserError(f"--set {section}.{key}=null: {key} {what}{closest_or_all(key, held)}")
    return {other: item for other, item in held.items() if other != key}


def split(document: Mapping[str, Any], path: str) -> list[str]:
    """Return the keys that a dotted path leads through."""
    section, _, rest = path.partition(".")
    if not rest:
        return [section]
    if section == "search":
        return [section, *_dimension(_at(document, section), rest)]
    if section == "baselines":
        return [section, *_baseline(_at(document, section), rest)]
    if section == "constraints":
        return [section, *_known(_at(document, section), rest, ("min", "max"))]
    return path.split(".")


def _dimension(search: Mapping[str, Any], path: str) -> list[str]:
    key, *rest = _known(search, path, _DIMENSION_KEYS)
    if rest[:1] == ["when"] and len(rest) > 1:
        return [key, "when", ".".join(rest[1:])]
    return [key, *rest]


def _baseline(baselines: Mapping[str, Any], path: str) -> list[str]:
    name, *rest = _known(baselines, path, _BASELINE_KEYS)
    if rest[:1] and rest[0] in _BASELINE_KEYS and len(rest) > 1:
        return [name, rest[0], ".".join(rest[1:])]
    return [name, *rest]


def _known(section: Mapping[str, Any], path: str, inner: Iterable[str]) -> list[str]:
    """The longest existing key that `path` begins with, and the rest.

    A new key ends before the first part that is one of its `inner` keys.
    """
    fitting = [key for key in section if paths.inside(path, key)]
    if fitting:
        key = max(fitting, key=len)
        return [key, *filter(None, path[len(key) + 1 :].split("."))]
    parts = path.split(".")
    ends = [index for index, part in enumerate(parts) if index and part in set(inner)]
    end = min(ends, default=len(parts))
    return [".".join(parts[:end]), *parts[end:]]


def _without_inner(
    document: Mapping[str, Any], section: str, parts: Sequence[str]
) -> Mapping[str, Any]:
    """Drop the values that a baseline sets inside a section that it now sets as a whole."""
    if section != "baselines" or len(parts) < 3 or parts[1] != "set":
        return document
    name, _, path = parts
    settings = _at(_at(_at(document, section), name), "set")
    kept = {key: value for key, value in settings.items() if not paths.inside(key, path)}
    changed: Mapping[str, Any] = edit.put_parts(None, document, [section, name, "set"], kept)
    return changed


def _at(section: Any, key: str) -> Mapping[str, Any]:
    found = paths.child(section, key)
    return found if isinstance(found, Mapping) else {}
