"""The user's code as `module:name` or `file.py:name`: finding it, and importing it."""

import importlib
import importlib.util
import os
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from keyword import iskeyword
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from sr_models.errors import CodeError

MAIN = "__main__"
"""The module of a running script, a notebook or an interactive session."""

FORM = "module:name or file.py:name"
_importing: list[str] = []
_folders: set[Path] = set()
"""Folders from which code was imported in this process."""


@dataclass(frozen=True)
class Source:
    """A name in a module, or in a file that is given by its absolute path."""

    module: str
    name: str

    @classmethod
    def parse(cls, text: str, folder: Path) -> Self:
        """Return the source that a study file in `folder` names.

        Raises:
            CodeError: it has another form, or there is no such file.
        """
        module, _, name = text.rpartition(":")
        if not module or not re.fullmatch(r"\w+(\.\w+)*", name):
            raise CodeError(f"must be {FORM}")
        if module.endswith(".py"):
            module = located(text, folder).rpartition(":")[0]
            if not Path(module).is_file():
                raise CodeError(f"there is no {module}")
        elif module.startswith(".") or re.search(r"[/\\]", module):
            raise CodeError(f"must be {FORM}")
        return cls(module, name)

    def __str__(self) -> str:
        return f"{self.module}:{self.name}"

    @property
    def file(self) -> Path | None:
        """The file, if it is given as a file."""
        return Path(self.module) if self.module.endswith(".py") else None

    def load(self, *folders: Path) -> Any:
        """Import the module and return the object of that name.

        Args:
            folders: further folders in which modules are looked for.

        Raises:
            CodeError: it cannot be imported (with file and line), or has no such name.
        """
        file = self.file
        for folder in folders if file is None else [file.parent]:
            if str(folder.absolute()) not in sys.path:
                sys.path.insert(0, str(folder.absolute()))
        with _explained(self.module):
            found: Any = importlib.import_module(self.module) if file is None else _execute(file)
        if file is not None:
            _require_its_own(found, file.parent)
        for part in self.name.split("."):
            if not hasattr(found, part):
                hint = _hint(found, part) or self._another(found, folders)
                raise CodeError(f"{_shown(self.module)} has no {self.name}{hint}")
            found = getattr(found, part)
        return found

    def _another(self, found: Any, folders: Sequence[Path]) -> str:
        """Say that the name of the module leads elsewhere than to the file in one of `folders`."""
        file = getattr(found, "__file__", None)
        beside = [folder.absolute() / f"{self.module}.py" for folder in folders]
        if not file or not (theirs := [path for path in beside if path.is_file()]):
            return ""
        return "" if Path(file) in beside else f": it is {file}; write {theirs[0].name}:{self.name}"


def located(kind: str, folder: Path) -> str:
    """Return a `type` with the absolute path of its file, if it names a file; see `seen_from`."""
    module, colon, name = kind.rpartition(":")
    if not colon or not module.endswith(".py"):
        return kind
    places = dict.fromkeys([folder.absolute() / module, Path.cwd() / module])
    found = next((place for place in places if place.is_file()), folder.absolute() / module)
    return f"{os.path.normpath(found)}:{name}"


def seen_from(folder: Path, kind: str) -> str:
    """Return a `type` with the path of its file relative to a folder, if it names a file."""
    module, colon, name = kind.rpartition(":")
    if not colon or not module.endswith(".py"):
        return kind
    return f"{Path(os.path.relpath(module, folder.absolute())).as_posix()}:{name}"


def given_by_hand(kind: str) -> str | None:
    """Return the name of code that only Python can provide, such as a notebook's; else None."""
    module, _, name = kind.rpartition(":")
    if module != MAIN:
        return None
    return name if name.isidentifier() and not iskeyword(name) else "FUNCTION"


def is_importing() -> str | None:
    """Return the module that is being imported for its objective; None if there is none."""
    return _importing[-1] if _importing else None


def root_of(module: ModuleType) -> Path | None:
    """Return the folder from which a module, or its package, is imported."""
    file = getattr(module, "__file__", None)
    if file is None:
        return None
    name = package_name(module) or module.__name__
    depth = name.count(".") + (Path(file).name == "__init__.py")
    return Path(file).absolute().parents[depth]


def package_name(module: ModuleType) -> str | None:
    """Return the name by which a module of a package is imported, even if it runs as a script.

    None if it is not in a package.
    """
    spec = getattr(module, "__spec__", None)
    return spec.name if spec is not None and "." in spec.name else None


def _execute(file: Path) -> ModuleType:
    """Import a file, by its module name if that leads to it, so that others may import it too."""
    name = file.stem
    if name.isidentifier() and _leads_to(name, file):
        return importlib.import_module(name)
    name = f"{re.sub(r'[^0-9a-zA-Z]', '_', name)}_{sha256(str(file).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _require_its_own(module: ModuleType, folder: Path) -> None:
    """Check that a file has imported the modules beside it, not others of the same names.

    Python has a single module for each name: if two projects each have a `helper.py`, the second
    would run with the first project's module.

    Raises:
        CodeError: it has a module of code that was imported before.
    """
    before = _folders - {folder.resolve()}
    _folders.add(folder.resolve())
    for value in list(vars(module).values()):
        name = value.__name__ if isinstance(value, ModuleType) else _home(value)
        file = getattr(sys.modules.get(name), "__file__", None)
        other = None if file is None else Path(file).resolve()
        beside = folder.resolve() / f"{name}.py"
        if other is not None and other != beside and other.parent in before and beside.is_file():
            raise CodeError(
                f"{Path(module.__file__ or '').name} imports {other}, which this process has "
                f"imported before, and not the {beside.name} beside it: rename one of the two, or "
                "run the studies in processes of their own"
            )


def _home(value: Any) -> str:
    """The module that a function or class is from."""
    found = getattr(value, "__module__", None)
    return found if isinstance(found, str) else ""


def _leads_to(name: str, file: Path) -> bool:
    importlib.invalidate_caches()
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is not None and Path(spec.origin) == file


@contextmanager
def _explained(module: str) -> Iterator[None]:
    """Turn a failing import into a single message with file and line."""
    _importing.append(module)
    try:
        yield
    except (Exception, SystemExit) as error:
        raise CodeError(f"{_shown(module)} cannot be imported: {_reason(error)}") from error
    finally:
        _importing.pop()


def _reason(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.filename}, line {error.lineno}: {error.msg}"
    what = f"{type(error).__name__}: {error}"
    if isinstance(error, ImportError) and "no known parent package" in str(error):
        what += "; name it as a module of its package: package.module:name"
    theirs = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<frozen") and not _is_ours(frame.filename)
    ]
    return f"{theirs[-1].filename}, line {theirs[-1].lineno}: {what}" if theirs else what


def _is_ours(file: str) -> bool:
    """Whether a frame is not the user's: of these packages, or of importlib."""
    ours = Path(__file__).parent
    machinery = (ours, ours.with_name("tuner"), Path(importlib.__file__).parent)
    return any(Path(file).is_relative_to(folder) for folder in machinery)


def _hint(found: Any, name: str) -> str:
    names = [
        known for known in vars(found) if not known.startswith("_") and callable(vars(found)[known])
    ]
    close = get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _shown(module: str) -> str:
    return Path(module).name if module.endswith(".py") else module
