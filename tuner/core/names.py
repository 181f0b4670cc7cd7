"""Names of trials."""

from collections.abc import Set as AbstractSet


def trial_name(number: int, taken: AbstractSet[str]) -> str:
    """A short name for proposed trial `number`: T007, or T007b where a baseline has that name."""
    name = f"T{number:03d}"
    while name in taken:
        name += "b"
    return name
