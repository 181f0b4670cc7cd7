"""The files of the user's own code that a study file names."""

import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from os.path import isfile
from pathlib import Path
from typing import Any

import yaml

from sr_models.source import located, root_of
from tuner.config.dump import dump_study
from tuner.config.study import StudyConfig
from tuner.objectives.command.config import CommandConfig
from tuner.objectives.own import OwnObjective
from tuner.objectives.own_files import SCRIPTS, OwnFile, is_own_code, mentioned_files, module_files

_CODE = ("code", "type")
"""Keys whose value may be `module:name`."""
_TRIAL = ("objective", "search", "baselines")
"""Sections that say what a trial runs; samplers and trackers run on the driver."""


def own_files(config: StudyConfig) -> list[OwnFile]:
    """Return the files of a study: objective, networks, losses, samplers, a command's scripts."""
    return list(_named(config, _document(config)))


def trial_files(config: StudyConfig) -> list[OwnFile]:
    """Return those that a trial needs."""
    document = _document(config)
    return list(_named(config, {name: document.get(name) for name in _TRIAL}))


def _document(config: StudyConfig) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(dump_study(config))
    del document["objective"]["type"]  # see `_of_objective`
    return document


def _named(config: StudyConfig, document: Mapping[str, Any]) -> Iterator[OwnFile]:
    yield from _of_objective(config)
    for key, text in _texts(document):
        yield from _of_code(text, key)
    if isinstance(config.objective_config, CommandConfig):
        yield from _of_command(config.objective_config, document)


def _of_objective(config: StudyConfig) -> Iterator[OwnFile]:
    """Yield the file that the type names, and that of the function or class itself."""
    for file in _of_code(config.objective_type, "type"):
        yield replace(file, absolute=False)  # made absolute when the study was loaded
    objective = config.objective
    if isinstance(objective, OwnObjective) and objective.source is not None:
        training = objective.training
        owner = getattr(training, "function", type(training))
        module = sys.modules.get(getattr(owner, "__module__", ""))
        path = Path(getattr(module, "__file__", None) or "")
        if module is not None and is_own_code(path):
            yield OwnFile(path, (root_of(module) or path.parent, Path.cwd()), imported=True)


def _texts(tree: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield all texts of a document, each with the last part of its key."""
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            yield from _texts(value, key if name == "choice" else str(name).rpartition(".")[2])
    elif isinstance(tree, list):
        for value in tree:
            yield from _texts(value, key)
    elif isinstance(tree, str):
        yield key, tree


def _of_code(text: str, key: str) -> Iterator[OwnFile]:
    """Yield the file that `file.py:name` or `module:name` names."""
    cwd = Path.cwd()
    module = located(text, cwd).rpartition(":")[0]
    if module.endswith(".py"):
        if isfile(module):
            path = Path(module)
            yield OwnFile(path, (path.parent, cwd), imported=True, absolute=os.path.isabs(text))
    elif module and key in _CODE:
        found = _module_file(module)
        if found is not None and is_own_code(found):
            depth = module.count(".") + (found.name == "__init__.py")
            yield OwnFile(found, (found.parents[depth], cwd), imported=True)


def _module_file(name: str) -> Path | None:
    """Return where a module was imported from, or will be: first from the working folder."""
    module = sys.modules.get(name)
    if module is None and (files := module_files(Path.cwd(), name)):
        return files[-1]
    try:
        spec = module.__spec__ if module else importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec is not None and spec.origin else None


def _of_command(config: CommandConfig, document: Mapping[str, Any]) -> Iterator[OwnFile]:
    """Yield the module of `-m`, and the files that are named by a path: scripts, templates, others.

    A file with an absolute path is data, which each machine has, unless it is a script or template.
    """
    cwd = Path.cwd()
    python_path = config.environment.get("PYTHONPATH", "").split(os.pathsep)
    roots = (cwd, *(cwd / name for name in python_path if name and not os.path.isabs(name)))
    for before, word in zip(config.command, config.command[1:], strict=False):
        if before == "-m":
            modules = ((root, name) for root in roots for name in (word, f"{word}.__main__"))
            for root, name in modules:
                yield from (OwnFile(path, roots) for path in module_files(root, name))
    listed = os.listdir(cwd)
    for _, text in _texts({name: document.get(name) for name in _TRIAL}):
        for path in mentioned_files(text, cwd, listed):
            yield OwnFile(path, (path.parent, *roots))
        for word in (text, text.rpartition("=")[2]):  # a path with blanks, or without a suffix
            path, absolute = Path(os.path.abspath(word)), os.path.isabs(word)
            own = not absolute or path.suffix in SCRIPTS or word in config.files.values()
            if own and (os.sep in word or "." in word) and isfile(word):
                yield OwnFile(path, (path.parent, *roots), absolute=absolute)
