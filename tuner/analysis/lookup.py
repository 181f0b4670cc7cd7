"""Finding a trial by the name that a person typed."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from sr_models.errors import UserError
from tuner.analysis.rows import Row

BEST = "best"
_SHOWN = 5


class NoSuchTrialError(UserError):
    """No trial has the name, or several studies have a trial with it."""


def find_row(rows: Sequence[Row], name: str, studies: Iterable[str]) -> Row:
    """Return the row of the trial `name`, or of `study/name` if several of `studies` have it.

    Args:
        rows: the trials of all studies.
        name: the name of the trial, or `best`.
        studies: the names of the studies.

    Raises:
        NoSuchTrialError: there is no such trial, or more than one.
    """
    found = [row for row in rows if row.trial == name] or [
        row for row in rows if f"{row.study}/{row.trial}" == name
    ]
    if len(found) > 1:
        choices = ", ".join(f"{row.study}/{row.trial}" for row in found)
        raise NoSuchTrialError(f"several studies have a trial {name!r}; choose one of {choices}")
    if not found:
        raise no_such_trial(name, [row.trial for row in rows], studies)
    return found[0]


def no_such_trial(name: str, trials: Iterable[str], studies: Iterable[str]) -> NoSuchTrialError:
    """Return the error for a name that no trial has, with similar names."""
    known = list(dict.fromkeys(trials))
    where = " or ".join(studies)
    close = _same_letters(name, known) or get_close_matches(name, known, n=3)
    if close:
        hint = f"did you mean {' or '.join(repr(trial) for trial in close)}?"
    elif known:
        more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
        hint = f"it has {', '.join(repr(trial) for trial in known[:_SHOWN])}{more}"
    else:
        hint = "it has no trials yet"
    return NoSuchTrialError(f"{where} has no trial {name!r}; {hint}")


def _same_letters(name: str, known: Iterable[str]) -> list[str]:
    """Names that differ only in case or in punctuation: `as24` for `AS-24`."""
    wanted = _letters(name)
    return [trial for trial in known if wanted and _letters(trial) == wanted]


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()
