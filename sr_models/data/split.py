"""The split into training and validation images."""

import hashlib
from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")


def shuffled(items: Iterable[Item], name: Callable[[Item], str], salt: str) -> list[Item]:
    """Return the items in an order that is random but fixed: by a hash of salt and name.

    Adding or removing a file leaves the others in their order, and so nearly all on their side.
    """
    return sorted(items, key=lambda item: hashlib.sha256(f"{salt}/{name(item)}".encode()).digest())


def validation_indices(names: list[str], groups: list[str], share: float, seed: int) -> list[int]:
    """Return the images to hold back: whole groups that add up to about `share` of all images.

    At least one image validates and at least one trains, so a single group is split up.

    Args:
        names: names of the images.
        groups: their groups.
        share: fraction in (0, 1).
        seed: of the order of the groups.
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
