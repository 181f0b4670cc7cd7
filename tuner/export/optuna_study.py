"""A study in an Optuna storage: for optuna-dashboard, or to continue it with Optuna."""

import sqlite3
import warnings
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sr_models.errors import UserError
from tuner.analysis.snapshot import Snapshot
from tuner.config import load_study
from tuner.export.optuna_trials import FrozenTrials
from tuner.trackers.secrets import scrub

if TYPE_CHECKING:
    from optuna import Study
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial


def export_to_optuna(study: Snapshot, url: str) -> str:
    """Copy a study to an Optuna storage; return a line that says where it is.

    The copy is complete, or not there at all.

    Raises:
        UserError: the storage cannot be used, or already holds a study of this name.
    """
    if not study.metrics:
        raise UserError(f"study {study.name} has not started: it knows no metric yet")
    space = load_study(study.folder / "study.yaml").space()
    with _explained(url):
        _refuse_our_own(url)
        storage = _open(url)
        copy = _create(study, storage, url)
        try:
            for trial in _shown(FrozenTrials(study, space), len(study.trials)):
                copy.add_trial(trial)
        except BaseException:
            _remove(copy, storage)
            raise
    shown = scrub(url)
    return f"wrote study {study.name} ({len(study.trials)} trials); see: optuna-dashboard {shown}"


def _remove(copy: "Study", storage: "BaseStorage") -> None:
    import optuna

    optuna.delete_study(study_name=copy.study_name, storage=storage)


def _create(study: Snapshot, storage: "BaseStorage", url: str) -> "Study":
    import optuna

    try:
        copy = optuna.create_study(
            storage=storage,
            study_name=study.name,
            directions=[study.describe(name).direction or "maximize" for name in study.metrics],
        )
    except optuna.exceptions.DuplicatedStudyError as error:
        raise UserError(
            f"{scrub(url)} holds a study {study.name!r} already; use another URL, or delete it: "
            f"optuna delete-study --storage {scrub(url)} --study-name {study.name!r}"
        ) from error
    with warnings.catch_warnings():
        # Experimental for years, and the only way to name the metrics.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        copy.set_metric_names(list(study.metrics))
    copy.set_user_attr("description", str(study.info.get("description", "")))
    for label, values in study.baselines.items():
        copy.set_user_attr(f"baseline_{label}", values)
    return copy


def _open(url: str) -> "BaseStorage":
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.storages.get_storage(url)


def _shown(trials: "Iterable[FrozenTrial]", total: int) -> "Iterable[FrozenTrial]":
    """The trials, with a progress bar in a terminal: Optuna's storage takes some 20 trials a
    second."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(
        trials, "to Optuna", total, console=console, transient=True, disable=not console.is_terminal
    )


def _refuse_our_own(url: str) -> None:
    """Keep Optuna's tables out of a study.db, because both would have a table of trials."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UserError(
            f"--optuna {scrub(url)}: not a storage URL; a file is sqlite:///optuna.db"
        ) from error
    path = Path(parsed.database or "")
    if parsed.drivername.startswith("sqlite") and path.is_file() and _is_ours(path):
        raise UserError(f"--optuna {url}: that file is a study.db; name another file")


def _is_ours(path: Path) -> bool:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        query = "SELECT name FROM sqlite_master WHERE name = 'epochs'"
        return connection.execute(query).fetchone() is not None


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turn the errors of a storage into a single message, without its password."""
    from optuna.exceptions import OptunaError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, OptunaError, ImportError, sqlite3.Error) as error:
        cause = getattr(error, "orig", None) or error
        raise UserError(f"--optuna {scrub(url)}: {scrub(str(cause))}") from error
