"""Sending an objective to a worker, which may be a process of another machine.

A worker imports the code as the driver did, if it finds the same file. Code is pickled if it is in
no file (a notebook's), if its file does more than define it (a script without `if __name__ ==
"__main__"`), or if the worker's machine does not have the file.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from sr_models.source import MAIN, root_of
from tuner.objectives import get_objective
from tuner.objectives.base import BaseObjective
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.own import OwnObjective
from tuner.objectives.protocol import Objective

OURS = ("tuner", "sr_models")


@dataclass(frozen=True)
class Shipment:
    """How a worker gets an objective.

    Args:
        name: its `type`.
        file: the file to import it from; None if it is built in, or cannot be imported.
        digest: digest of that file.
        roots: folders that its modules are imported from.
        pickles: files with the pickled code, to be tried in this order.
    """

    name: str
    file: Path | None = None
    digest: str = ""
    roots: tuple[Path, ...] = ()
    pickles: tuple[Path, ...] = ()


def ship(objective: Objective, folder: Path, *, cluster: bool) -> Shipment:
    """Pack an objective, with files in `folder`, which all workers see.

    Args:
        objective: the objective to pack.
        folder: for its pickles.
        cluster: whether it is sent to machines that may not have its files.

    Raises:
        ObjectiveError: it can be neither imported nor pickled.
    """
    if not isinstance(objective, OwnObjective) or objective.source is None:
        return Shipment(objective.name)
    module = sys.modules.get(_owner(objective).__module__)
    file = getattr(module, "__file__", None)
    root = (root_of(module) if module else None) or Path.cwd()
    if objective.source.module == MAIN or module is None or module.__name__ == MAIN or not file:
        pickles = _pickles(objective, folder, root, siblings=cluster)
        return Shipment(objective.name, roots=(root,), pickles=pickles)
    pickles = _spare_pickle(objective, folder, root) if cluster else ()
    return Shipment(objective.name, Path(file), _digest(Path(file)), (root,), pickles)


@lru_cache(maxsize=4)
def unpack(shipment: Shipment) -> Objective:
    """Return the objective; it is loaded once in a process.

    Raises:
        ObjectiveError: its code is not available here.
    """
    for root in shipment.roots:
        if root.is_dir() and str(root) not in sys.path:
            sys.path.insert(0, str(root))
    if not shipment.pickles or (shipment.file and _digest(shipment.file) == shipment.digest):
        return get_objective(shipment.name, Path.cwd())
    return OwnObjective(shipment.name, _unpickled(shipment))


def _unpickled(shipment: Shipment) -> BaseObjective:
    import pickle

    failed: ImportError | AttributeError | None = None
    for file in shipment.pickles:
        try:
            found: BaseObjective = pickle.loads(file.read_bytes())
        except (ImportError, AttributeError) as error:  # a module that this machine lacks
            failed = error
        else:
            return found
    raise ObjectiveError(f"{shipment.name} is not available on this machine: {failed}") from failed


def _owner(objective: OwnObjective) -> Any:
    """The function or the class that defines the code."""
    found = getattr(objective.training, "function", type(objective.training))
    while isinstance(found, partial):
        found = found.func
    return found


def _pickles(
    objective: OwnObjective, folder: Path, root: Path, *, siblings: bool
) -> tuple[Path, ...]:
    """A pickle of the code and, with `siblings`, another that includes the modules beside it."""
    plain = _pickle(objective, folder / "objective.pickle")
    return (plain, *_spare_pickle(objective, folder, root)) if siblings else (plain,)


def _spare_pickle(objective: OwnObjective, folder: Path, root: Path) -> tuple[Path, ...]:
    """A pickle that includes all modules in the code's folder; none if they cannot be pickled."""
    try:
        with _by_value(root):
            return (_pickle(objective, folder / "objective-whole.pickle"),)
    except ObjectiveError:
        return ()


def _pickle(objective: OwnObjective, file: Path) -> Path:
    import cloudpickle

    try:
        content = cloudpickle.dumps(objective.training)
    except Exception as error:
        raise ObjectiveError(
            f"{objective.name} cannot be sent to a worker: {type(error).__name__}: {error}; what "
            "it uses from outside must be picklable, so open files and connections inside it"
        ) from error
    file.write_bytes(content)
    return file


@contextmanager
def _by_value(root: Path) -> Iterator[None]:
    """Pickle all modules in a folder by value instead of by name."""
    import cloudpickle

    modules = [module for module in list(sys.modules.values()) if _is_theirs(module, root)]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


def _is_theirs(module: ModuleType, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    if not file or module.__name__ == MAIN or module.__name__.partition(".")[0] in OURS:
        return False
    path = Path(file)
    return path.is_relative_to(root) and "site-packages" not in path.parts


def _digest(file: Path) -> str:
    try:
        return sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""
