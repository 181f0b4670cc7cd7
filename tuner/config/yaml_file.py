"""Reading and writing YAML as people expect it, with errors that say where.

PyYAML follows YAML 1.1, in which `1e-3` is text, `no` is false, `010` is eight and `1:30` is
ninety. Here plain values are read as in YAML 1.2: only `true` and `false` are booleans, `1e-3` is a
number, `010` is ten, and all other words are text. A key that appears twice is an error.
(ruamel.yaml reads most plain values so, but 2026-01-01 as a date, `=` not at all, and keys as
numbers or null, so it would need as many exceptions.)
"""

import json
import re
from collections.abc import Hashable
from typing import Any

import yaml

from sr_models.errors import UserError

_TAG = "tag:yaml.org,2002:"
_PLAIN = [  # kind, pattern, first characters; the first that fits wins
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9][0-9_]*|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*\.?[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)"
        r"|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    ("merge", "<<", ["<"]),
]
_NOT_TEXT = re.compile("|".join(f"(?:{pattern})" for _, pattern, _ in _PLAIN))
_BARE = re.compile(
    r"(?!-(?:\s|$)|---)[^\s\[\]{},?:#&*!|>'\"%@`](?:[^\[\]{},?:#]|:(?=\S)|(?<=\S)#)*"
)
MOST_VALUES = 100_000
"""Number of values in a file, with each alias counted again: a file with more is not a study but a
trap."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with other plain values, text as keys, and no duplicate keys."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        # Checked before merges (<<) are resolved, because merged keys may be overridden.
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _error(key, "a key must be a word, not a list or a section")
            if key.value in seen:
                raise _error(key, f"the key {key.value} appears twice")
            seen.add(key.value)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}

    def construct_whole_number(self, node: yaml.ScalarNode) -> int:
        text = node.value.replace("_", "")
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)


class _Dumper(yaml.SafeDumper):
    """Quotes everything that this or any other YAML reader would not read as text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class Inline(dict[str, Any]):
    """A section that is written on a single line, with the lists and sections in it."""


_Dumper.add_representer(
    Inline,
    lambda dumper, data: dumper.represent_mapping(f"{_TAG}map", data.items(), flow_style=True),
)
for _kind, _pattern, _first in _PLAIN:
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(f"{_TAG}{_kind}", re.compile(f"^(?:{_pattern})$"), _first)
_Loader.add_constructor(f"{_TAG}int", _Loader.construct_whole_number)


def parse_yaml(text: str, name: str) -> Any:
    """Return the plain data of a YAML text that is called `name` in errors.

    Raises:
        UserError: it is not valid YAML; with line and column.
    """
    try:
        data = yaml.load(text, _Loader)
        return _Checked().copy(data)
    except yaml.MarkedYAMLError as error:
        raise UserError(f"{name}: {_position(error)}not valid YAML: {_reason(error)}") from None
    except (yaml.YAMLError, UnicodeError) as error:
        reason = getattr(error, "reason", error)
        raise UserError(f"{name}: not valid YAML: {reason}") from None
    except RecursionError:
        raise UserError(f"{name}: not valid YAML: nested too deeply") from None


def format_yaml(data: Any) -> str:
    """Return YAML that `parse_yaml` reads back; innermost and `Inline` sections are on a single
    line."""
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, default_flow_style=None, allow_unicode=True, width=99
    )


def format_text(text: str) -> str:
    """Return text as a line of a study file, in quotes if it would be read as something else."""
    if not text.isprintable():
        return json.dumps(text, ensure_ascii=False)
    bare = _BARE.fullmatch(text) and not _NOT_TEXT.fullmatch(text) and text == text.strip()
    return text if bare else "'" + text.replace("'", "''") + "'"


class _Checked:
    """Copies plain data and refuses all else; an alias that contains itself would never end."""

    def __init__(self) -> None:
        self._left = MOST_VALUES

    def copy(self, value: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise yaml.YAMLError(f"more than {MOST_VALUES:,} values")
        if isinstance(value, dict):
            return {self.copy(key): self.copy(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.copy(item) for item in value]
        if isinstance(value, str):
            value.encode()  # refuses lone surrogates
            return value
        if value is None or isinstance(value, bool | int | float):
            return value
        raise yaml.YAMLError(f"a study cannot hold a value of type {type(value).__name__}")


def _error(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(problem=problem, problem_mark=node.start_mark)


def _position(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""


def _reason(error: yaml.MarkedYAMLError) -> str:
    reason = error.problem or error.context or "cannot be read"
    if "'\\t'" in reason:
        return f"{reason}; indent with spaces, not tabs"
    if reason.endswith("but got '{'"):
        reason += "; put text with braces in quotes"
    return f"{error.context}, {reason}" if error.context and reason.startswith("but ") else reason
