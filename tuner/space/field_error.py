"""Errors of a section that are one key's fault."""

from pydantic_core import PydanticCustomError


def field_error(key: str, rule: str) -> PydanticCustomError:
    """An error of a whole section that is told as one of its `key` (a path inside it)."""
    return PydanticCustomError("field_error", "{rule}", {"key": key, "rule": rule})
