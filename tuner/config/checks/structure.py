"""Checks of the structure: do the dimensions and conditions fit together and name real keys?"""

from collections.abc import Iterator, Mapping
from typing import Any

from tuner.config.checks.problem import Problem, closest, closest_or_all, listed, similar
from tuner.space import Dimension, Range, paths, schema
from tuner.space.conditions import parents_first


def check_structure(
    search: Mapping[str, Dimension], config_type: schema.Spec, prefix: str = "search"
) -> list[Problem]:
    """Return the problems that can be found before any value is looked at."""
    if "" in search:
        return [Problem(prefix, "a key that is searched needs a name")]
    if nameless := [path for path in search if "" in path.split(".")]:
        rule = "needs a name before and after each dot"
        return [Problem(f"{prefix}.{path}", rule) for path in nameless]
    found = [
        *_unknown(search, config_type, prefix),
        *_overlaps(search, prefix),
        *_conditions(search, config_type, prefix),
    ]
    return found or list(_cycles(search, prefix))


def unknown_path(path: str, config_type: schema.Spec) -> str | None:
    """Return why there can be no value at `path` of the objective; None if there can."""
    if schema.specs(config_type, path):
        return None
    section = paths.parent(path)
    while not schema.specs(config_type, section):
        section = paths.parent(section)
    wrong, *rest = path[len(section) :].strip(".").split(".")
    missing = paths.join(section, wrong)
    return f"the objective has no {missing}{_hint(config_type, section, wrong, rest)}"


def _hint(config_type: schema.Spec, section: str, wrong: str, rest: list[str]) -> str:
    """The probable meaning: a key similar to `wrong`, or the same key in another section."""
    keys = schema.keys(config_type, section)
    if key := similar(wrong, keys):
        whole = paths.join(section, key, *rest)
        known = whole if schema.specs(config_type, whole) else paths.join(section, key)
        return f"; did you mean {known}?"
    last = [wrong, *rest][-1]
    elsewhere = [path for path in schema.all_paths(config_type) if path.split(".")[-1] == last]
    if len(elsewhere) == 1:
        return f"; did you mean {elsewhere[0]}?"
    return closest_or_all(wrong, keys)


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
            elif condition in search:
                unknown = _unknown_values(search[condition], wanted, condition, config_type)
                if rule := _never(f"{prefix}.{condition}", search[condition], wanted, unknown):
                    yield Problem(place, rule, wanted)


def _unknown_values(
    parent: Dimension, wanted: Any, path: str, config_type: schema.Spec
) -> list[Any]:
    """The wanted values that the search does not have.

    If there are several, values that the objective would accept may be missing: if a choice is
    narrowed for a single run, the conditions on it need not be changed.
    """
    if not isinstance(wanted, list) or parent.holds(wanted):
        return [] if parent.holds(wanted) else [wanted]
    missing = [value for value in wanted if not parent.holds(value)]
    if len(missing) == len(wanted):
        return missing
    return [value for value in missing if not schema.takes(config_type, path, value)]


def _never(name: str, parent: Dimension, wanted: Any, unknown: list[Any]) -> str | None:
    """Why a condition on the searched value `name` cannot hold; None if it can."""
    if isinstance(parent, Range) and parent.count is None:
        return f"{name} has infinitely many values; a condition needs a choice or a step"
    if not unknown and wanted != []:
        return None
    if isinstance(parent, Range):
        return f"{name} only takes values from {parent.low} to {parent.high}"
    hint = closest(unknown[0], parent.choice) if unknown else ""
    return f"{name} only takes {listed(parent.choice)}{hint}"


def _cycles(search: Mapping[str, Dimension], prefix: str) -> Iterator[Problem]:
    try:
        parents_first({path: tuple(dimension.when) for path, dimension in search.items()})
    except ValueError as error:
        yield Problem(prefix, str(error))
