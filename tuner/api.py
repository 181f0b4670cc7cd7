"""Search from Python: `tuner.search(train, space=..., metric=..., trials=50)`.

The arguments are the sections of a study file (see `tuner.config.study.Sections`), as plain data or
as config objects; they are checked like a file, and run by the same engine.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from sr_models.errors import UserError
from sr_models.source import is_importing
from tuner.lifecycle.in_python import told_in_python

if TYPE_CHECKING:
    from tuner.config import Baseline, Bound, Confirm, StudyConfig
    from tuner.objectives.base import BaseObjective
    from tuner.objectives.function import Train
    from tuner.objectives.metric import Metric
    from tuner.objectives.protocol import Objective
    from tuner.result import Study
    from tuner.samplers import Sampler
    from tuner.schedulers import BaseSchedulerConfig
    from tuner.space import Dimension
    from tuner.trackers import TrackerSettings

Plain = Mapping[str, Any]
"""A section of a study file as plain data; most arguments also take a config object."""
_DICTIONARY = "a dictionary: name -> value"
_DIMENSIONS = "tuner.Float, tuner.Int or tuner.Choice"


@told_in_python
def search(
    objective: "Train | BaseObjective | type[BaseObjective] | str",
    space: "Mapping[str, Dimension | Plain]",
    metric: "Metric | str | Plain | Sequence[Metric | str | Plain] | None" = None,
    *,
    trials: int | None = None,
    max_time: float | str | None = None,
    params: "Plain | BaseModel | None" = None,
    baselines: "Mapping[str, Baseline | Plain] | None" = None,
    sampler: "Sampler | str | Plain | None" = None,
    scheduler: "BaseSchedulerConfig | str | Plain | None" = None,
    constraints: "Mapping[str, Bound | Plain] | None" = None,
    confirm: "Confirm | Plain | None" = None,
    trackers: "Sequence[TrackerSettings | str | Plain]" = (),
    warm_start: Sequence[str | Path] = (),
    workers: int | None = None,
    threads: int | None = None,
    gpus_per_trial: float | Literal["auto"] | None = None,
    retries: int | None = None,
    name: str | None = None,
    description: str = "",
    results: str | Path = "results",
    address: str | None = None,
    resume: bool = False,
    quiet: bool = False,
) -> "Study":
    """Search a space for the setting that is best in a metric; return the study.

    Args:
        objective: a function `train(params, trial)` that yields a dictionary of metrics after each
            epoch, a `tuner.Objective` (class or instance), or a `type` as in a study file.
        space: name of a param -> `Float`, `Int` or `Choice`.
        metric: what to search for: a `Metric` with a direction, or two; only its name if the
            objective declares it. By default the objective's first metric.
        trials: number of settings to try, in addition to the baselines; 16 unless `max_time` is
            given.
        max_time: time budget of the whole study: `"30m"`, `"2h"`, or seconds.
        params: values that are the same in all trials; `max_epochs` is the length of a trial.
        baselines: name -> params of a trial that runs first.
        sampler: proposes settings, such as `"random"` or `tuner.samplers.Tpe(seed=1)`.
        scheduler: stops trials early: `"none"`, or `{"type": "asha", "mode": "stop"}`.
        constraints: static metric -> bounds, such as `{"parameters": {"max": 1e6}}`.
        confirm: train the best trials again with several seeds at the end: `{"top": 3, "seeds":
            5}`.
        trackers: other tools that get a copy: `["mlflow"]`.
        warm_start: folders of earlier studies of the same space to learn from.
        workers: trials at the same time; by default as many as cores or GPUs allow.
        threads: threads of each trial; by default the cores divided among the workers.
        gpus_per_trial: GPUs of each trial, fractions allowed; by default 1 if there is a GPU.
            "auto": as many trials share a GPU as fit and gain from it.
        retries: how often a crashed trial is retried; by default once.
        name: name of the study's folder in `results`; by default the objective's, numbered if it is
            taken.
        description: a line for people.
        results: the folder of all studies.
        address: of a Ray cluster; by default RAY_ADDRESS, or this machine.
        resume: resume the study of that name if it exists, otherwise start it.
        quiet: show nothing.

    Returns:
        The study, after its run.

    Raises:
        UserError: the study cannot be run as given; the message says what is wrong and why.
        KeyboardInterrupt: after Ctrl-C; the study can be resumed.
    """
    from tuner.config.plain import baseline, plain, typed
    from tuner.lifecycle.allocate import cluster_address
    from tuner.lifecycle.create import is_study
    from tuner.lifecycle.resume import ResumeOptions
    from tuner.lifecycle.run import RunOptions
    from tuner.records.place import results_folder
    from tuner.result import Study

    _require_no_import()
    _require_kinds(name=(name, str), results=(results, str | Path))
    _require_kinds(params=(params, Mapping | BaseModel), baselines=(baselines, Mapping))
    _require_typed(sampler=sampler, scheduler=scheduler)
    _require_name(name)
    _require_dimensions(space)
    known, fixed = _objective(objective), plain(params or {})
    if "type" in fixed:
        raise UserError(
            "params.type: this is the name of the objective in a study; rename this param"
        )
    folder = _folder(
        results_folder(results), name or _slug(known.name), new=name is None and not resume
    )
    if is_study(folder) and not resume:
        raise UserError(
            f"study {folder} exists already and is never overwritten: give resume=True, add "
            f"trials with tuner.load_study({str(folder)!r}).resume(extend=N), or give another name"
        )
    sections = {
        "study": name or folder.name,
        "description": description,
        "objective": {"type": known.name, **fixed},
        "search": plain(space),
        "baselines": {key: baseline(params) for key, params in (baselines or {}).items()},
        "metric": plain(_named(metric, known)),
        "sampler": typed(sampler),
        "scheduler": typed(scheduler),
        "budget": _budget(trials, max_time),
        "constraints": plain(constraints),
        "confirm": plain(confirm),
        "trackers": plain(trackers),
        "warm_start": plain(warm_start),
        "workers": workers,
        "threads": threads,
        "gpus_per_trial": gpus_per_trial,
        "retries": retries,
    }
    options = RunOptions(
        resume=ResumeOptions() if resume and is_study(folder) else None,
        address=cluster_address(address),
    )
    live = None if isinstance(objective, str) else objective
    return Study(folder, live).run(_config(sections, known), options, quiet=quiet)


def load_study(folder: str | Path) -> "Study":
    """Open the study of a results folder, running or ended, to look at it or to resume it.

    Args:
        folder: the results folder of the study.

    Raises:
        UserError: the folder is not a study.
    """
    if not isinstance(folder, str | Path):
        raise UserError(f"folder = {folder!r}: must be a path")
    from tuner.analysis.load import open_named
    from tuner.result import Study

    return Study(open_named(Path(folder)).folder)


def _require_kinds(**given: tuple[Any, Any]) -> None:
    """Check the types of arguments that are used before the study is checked."""
    words = {str: "text", str | Path: "a path", Mapping: _DICTIONARY}
    for name, (value, kind) in given.items():
        if value is not None and not isinstance(value, kind):
            raise UserError(f"{name} = {value!r}: must be {words.get(kind, _DICTIONARY)}")


def _require_typed(**given: Any) -> None:
    """Check that a section with a type is given in an allowed form."""
    for name, value in given.items():
        if value is not None and not isinstance(value, str | Mapping | BaseModel):
            raise UserError(
                f"{name} = {value!r}: must be its type as text, an object of tuner.{name}s, or a "
                'dictionary; your own code is {"type": "own", "code": "file.py:name"}'
            )


def _require_name(name: str | None) -> None:
    """Check that a folder can have the name, before it is looked for."""
    from tuner.config.study import checked_name

    try:
        checked_name("study" if name is None else name)
    except ValueError as error:
        raise UserError(f"name = {name!r}: {error}") from None


def _require_dimensions(space: Any) -> None:
    """Check that all of the space are dimensions; further rules are those of a study file."""
    if not isinstance(space, Mapping):
        raise UserError(f"space = {space!r}: must be a dictionary: name -> {_DIMENSIONS}")
    for name, value in space.items():
        if not isinstance(value, BaseModel | Mapping):
            several = isinstance(value, list | tuple | set)
            way = (
                f"write tuner.Choice({list(value)!r})"
                if several
                else "what is the same in all trials belongs in params"
            )
            raise UserError(f"space[{name!r}] = {value!r}: must be {_DIMENSIONS}; {way}")


def _require_no_import() -> None:
    """Refuse to search again while a script is imported for its objective."""
    if (module := is_importing()) is not None:
        raise UserError(
            f"{module} calls tuner.search when it is imported; put the call under if __name__ == "
            '"__main__":'
        )


def _objective(objective: Any) -> "Objective":
    from tuner.objectives import get_objective
    from tuner.objectives.loading import own_objective

    if isinstance(objective, str):
        return get_objective(objective, Path.cwd())
    return own_objective(objective)


def _named(metric: Any, objective: "Objective") -> Any:
    """Only the name of a metric that the objective declares in the same way, with more details."""
    if isinstance(metric, list | tuple):
        return [_named(item, objective) for item in metric]
    return metric.name if metric in objective.metrics else metric


def _slug(kind: str) -> str:
    """The default name of a study, from its objective's."""
    return re.sub(r"\W+", "-", kind.rpartition(":")[2]).strip("-_") or "study"


def _folder(results: Path, name: str, *, new: bool) -> Path:
    """The study's folder; a `new` study gets a number if the name is taken."""
    taken = (results / name).exists()
    if not new or not taken:
        return results / name
    numbered = (results / f"{name}-{number}" for number in count(2))
    return next(folder for folder in numbered if not folder.exists())


def _budget(trials: int | None, max_time: float | str | None) -> dict[str, Any] | None:
    given = {"trials": trials, "wall_clock": max_time}
    return {key: value for key, value in given.items() if value is not None} or None


def _config(sections: Mapping[str, Any], objective: "Objective") -> "StudyConfig":
    from tuner.config.parse import InvalidStudyError, study_of

    given = {key: value for key, value in sections.items() if value not in (None, [], {}, "")}
    try:
        return study_of(given, Path.cwd(), objective)
    except InvalidStudyError as error:
        raise UserError(str(error)) from None
