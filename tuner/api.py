"""Search from Python: `tuner.search(train, space=..., metric=..., trials=50)`.

The arguments are the sections of a study file (see `tuner.config.study.Sections`), as plain data
or as the objects that they become; they are checked as a file is, and run by the same engine.
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
"""A section of a study file as plain data; most arguments also take the object it becomes."""
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
    """Search a space for the setting that is best at a metric; returns the study.

    Args:
        objective: a function `train(params, trial)` that yields a dictionary of metrics after
            each epoch, a `tuner.Objective` (class or instance), or a `type` of a study file.
        space: name of a param -> `Float`, `Int` or `Choice`.
        metric: what to search for: a `Metric` with a direction, or two; the name alone where the
            objective declares it. By default the objective's first.
        trials: settings to try besides the baselines; 16 unless `max_time` is given.
        max_time: for the whole study: `"30m"`, `"2h"`, or seconds.
        params: what is the same in all trials; `max_epochs` is where a trial ends.
        baselines: name -> params of a trial that runs first.
        sampler: what proposes settings, such as `"random"` or `tuner.samplers.Tpe(seed=1)`.
        scheduler: what stops trials early: `"none"`, or `{"type": "asha", "mode": "stop"}`.
        constraints: static metric -> bounds, such as `{"parameters": {"max": 1e6}}`.
        confirm: train the best again over seeds at the end: `{"top": 3, "seeds": 5}`.
        trackers: other tools that get a copy: `["mlflow"]`.
        warm_start: folders of earlier studies of the same space to learn from.
        workers: trials at the same time; as many as cores or GPUs allow.
        threads: of each trial.
        gpus_per_trial: fractions allowed; 1 where there is a GPU. "auto": as many trials share one
            as fit and gain by it.
        retries: how often a trial that crashed is tried again.
        name: of the study's folder in `results`; by default the objective's, numbered if taken.
        description: a line for people.
        results: where studies lie.
        address: of a Ray cluster; unless given, what RAY_ADDRESS holds, or else this machine.
        resume: resume the study of that name if it exists, else start it.
        quiet: show nothing.

    Raises:
        UserError: what is asked for cannot be done; what, and why.
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
            "params.type: a study calls the objective's own name so; give this param another one"
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

    Raises:
        UserError: the folder is no study.
    """
    if not isinstance(folder, str | Path):
        raise UserError(f"folder = {folder!r}: must be a path")
    from tuner.analysis.load import open_named
    from tuner.result import Study

    return Study(open_named(Path(folder)).folder)


def _require_kinds(**given: tuple[Any, Any]) -> None:
    """See that arguments that are used before the study is checked are what they should be."""
    words = {str: "text", str | Path: "a path", Mapping: _DICTIONARY}
    for name, (value, kind) in given.items():
        if value is not None and not isinstance(value, kind):
            raise UserError(f"{name} = {value!r}: must be {words.get(kind, _DICTIONARY)}")


def _require_typed(**given: Any) -> None:
    """See that a section with a type is given as one."""
    for name, value in given.items():
        if value is not None and not isinstance(value, str | Mapping | BaseModel):
            raise UserError(
                f"{name} = {value!r}: must be its type as text, an object of tuner.{name}s, or a "
                'dictionary; code of your own is {"type": "own", "code": "file.py:name"}'
            )


def _require_name(name: str | None) -> None:
    """See that a folder can have the name, before it is looked for."""
    from tuner.config.study import checked_name

    try:
        checked_name("study" if name is None else name)
    except ValueError as error:
        raise UserError(f"name = {name!r}: {error}") from None


def _require_dimensions(space: Any) -> None:
    """See that a search is made of what is searched; further rules are those of a study file."""
    if not isinstance(space, Mapping):
        raise UserError(f"space = {space!r}: must be a dictionary: name -> {_DIMENSIONS}")
    for name, value in space.items():
        if not isinstance(value, BaseModel | Mapping):
            several = isinstance(value, list | tuple | set)
            way = (
                f"write tuner.Choice({list(value)!r})"
                if several
                else "what is the same in all trials belongs into params"
            )
            raise UserError(f"space[{name!r}] = {value!r}: must be {_DIMENSIONS}; {way}")


def _require_no_import() -> None:
    """A script that is imported for its objective must not search once more."""
    if (module := is_importing()) is not None:
        raise UserError(
            f"{module} calls tuner.search when it is imported; put that under if __name__ == "
            '"__main__":'
        )


def _objective(objective: Any) -> "Objective":
    from tuner.objectives import get_objective
    from tuner.objectives.loading import own_objective

    if isinstance(objective, str):
        return get_objective(objective, Path.cwd())
    return own_objective(objective)


def _named(metric: Any, objective: "Objective") -> Any:
    """The name alone of a metric that the objective declares just so, and says more of."""
    if isinstance(metric, list | tuple):
        return [_named(item, objective) for item in metric]
    return metric.name if metric in objective.metrics else metric


def _slug(kind: str) -> str:
    """The name of a study after its objective's."""
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
