"""The user's function or class as an objective: by its name, or as a Python object."""

import inspect
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

from sr_models.source import MAIN, Source, package_name
from tuner.objectives.base import BaseObjective
from tuner.objectives.contract import require_fitting, require_whole
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.function import FunctionObjective
from tuner.objectives.own import OwnObjective


def load_own(kind: str, folder: Path) -> OwnObjective:
    """Return the objective that a study file in `folder` names as `module:name` or `file.py:name`.

    Raises:
        ObjectiveError: it cannot be imported, or is not an objective.
    """
    source = Source.parse(kind, folder)
    if source.module == MAIN:
        raise ObjectiveError(
            "was defined in a notebook or an interactive session and cannot be imported; use "
            f"tuner.load_study(FOLDER).resume({source.name})"
        )
    found = source.load(folder, Path.cwd())
    return OwnObjective(str(source), _training(found, kind), source)


def own_objective(code: Any) -> OwnObjective:
    """Return the objective for a function, a class or an instance.

    Raises:
        ObjectiveError: it is none of these.
    """
    training = _training(code, getattr(code, "__qualname__", repr(code)))
    source = _source(code)
    return OwnObjective(str(source), training, source)


def _training(code: Any, name: str) -> BaseObjective:
    if isinstance(code, BaseObjective):
        require_whole(code, name)
        return code
    if inspect.isclass(code):
        if not issubclass(code, BaseObjective):
            raise ObjectiveError(f"{name} is a class, but not a subclass of tuner.Objective")
        if getattr(code, "__abstractmethods__", None):
            raise ObjectiveError(f"{name} has no method train(config, trial)")
        return _training(_made(code, name), name)
    if not callable(code):
        raise ObjectiveError(f"{name} is neither a function nor a tuner.Objective")
    require_fitting(code, name)
    return FunctionObjective(code)


def _made(kind: type[BaseObjective], name: str) -> BaseObjective:
    try:
        return kind()
    except Exception as error:  # the user's code may raise anything
        raise ObjectiveError(
            f"{name} cannot be created without arguments ({type(error).__name__}: {error}); use an "
            "instance of it instead"
        ) from error


def _source(code: Any) -> Source:
    """Where code can be found again; `__main__` if it cannot."""
    if isinstance(code, BaseObjective) and vars(code):  # another instance may have other attributes
        return Source(MAIN, type(code).__name__)
    owner = type(code) if isinstance(code, BaseObjective) else code
    name = getattr(owner, "__qualname__", type(code).__qualname__)
    module = getattr(owner, "__module__", MAIN)
    if not _is_found(owner, module, name):
        return Source(MAIN, name.rpartition(".")[2].strip("<>"))
    file = getattr(sys.modules[module], "__file__", None)
    if module == MAIN and file is not None and file.endswith(".py"):
        place = package_name(sys.modules[module])  # in a package, it may import what is beside it
        return Source(place or str(Path(file).absolute()), name)
    return Source(module, name)


def _is_found(code: Any, module: str, name: str) -> bool:
    """Whether a name in a module leads to this very object.

    It does not for a lambda, for something defined inside a function, for a callable object, or for
    a function whose decorated version has its name but not its place.
    """
    try:
        found = attrgetter(name)(sys.modules.get(module))
    except AttributeError:
        return False
    return found is code or (inspect.ismethod(code) and found == code)
