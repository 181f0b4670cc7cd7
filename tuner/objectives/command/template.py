"""Params in the arguments of a command and in files: `{lr}` is replaced by the param `lr`.

`{optimizer.lr}` is a param inside a section, `{weight-decay}` is a name too, `{{lr}}` gives `{lr}`,
and braces around anything but a name are left as they are.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_NAME = r"[A-Za-z_]\w*(?:-\w+)*(?:\.\w+(?:-\w+)*)*"
_PLACE = re.compile(rf"\{{(\{{{_NAME}\}})\}}|\{{({_NAME})\}}")
"""An escaped name in braces, or a param."""


class UnsetError(KeyError):
    """A text names a param that the trial does not have."""


def names(texts: Iterable[str]) -> list[str]:
    """Return the params that texts name, without duplicates."""
    found = [match[2] for text in texts for match in _PLACE.finditer(text) if match[2]]
    return list(dict.fromkeys(found))


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Return the text with the values of the params that it names.

    Raises:
        UnsetError: the trial does not have one of them.
    """

    def value(match: re.Match[str]) -> str:
        return match[1] or _shown(_at(values, match[2]))

    return _PLACE.sub(value, text)


def arguments(command: Sequence[str], values: Mapping[str, Any]) -> list[str]:
    """Return the command of a trial.

    An argument whose param the trial does not have (because it is searched under a condition) is
    left out, and so is an option before it that would take it as its value.
    """
    found: list[str] = []
    for text in command:
        try:
            found.append(fill(text, values))
        except UnsetError:
            if text.startswith("{") and found and re.fullmatch(r"--?[A-Za-z][\w-]*", found[-1]):
                found.pop()
    return found


def _at(values: Mapping[str, Any], path: str) -> Any:
    if path in values:
        return values[path]
    found: Any = values
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise UnsetError(path)
        found = found[part]
    return found


def _shown(value: Any) -> str:
    """Text unchanged, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)
