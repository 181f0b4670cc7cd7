"""Names of trials."""

from collections.abc import Set as AbstractSet


def trial_name(number: int, taken: AbstractSet[str]) -> str:
    """A short name for proposed trial `number`: T007, or T007b where a baseline has that name."""
    return free_name(f"T{number:03d}", taken)


def free_name(name: str, taken: AbstractSet[str]) -> str:
    """The name, with a letter more where it is taken.

    Upper and lower case do not tell two names apart: some file systems would give both trials the
    same folder.
    """
    lower = {one.lower() for one in taken}
    while name.lower() in lower:
        name += "b"
    return name
