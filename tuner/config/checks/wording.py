"""Pydantic's errors in plain words, by kind."""

import math
import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

from tuner.config.checks.problem import closest, listed

RULES = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "path_type": "must be a path",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a section (key: value)",
    "model_type": "must be a section (key: value)",
    "model_attributes_type": "must be a section (key: value)",
    "none_required": "must be null",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "too_short": "needs at least {min_length} items",
    "too_long": "takes at most {max_length} items",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "missing": "is missing",
}
_WHOLE = ("int_type", "int_from_float")
_NUMBERS = (*_WHOLE, "float_type")


def rule(detail: ErrorDetails, value: Any) -> str:
    """Return the rule that `value` violates."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return str(context["error"])
    if kind in ("literal_error", "enum"):
        options = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return f"must be {listed(options)}{closest(value, options)}"
    if kind in RULES:
        return _singular(RULES[kind].format_map(_short(context))) + _hint(kind, value)
    return detail["msg"].replace("Input should be", "must be")


def _singular(text: str) -> str:
    """`at least 1 item`, where the rule speaks of items."""
    return re.sub(r"\b1 (item|character)s\b", r"1 \1", text)


def _hint(kind: str, value: Any) -> str:
    if kind == "string_type" and isinstance(value, int | float):
        return "; put it in quotes"
    if kind in _WHOLE and isinstance(value, float) and value.is_integer():
        return f"; write {value:.0f}"
    if kind in _NUMBERS and isinstance(value, str) and _is_number(value):
        return "; leave out the quotes"
    return ""


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _short(context: Mapping[str, Any]) -> dict[str, Any]:
    """Bounds as people write them: 1, not 1.0."""
    return {
        key: f"{value:.10g}" if isinstance(value, float) else value
        for key, value in context.items()
    }
