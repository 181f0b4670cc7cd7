"""Writing a file completely or not at all, with an error that says why it cannot be written."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sr_models.atomic import write_atomically
from sr_models.errors import UserError


def check_place(path: Path) -> None:
    """Check, before the work is done, whether a file can have this path.

    Raises:
        UserError: it is a folder, or there is no folder to put it in.
    """
    with _explained(path):
        if path.is_dir():
            raise UserError(f"{path} is a folder; name a file")
        if not path.parent.is_dir():
            raise UserError(f"{path} cannot be written: there is no folder {path.parent}")


def check_output(path: Path, suffixes: Collection[str], studies: Sequence[Path]) -> None:
    """Check that an output replaces nothing but an earlier output of its kind.

    Args:
        path: the file to write.
        suffixes: suffixes of files that may be replaced.
        studies: folders of studies, into which nothing is written.

    Raises:
        UserError: it would replace a file of another kind, or is inside a study.
    """
    within = [study for study in studies if path.resolve().is_relative_to(study.resolve())]
    if within and path.name != "report.html":
        raise UserError(f"--output {path} is inside the study {within[0]}: write it elsewhere")
    with _explained(path):
        taken = path.is_file() and path.suffix.lower() not in suffixes
    if taken:
        raise UserError(f"--output {path} exists and is not a file of this kind: name another")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file completely or not at all; an existing file is replaced.

    Raises:
        UserError: it cannot be written.
    """
    check_place(path)
    with _explained(path):
        if path.exists() and not path.is_file():  # a device or a pipe
            path.write_bytes(content)
        else:
            write_atomically(path, content, durable=False)  # it can be written again


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror or error}") from error
