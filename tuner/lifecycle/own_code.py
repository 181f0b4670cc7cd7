"""The files of the user's own code that a study runs, to tell whether they have changed."""

import sys
from collections.abc import Iterator, Mapping
from hashlib import sha256
from os.path import dirname
from pathlib import Path

from tuner.config import StudyConfig
from tuner.config.own_files import own_files
from tuner.objectives.own_files import is_own_code, with_dependencies


def own_code(config: StudyConfig) -> dict[str, str]:
    """Return the digests of the files of the user's own code, by their names.

    The files are those that the study names (the objective, the script and the templates of a
    command, networks, losses, samplers and so on), what they import and name, and those modules in
    the same folders that are imported.
    """
    files = with_dependencies(own_files(config), packages=False)
    named = {file.path for file in files if not file.mentioned}
    beside = _imported_from({str(path.parent) for path in named if path.suffix == ".py"})
    digests: dict[str, list[str]] = {}
    for path in sorted(named.union(beside)):  # without its folder: a project may be moved
        digests.setdefault(path.name, []).append(_digest(path))
    return {name: "+".join(found) for name, found in digests.items()}


def code_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return which files have changed, a sentence each."""
    return [
        f"{name}, which earlier trials ran: their results may not be comparable with new ones"
        for name, digests in after.items()
        if name in before and not set(before[name].split("+")) <= set(digests.split("+"))
    ]


def _imported_from(folders: set[str]) -> Iterator[Path]:
    for module in list(sys.modules.values()):  # thousands, hence the cheap test first
        file = getattr(module, "__file__", None)
        if file and dirname(file) in folders and is_own_code(Path(file)):
            yield Path(file)


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()[:16]
