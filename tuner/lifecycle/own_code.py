"""The files of the user's own code that a study runs, to tell whether they have changed."""

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from hashlib import sha256
from os.path import dirname, isfile
from pathlib import Path
from typing import Any

import yaml

from sr_models.source import located
from tuner.config import StudyConfig, dump_study
from tuner.objectives.own import OwnObjective

_OURS = Path(__file__).parents[2]
_PACKAGES = ("tuner", "sr_models")
_CODE = ("code", "type")
"""Keys that may hold `module:name`."""


def own_code(config: StudyConfig) -> dict[str, str]:
    """Return the digest of each file of the user's own code, by its name.

    The files are those that the study names (the objective, the script and the templates of a
    command, networks, losses, samplers and so on), and those modules in the same folders that are
    imported.
    """
    named = set(_named(yaml.safe_load(dump_study(config)))) | set(_of_objective(config))
    beside = _imported_from({str(file.parent) for file in named if file.suffix == ".py"})
    digests: dict[str, list[str]] = {}
    for file in sorted(
        named.union(beside)
    ):  # a project may be moved, which keeps only the names of the files
        digests.setdefault(file.name, []).append(_digest(file))
    return {name: "+".join(found) for name, found in digests.items()}


def code_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return which files have changed, a sentence each."""
    return [
        f"{name}, which earlier trials ran: their results may not be comparable with new ones"
        for name, digest in after.items()
        if before.get(name, digest) != digest
    ]


def _named(tree: Any, key: str = "") -> Iterator[Path]:
    """The files that the values of a study file name."""
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            yield from _named(value, str(name).rpartition(".")[2])
    elif isinstance(tree, list):
        for value in tree:
            yield from _named(value, key)
    elif isinstance(tree, str) and (file := _file(tree, key)) is not None:
        yield file


def _file(text: str, key: str) -> Path | None:
    """The file that `file.py:name`, `module:name` or a word of a command names."""
    module = located(text, Path.cwd()).rpartition(":")[0]
    if not module and Path(text).suffix and key in ("command", "files"):
        module = text
    elif module and not module.endswith(".py"):
        return _of_module(module) if key in _CODE else None
    file = Path(module).absolute()
    return (
        file if module and isfile(file) else None
    )  # unlike is_file, it takes a whole shell script, which is too long for a name


def _of_module(name: str) -> Path | None:
    module = sys.modules.get(name)
    try:
        found = module.__spec__ if module else importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    file = None if found is None else found.origin
    return Path(file) if file and _is_theirs(Path(file)) else None


def _of_objective(config: StudyConfig) -> Iterator[Path]:
    """The file of a function or class, and the files that a command is given."""
    objective = config.objective
    if isinstance(objective, OwnObjective) and objective.source is not None:
        training = objective.training
        owner = getattr(training, "function", type(training))
        module = sys.modules.get(getattr(owner, "__module__", ""))
        file = getattr(module, "__file__", None)
        if file and _is_theirs(Path(file)):
            yield Path(file)
    for template in (getattr(config.objective_config, "files", None) or {}).values():
        if (file := Path(template).absolute()).is_file():
            yield file


def _imported_from(folders: set[str]) -> Iterator[Path]:
    for module in list(sys.modules.values()):  # thousands, hence the cheap test first
        file = getattr(module, "__file__", None)
        if file and dirname(file) in folders and _is_theirs(Path(file)):
            yield Path(file)


def _is_theirs(file: Path) -> bool:
    """Whether it is really in their folder: some modules, such as torch's, claim a file there."""
    ours = any(file.is_relative_to(_OURS / package) for package in _PACKAGES)
    script = file.suffix == ".py" and "site-packages" not in file.parts
    return script and not ours and file.is_absolute() and file.is_file()


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()[:16]
