"""Which images train and which validate."""

import hashlib
from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")


def shuffled(items: Iterable[Item], name: Callable[[Item], str], salt: str) -> list[Item]:
    """The items in an order that is random but fixed: by a hash of salt and name.

    A file more or less leaves the others in their order, and so nearly all on their side.
    """
    return sorted(items, key=lambda item: hashlib.sha256(f"{salt}/{name(item)}".encode()).digest())


def validation_indices(names: list[str], groups: list[str], share: float, seed: int) -> list[int]:
    """The images to hold back: whole groups, as near to `share` of all images as they add up.

    At least one image validates and at least one trains; so a single group is split up.
    """
    if len(set(groups)) == 1:
        groups = names
    members: dict[str, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    order = shuffled(members, str, f"split/{seed}")
    chosen: list[int] = []
    for group in order:
        count = len(members[group])
        if len(chosen) + count / 2 <= share * len(names) and len(chosen) + count < len(names):
            chosen += members[group]
    if not chosen:
        chosen = min((members[group] for group in order), key=len)
    return sorted(chosen)
