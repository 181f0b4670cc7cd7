"""Merging several errors about the same value into a single problem."""

from collections.abc import Iterator, Sequence

from tuner.config.checks.problem import Problem
from tuner.config.checks.wording import RULES
from tuner.space import paths


def merged(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Yield a single problem for each path.

    If several types are allowed for a value, it has an error for each of them: these are joined,
    unless the value fits one type so far that its error is deeper.
    """
    groups: dict[str, list[Problem]] = {}
    for problem in problems:
        groups.setdefault(problem.path, []).append(problem)
    for path, group in groups.items():
        if any(other != path and paths.inside(other, path) for other in groups):
            group = [problem for problem in group if not _of_kind(problem)]  # noqa: PLW2901
        rules = list(dict.fromkeys(problem.rule for problem in group))
        if rules:
            yield Problem(path, _joined(rules), group[0].value)


def _of_kind(problem: Problem) -> bool:
    """Whether a problem only says which type the value must have."""
    return problem.rule.partition("; ")[0] in RULES.values()


def _joined(rules: Sequence[str]) -> str:
    """`must be a or b`, with a hint that all of them share given once."""
    heads, hints = zip(*(rule.partition("; ")[::2] for rule in rules), strict=True)
    if len(set(hints)) > 1:
        heads, hints = tuple(rules), ("",)
    if any(head in (RULES["float_type"], RULES["finite_number"]) for head in heads):
        heads = tuple(head for head in heads if head != RULES["int_type"])  # said already
    text = " or ".join([heads[0], *(head.removeprefix("must be ") for head in heads[1:])])
    return f"{text}; {hints[0]}" if hints[0] else text


def misspelt(problem: Problem, others: Sequence[Problem]) -> bool:
    """Return whether a missing key is there but misspelt, which is reported as its own problem."""
    section, _, key = problem.path.rpartition(".")
    hint = f"did you mean {key}?"
    return problem.rule == RULES["missing"] and any(
        paths.parent(other.path) == section and other.rule.endswith(hint) for other in others
    )
