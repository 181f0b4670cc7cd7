"""Choosing the trial whose model is exported."""

from dataclasses import dataclass
from pathlib import Path

from sr_models.errors import UserError
from sr_models.plain_text import one_line
from tuner.analysis.comparison import Comparison, compare
from tuner.analysis.lookup import BEST, find_row
from tuner.analysis.outcome import score_text
from tuner.analysis.ranking import is_ranked
from tuner.analysis.rows import Row
from tuner.analysis.snapshot import MODEL, Snapshot, model_file


@dataclass(frozen=True)
class Chosen:
    """A trial, its model file, and a line about it for people."""

    row: Row
    model: Path
    text: str


def choose(study: Snapshot, name: str) -> Chosen:
    """Return the trial called `name`, or the best trial with a model for `best`.

    A trial that is itself called `best` comes first. Best by the first metric of the study, among
    trials that did not fail.

    Raises:
        UserError: there is no such trial, or it has no model file.
    """
    comparison = compare(study)
    taken = any(row.trial == name for row in comparison.rows)
    best = name == BEST and not taken
    row = _best(comparison, study) if best else find_row(comparison.rows, name, [study.name])
    model = model_file(study, row.trial)
    if model is None:
        raise UserError(f"trial {row.trial!r} has no model: there is no trials/{row.trial}/{MODEL}")
    return Chosen(row, model, _about(comparison, row, study))


def _best(comparison: Comparison, study: Snapshot) -> Row:
    ranked = [row for row in comparison.rows if is_ranked(row, study.metric)]
    if not ranked:
        raise UserError(f"study {study.name} has no trial with a value of {study.metric} yet")
    for row in ranked:
        if model_file(study, row.trial) is not None:
            return row
    raise UserError(f"no trial of study {study.name} has a model (trials/NAME/{MODEL})")


def _about(comparison: Comparison, row: Row, study: Snapshot) -> str:
    name = one_line(row.trial)
    if row.best(study.metric) is None:
        return f"{name} ({row.state.value}, no value of {study.metric})"
    text = f"{name} ({row.state.value}, {score_text(study, row)})"
    best = comparison.best()
    if best is None or best is row or model_file(study, best.trial) is not None:
        return text
    return f"{text}; {one_line(best.trial)} is better, but its model was not kept"
