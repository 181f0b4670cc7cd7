"""Files of the user's own code, and the files that they need to run on another machine."""

import ast
import os
import re
import sys
import sysconfig
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from os.path import isfile
from pathlib import Path

LARGEST = 16 * 2**20
"""Size in bytes of the largest file that is sent: a larger one is taken for data."""
SCRIPTS = (".py", ".sh", ".R", ".jl", ".js", ".pl")

_OURS = ("tuner", "sr_models")
_PROJECT = Path(__file__).parents[2]
_STANDARD = tuple(map(Path, {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}))
_MODULES = (".py", *EXTENSION_SUFFIXES)
_PATH = re.compile(r"[\w./-]+\.\w+")


@dataclass(frozen=True)
class OwnFile:
    """A file that a trial needs.

    Attributes:
        path: its absolute path.
        roots: folders in which the modules that it imports are looked for, in this order.
        imported: whether the worker imports it; otherwise a command reads it.
        absolute: whether the study names it by its absolute path.
        mentioned: whether it is not code and only code names it, which may also write it.
    """

    path: Path
    roots: tuple[Path, ...]
    imported: bool = False
    absolute: bool = False
    mentioned: bool = False


def is_own_code(file: Path) -> bool:
    """Return whether a file is the user's code; modules of torch, for example, name no file."""
    others = (*_STANDARD, *(_PROJECT / package for package in _OURS))
    installed = {"site-packages", "dist-packages"}.intersection(file.parts)
    own = not installed and not any(file.is_relative_to(folder) for folder in others)
    return own and file.suffix == ".py" and file.is_absolute() and file.is_file()


def loaded_from(root: Path) -> Iterator[OwnFile]:
    """Yield the modules in a folder that this process has imported."""
    for module in list(sys.modules.values()):  # thousands, hence the cheap test first
        file = getattr(module, "__file__", None)
        if file and file.startswith(f"{root}{os.sep}") and is_own_code(Path(file)):
            yield OwnFile(Path(file), (root,), imported=True)


def module_files(root: Path, name: str) -> list[Path]:
    """Return the file of a module, and the `__init__.py` of its packages, if `root` has them."""
    candidates = []
    for part in name.split("."):
        candidates += [root / f"{part}{suffix}" for suffix in _MODULES]
        root /= part
        candidates.append(root / "__init__.py")
    return [file for file in candidates if file.is_file()]


def mentioned_files(text: str, folder: Path, listed: Sequence[str]) -> list[Path]:
    """Return the files that code or a command names by a path relative to a folder.

    Args:
        text: the code or the command.
        folder: the folder.
        listed: the names of the files and folders in it.
    """
    first = {*listed, ".", ".."}
    names = {name for name in _PATH.findall(text) if name.partition("/")[0] in first}
    paths = sorted({os.path.normpath(folder / name) for name in names})
    return [Path(path) for path in paths if isfile(path)]


def with_dependencies(files: Iterable[OwnFile], *, packages: bool = True) -> list[OwnFile]:
    """Return files and those that they depend on, each once.

    These are the modules that Python code imports, and the files that code names by a relative
    path. Code is parsed for them, not run: the script of a command would start to train.

    Args:
        files: the files.
        packages: whether a package is wanted whole, since it may look for its files when it runs.
    """
    waiting = deque(files)
    named, found, finder = {file.path for file in waiting}, dict[Path, OwnFile](), _Finder(packages)
    while waiting:
        file = waiting.popleft()
        wanted = file.path in named or file.path.stat().st_size <= LARGEST
        if file.path not in found and wanted and os.access(file.path, os.R_OK):
            found[file.path] = file
            waiting += finder.dependencies(file)
    return list(found.values())


class _Finder:
    """Finds what files depend on; it lists each folder once."""

    def __init__(self, packages: bool) -> None:
        self._whole = packages
        self._listed = cache(_listed)
        self._modules = cache(self._module_files)
        self._packages: set[Path] = set()

    def dependencies(self, file: OwnFile) -> Iterator[OwnFile]:
        """Yield the files that a file itself depends on."""
        if file.path.suffix not in SCRIPTS or file.path.stat().st_size > LARGEST:
            return
        code = file.path.read_bytes()
        if file.path.suffix == ".py":
            for path in self._package(file):
                yield replace(file, path=path)
            for folder, name in _imports(file.path, code, file.roots):
                for path in self._modules(folder, name):
                    yield replace(file, path=path)
        text = code.decode(errors="replace")
        for folder in dict.fromkeys((file.path.parent, *file.roots)):
            for path in mentioned_files(text, folder, self._listed(folder)):
                roots = tuple(dict.fromkeys((path.parent, *file.roots)))
                is_data = path.suffix not in SCRIPTS
                yield OwnFile(path, roots, absolute=file.absolute, mentioned=is_data)

    def _module_files(self, folder: Path, name: str) -> list[Path]:
        """The same as `module_files`; most modules are installed elsewhere, as the list shows."""
        first = name.partition(".")[0]
        known = any(entry.partition(".")[0] == first for entry in self._listed(folder))
        return module_files(folder, name) if known else []

    def _package(self, file: OwnFile) -> Iterator[Path]:
        """Yield the files of the packages that a module is in: all, or each `__init__.py`."""
        top = None
        for folder in file.path.parents:
            if folder in file.roots or not isfile(folder / "__init__.py"):
                break
            top = folder
            yield folder / "__init__.py"
        if not self._whole or top is None or top in self._packages:
            return
        self._packages.add(top)
        for place, folders, names in os.walk(top):
            folders[:] = [name for name in folders if isfile(Path(place, name, "__init__.py"))]
            paths = (Path(place, name) for name in names)
            yield from (path for path in paths if isfile(path))


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _imports(file: Path, code: bytes, roots: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    """Yield the modules that a file imports anywhere, and each folder that may contain them."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two if it is deep
        return
    for node in _statements(tree):
        names: list[str] = []
        folders: Sequence[Path] = roots
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module or ''}.{alias.name}".strip(".") for alias in node.names]
            folders = file.parents[node.level - 1 : node.level] if node.level else roots
        for name in names:
            if folders is not roots or name.partition(".")[0] not in _OURS:
                yield from ((folder, name) for folder in folders)


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all statements of some code; `ast.walk` also looks into expressions, and is slow."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting += getattr(node, field, ())
