"""Pydantic's errors as problems: dotted paths, values and plain rules."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tuner.config.checks.location import Location
from tuner.config.checks.problem import Problem, closest, closest_or_all, listed
from tuner.space import paths, schema
from tuner.space.paths import MISSING

_RULES = {
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


def explain(
    error: ValidationError, data: Any, spec: schema.Spec, prefix: str = ""
) -> list[Problem]:
    """What is wrong with `data`, read as `spec`; paths begin with `prefix`."""
    found = [_problem(detail, data, spec, prefix) for detail in error.errors(include_url=False)]
    return [problem for problem in _merged(found) if not _misspelt(problem, found)]


def _problem(detail: ErrorDetails, data: Any, spec: schema.Spec, prefix: str) -> Problem:
    place = Location(data, spec).enter(detail["loc"])
    path = paths.join(prefix, place.path)
    context = detail.get("ctx", {})
    if detail["type"] == "field_error":
        key = context["key"]
        value = paths.child(place.value, key)  # a key of its own, or a path
        value = paths.get(place.value, key) if value is MISSING else value
        return Problem(paths.join(path, key), context["rule"], value)
    if detail["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return _wrong_type(place, path)
    last = detail["loc"][-1] if detail["loc"] else ""
    if detail["type"] == "missing" and isinstance(last, int):
        return Problem(path, f"needs at least {last + 1} items", place.value)
    if "[key]" in detail["loc"]:
        return Problem(path, _rule(detail, MISSING))
    if detail["type"] == "extra_forbidden":
        return Problem(path, _unknown_key(place), place.value)
    return Problem(path, _rule(detail, place.value) + _perhaps_type(place), place.value)


def _wrong_type(place: Location, path: str) -> Problem:
    tag = paths.child(place.value, schema.TAG)
    if isinstance(place.value, str):  # a section for which its type alone may stand
        tag = place.value
    else:
        path = paths.join(path, schema.TAG)
    if tag is MISSING:
        return Problem(path, f"is missing; must be {listed(place.types)}")
    return Problem(path, f"must be {listed(place.types)}{closest(tag, place.types)}", tag)


def _unknown_key(place: Location) -> str:
    tag = paths.child(place.section, schema.TAG)
    if place.types_with_key and tag is not MISSING:
        return f"type {tag} has no such key, only {listed(place.types_with_key, 'and')}"
    return f"unknown key{closest_or_all(place.key, place.known_keys)}"


def _misspelt(problem: Problem, others: Sequence[Problem]) -> bool:
    """Whether a missing key is there, but misspelt, which is a problem of its own."""
    section, _, key = problem.path.rpartition(".")
    hint = f"did you mean {key}?"
    return problem.rule == _RULES["missing"] and any(
        paths.parent(other.path) == section and other.rule.endswith(hint) for other in others
    )


def _rule(detail: ErrorDetails, value: Any) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return str(context["error"])
    if kind in ("literal_error", "enum"):
        options = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return f"must be {listed(options)}{closest(value, options)}"
    if kind in _RULES:
        return _RULES[kind].format_map(_short(context)) + _hint(kind, value)
    return detail["msg"].replace("Input should be", "must be")


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


def _perhaps_type(place: Location) -> str:
    """A hint for those who write `loss: mae`."""
    fits = isinstance(place.value, str) and place.value in place.types
    return f"; write {{type: {place.value}}}" if fits else ""


def _short(context: Mapping[str, Any]) -> dict[str, Any]:
    """Bounds as people write them: 1, not 1.0."""
    return {
        key: f"{value:.10g}" if isinstance(value, float) else value
        for key, value in context.items()
    }


def _merged(problems: Sequence[Problem]) -> Iterator[Problem]:
    """One problem for each path.

    A value of which several kinds are allowed has an error for each of them: they are joined,
    unless one kind fits so far that its error lies deeper.
    """
    groups: dict[str, list[Problem]] = {}
    for problem in problems:
        groups.setdefault(problem.path, []).append(problem)
    for path, group in groups.items():
        if any(other != path and paths.inside(other, path) for other in groups):
            group = [one for one in group if not _of_kind(one)]  # noqa: PLW2901
        rules = list(dict.fromkeys(one.rule for one in group))
        if rules:
            yield Problem(path, _joined(rules), group[0].value)


def _of_kind(problem: Problem) -> bool:
    """Whether a problem only says of which kind the value must be."""
    return problem.rule.partition("; ")[0] in _RULES.values()


def _joined(rules: Sequence[str]) -> str:
    """`must be a or b`, with a hint that all of them give said once."""
    heads, hints = zip(*(rule.partition("; ")[::2] for rule in rules), strict=True)
    if len(set(hints)) > 1:
        heads, hints = tuple(rules), ("",)
    if any(head in (_RULES["float_type"], _RULES["finite_number"]) for head in heads):
        heads = tuple(head for head in heads if head != _RULES["int_type"])  # said already
    text = " or ".join([heads[0], *(head.removeprefix("must be ") for head in heads[1:])])
    return f"{text}; {hints[0]}" if hints[0] else text
