"""Paths in a Neptune run, which is a tree: a path with a value cannot have paths below it."""

from collections.abc import Iterable, Iterator

OWN = ("sys", "monitoring", "source_code", "files", "params", "study", "trial", "pictures")
GROUPS = ("best", "facts", "reported")
RESERVED = (*OWN, *GROUPS)
"""Sections that are not for metrics: Neptune's own, and those that this tracker writes."""


class Paths:
    """Unique paths for names that are chosen freely: `loss` and `loss/val` may both exist.

    Args:
        reserved: sections in which nothing may be put.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = set(reserved)
        self._paths: dict[str, str] = {}

    def expect(self, names: Iterable[str]) -> None:
        """Find paths for names that come together; the names with most levels keep theirs."""
        for name in sorted(names, key=lambda name: (-name.count("/"), name)):
            self.of(name)

    def of(self, name: str) -> str:
        """Return the name itself if it is free, else `loss/value`, or a name with fewer levels."""
        if name not in self._paths:
            path = next(candidate for candidate in _candidates(name) if self._is_free(candidate))
            self._paths[name] = path
            self._taken.add(path)
        return self._paths[name]

    def _is_free(self, path: str) -> bool:
        return not any(
            f"{path}/".startswith(f"{taken}/") or taken.startswith(f"{path}/")
            for taken in self._taken
        )


def _candidates(name: str) -> Iterator[str]:
    """Paths without empty levels, which Neptune would leave out."""
    levels = [level.strip() or "_" for level in name.split("/")]
    yield "/".join(levels)
    yield "/".join([*levels, "value"])
    number, flat = 1, "_".join(levels) if len(levels) > 1 else f"{levels[0]}_"
    while True:
        yield flat if number == 1 else f"{flat}_{number}"
        number += 1
