"""Pydantic's errors as problems: dotted paths, values and plain rules."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sr_models.errors import UserError
from tuner.config.checks.location import Location
from tuner.config.checks.merge import merged, misspelt
from tuner.config.checks.problem import Problem, closest, closest_or_all, listed
from tuner.config.checks.wording import rule
from tuner.space import paths, schema
from tuner.space.paths import MISSING

Config = TypeVar("Config", bound=BaseModel)


def explain(
    error: ValidationError, data: Any, spec: schema.Spec, prefix: str = ""
) -> list[Problem]:
    """Return the problems of `data`, read as `spec`; their paths begin with `prefix`."""
    found = [_problem(detail, data, spec, prefix) for detail in error.errors(include_url=False)]
    return [problem for problem in merged(found) if not misspelt(problem, found)]


def checked(kind: type[Config], data: Mapping[str, Any], name: str) -> Config:
    """Make a config of what a call was given.

    Raises:
        UserError: it breaks a rule, told in plain words after the `name` of what was called.
    """
    try:
        return kind(**data)
    except ValidationError as error:
        problems = explain(error, data, kind)
        raise UserError(f"{name}: {'; '.join(map(str, problems))}") from None


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
        return Problem(path, rule(detail, MISSING))
    if detail["type"] == "extra_forbidden":
        return Problem(path, _unknown_key(place), place.value)
    return Problem(path, rule(detail, place.value) + _perhaps_type(place), place.value)


def _wrong_type(place: Location, path: str) -> Problem:
    tag = paths.child(place.value, schema.TAG)
    if isinstance(place.value, str):  # a section that may be written as its type alone
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


def _perhaps_type(place: Location) -> str:
    """A hint for `loss: mae`, where a section is needed."""
    fits = isinstance(place.value, str) and place.value in place.types
    return f"; write {{type: {place.value}}}" if fits else ""
