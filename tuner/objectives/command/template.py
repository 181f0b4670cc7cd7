"""Params in the arguments of a command and in files: `{lr}` stands for the param `lr`.

`{optimizer.lr}` is one inside of a section, `{weight-decay}` is a name as well, `{{lr}}` is `{lr}`
itself, and braces around anything but a name are left as they are.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_NAME = r"[A-Za-z_]\w*(?:-\w+)*(?:\.\w+(?:-\w+)*)*"
_PLACE = re.compile(rf"\{{(\{{{_NAME}\}})\}}|\{{({_NAME})\}}")
"""What is itself in braces, or a param."""


class UnsetError(KeyError):
    """A text names a param that the trial does not have."""


def names(texts: Iterable[str]) -> list[str]:
    """The params that texts name, each once."""
    found = [match[2] for text in texts for match in _PLACE.finditer(text) if match[2]]
    return list(dict.fromkeys(found))


def fill(text: str, values: Mapping[str, Any]) -> str:
    """The text with the values of the params that it names.

    Raises:
        UnsetError: the trial does not have one of them.
    """

    def value(match: re.Match[str]) -> str:
        return match[1] or _shown(_at(values, match[2]))

    return _PLACE.sub(value, text)


def arguments(command: Sequence[str], values: Mapping[str, Any]) -> list[str]:
    """The command of a trial.

    An argument whose param the trial does not have (it is searched under a condition) is left
    out, and so is an option before it that waits for its value.
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
    """Text as it is, all else as JSON has it."""
    return value if isinstance(value, str) else json.dumps(value)
