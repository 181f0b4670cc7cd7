"""Errors in a section that are the fault of a single key."""

from pydantic_core import PydanticCustomError


def field_error(key: str, rule: str) -> PydanticCustomError:
    """Return an error of a whole section that is reported at its `key` (a path inside it)."""
    return PydanticCustomError("field_error", "{rule}", {"key": key, "rule": rule})
