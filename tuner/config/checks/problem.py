"""A problem of a study file: what is wrong, and where."""

import difflib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tuner.config.yaml_file import format_text
from tuner.space.paths import MISSING

LONGEST = 80
"""Longest value, in characters, that a message repeats."""


@dataclass(frozen=True)
class Problem:
    """A violated `rule`, in the reader's words, at a dotted `path` that holds `value`."""

    path: str
    rule: str
    value: Any = MISSING

    def __str__(self) -> str:
        value = "" if self.value is MISSING else shown(self.value)
        place = f"{self.path} = {value}" if value else self.path
        return f"{place}: {self.rule}" if place else self.rule


def shown(value: Any) -> str:
    """Return a value as a YAML file has it, on a single line; empty if it is too long."""
    text = _flow(value)
    return text if len(text) <= LONGEST else ""


def listed(values: Iterable[Any], last: str = "or") -> str:
    """Join values as `a, b or c`."""
    texts = [value if isinstance(value, str) else _flow(value) for value in values]
    return f" {last} ".join(part for part in (", ".join(texts[:-1]), *texts[-1:]) if part)


def similar(word: Any, known: Iterable[Any]) -> str | None:
    """Return the known word that is most similar to `word`; None if none is similar."""
    texts = {str(item).lower(): str(item) for item in known}
    match = difflib.get_close_matches(str(word).lower(), texts, n=1, cutoff=0.6)
    return texts[match[0]] if match else None


def closest(word: Any, known: Iterable[Any]) -> str:
    """Return a hint `; did you mean X?` if a known word is similar, else an empty text."""
    found = similar(word, known)
    return f"; did you mean {found}?" if found else ""


def closest_or_all(word: Any, known: Iterable[Any]) -> str:
    """Return a hint as `closest` does, or else a list of all known words."""
    names = list(known)
    return closest(word, names) or (f" (there is {listed(names, 'and')})" if names else "")


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, str):
        return format_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return json.dumps(value, ensure_ascii=False, default=str)
