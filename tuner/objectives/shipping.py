"""Sending an objective to a worker, which may be a process of another machine.

A worker imports the code as the driver did. Code is pickled if it is in no file (a notebook's), or
if its file does more than define it (a script without `if __name__ == "__main__"`). The files that
another machine may lack are sent along: see `shipped_files`.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from sr_models.source import MAIN, root_of
from tuner.objectives import get_objective
from tuner.objectives.base import BaseObjective
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.loading import load_own
from tuner.objectives.own import OwnObjective
from tuner.objectives.own_files import OwnFile, loaded_from
from tuner.objectives.protocol import Objective
from tuner.objectives.shipped_files import ROOT, inside, pack


@dataclass(frozen=True)
class Shipment:
    """How a worker gets an objective.

    Attributes:
        name: its `type`.
        root: the folder that its modules are imported from; None if it is built in.
        pickle: a file with the pickled code; None if it can be imported.
        files: an archive of the files that a trial needs; None if it needs none, or on one machine.
    """

    name: str
    root: Path | None = None
    pickle: Path | None = None
    files: Path | None = None


def ship(objective: Objective, folder: Path, named: Iterable[OwnFile] | None = None) -> Shipment:
    """Pack an objective, with files in `folder`, which all workers see or can fetch.

    Args:
        objective: the objective to pack.
        folder: for its pickle and the archive.
        named: the files that the study names; None if no machine but this one needs them.

    Raises:
        ObjectiveError: it can be neither imported nor pickled.
    """
    root, pickle = None, None
    if isinstance(objective, OwnObjective) and objective.source is not None:
        module = sys.modules.get(_owner(objective.training).__module__)
        file = getattr(module, "__file__", None)
        root = (root_of(module) if module else None) or Path.cwd()
        if objective.source.module == MAIN or module is None or module.__name__ == MAIN or not file:
            pickle = _pickle(objective, file, folder / "objective.pickle")
    files = None
    if named is not None:
        files = pack([*named, *(loaded_from(root) if root else ())], folder)
    return Shipment(objective.name, root, pickle, files)


@lru_cache(maxsize=4)
def unpack(shipment: Shipment, files: Path = ROOT) -> Objective:
    """Return the objective; it is loaded once in a process.

    Args:
        shipment: what `ship` packed.
        files: the folder that contains the driver's files: see `extract`.

    Raises:
        ObjectiveError: its code is not available here.
    """
    if shipment.root is not None:
        root = inside(files, shipment.root)
        if root.is_dir() and str(root) not in sys.path:
            sys.path.insert(0, str(root))
    if shipment.pickle is not None:
        return OwnObjective(shipment.name, _unpickled(shipment.pickle, shipment.name))
    if files != ROOT and Path(shipment.name).is_absolute():
        copy = load_own(str(inside(files, shipment.name)), Path.cwd())
        return OwnObjective(shipment.name, copy.training)
    return get_objective(shipment.name, Path.cwd())


def _unpickled(file: Path, name: str) -> BaseObjective:
    import pickle

    try:
        training: BaseObjective
        training, source = pickle.loads(file.read_bytes())
    except (ImportError, AttributeError) as error:  # a module that this machine lacks
        raise ObjectiveError(f"{name} is not available on this machine: {error}") from error
    if source is not None:
        _name_source(_owner(training), source)
    return training


def _name_source(owner: Any, source: str) -> None:
    """Tell pickled functions the file that they come from, for tracebacks: cloudpickle does not."""
    kind = owner if isinstance(owner, type) else type(owner)
    for function in (getattr(owner, "__func__", owner), *vars(kind).values()):
        if isinstance(function, FunctionType):
            for found in [function, *function.__globals__.values()]:
                if isinstance(found, FunctionType):
                    found.__code__ = _from(source, found.__code__)


def _from(source: str, code: CodeType) -> CodeType:
    if not code.co_filename.startswith("<"):
        return code
    constants = (_from(source, c) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_filename=source, co_consts=tuple(constants))


def _owner(training: BaseObjective) -> Any:
    """The function or the class that defines the code."""
    found = getattr(training, "function", type(training))
    while isinstance(found, partial):
        found = found.func
    return found


def _pickle(objective: OwnObjective, source: str | None, file: Path) -> Path:
    import cloudpickle

    try:
        content = cloudpickle.dumps((objective.training, source))
    except Exception as error:
        raise ObjectiveError(
            f"{objective.name} cannot be sent to a worker: {type(error).__name__}: {error}; what "
            "it uses from outside must be picklable, so open files and connections inside it"
        ) from error
    file.write_bytes(content)
    return file
