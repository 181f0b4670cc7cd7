"""Whether the dimensions of a search and their conditions fit together and name real keys."""

from collections.abc import Iterator, Mapping
from typing import Any

from tuner.space import Dimension, Range, paths, schema
from tuner.space.conditions import parents_first
from tuner.validation.problem import Problem, closest, closest_or_all, listed


def check_structure(
    search: Mapping[str, Dimension], config_type: schema.Spec, prefix: str = "search"
) -> list[Problem]:
    """What is wrong before any value is looked at."""
    found = [
        *_unknown(search, config_type, prefix),
        *_overlaps(search, prefix),
        *_conditions(search, config_type, prefix),
    ]
    return found or list(_cycles(search, prefix))


def unknown_path(path: str, config_type: schema.Spec) -> str | None:
    """Why there can be nothing at `path` of the objective; None if there can."""
    parts = path.split(".")
    for length in range(1, len(parts) + 1):
        if not schema.specs(config_type, ".".join(parts[:length])):
            section = ".".join(parts[: length - 1])
            hint = closest(path, schema.all_paths(config_type)) or closest_or_all(
                parts[length - 1], schema.keys(config_type, section)
            )
            return f"the objective has no {'.'.join(parts[:length])}{hint}"
    return None


def _unknown(
    search: Mapping[str, Dimension], config_type: schema.Spec, prefix: str
) -> Iterator[Problem]:
    for path in search:
        if rule := unknown_path(path, config_type):
            yield Problem(f"{prefix}.{path}", rule)


def _overlaps(search: Mapping[str, Dimension], prefix: str) -> Iterator[Problem]:
    for inner in search:
        for outer in search:
            if inner != outer and paths.inside(inner, outer):
                rule = f"lies inside {prefix}.{outer}; search one of the two"
                yield Problem(f"{prefix}.{inner}", rule)


def _conditions(
    search: Mapping[str, Dimension], config_type: schema.Spec, prefix: str
) -> Iterator[Problem]:
    for path, dimension in search.items():
        for condition, wanted in dimension.when.items():
            place = f"{prefix}.{path}.when.{condition}"
            if rule := unknown_path(condition, config_type):
                yield Problem(place, rule, wanted)
            elif paths.inside(condition, path):
                yield Problem(place, "a dimension cannot depend on itself", wanted)
            elif condition in search and (
                rule := _never(f"{prefix}.{condition}", search[condition], wanted)
            ):
                yield Problem(place, rule, wanted)


def _never(name: str, parent: Dimension, wanted: Any) -> str | None:
    """Why a condition on the searched value `name` cannot hold; None if it can."""
    if isinstance(parent, Range) and parent.count is None:
        return f"{name} has infinitely many values; a condition needs a choice or a step"
    values = wanted if isinstance(wanted, list) and not parent.holds(wanted) else [wanted]
    strangers = [value for value in values if not parent.holds(value)]
    if values and not strangers:
        return None
    if isinstance(parent, Range):
        return f"{name} only takes values from {parent.low} to {parent.high}"
    hint = closest(strangers[0], parent.choice) if strangers else ""
    return f"{name} only takes {listed(parent.choice)}{hint}"


def _cycles(search: Mapping[str, Dimension], prefix: str) -> Iterator[Problem]:
    try:
        parents_first({path: tuple(one.when) for path, one in search.items()})
    except ValueError as error:
        yield Problem(prefix, str(error))
