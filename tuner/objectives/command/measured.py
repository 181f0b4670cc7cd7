"""The metrics that a command has written to files so far.

A row holds the metrics of an epoch. Its step is the command's own count (`epoch` or `step`), if it
reports any: a command that resumes from its checkpoint may repeat steps, which are counted once.
"""

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from sr_models.errors import UserError
from tuner.objectives.command.config import MetricFiles
from tuner.objectives.errors import ObjectiveError

STEPS = ("epoch", "step")
"""Names of a command's own count; the first that is present is used."""

KNOWN = "epochs.jsonl"
"""The file in a trial's folder with the rows that were read, in case the command rewrites its
table."""


@dataclass(frozen=True)
class Row:
    """The metrics of an epoch, and the command's own count of it."""

    metrics: dict[str, Any]
    step: float | None = None


class Source(Protocol):
    """Files that a command writes."""

    def rows(self, *, ended: bool) -> list[Row]:
        """Return all rows; with `ended` nothing more will come, so the last line is complete."""

    def clear(self) -> None:
        """Delete the files."""


@dataclass
class Measured:
    """The rows of a trial, from all processes that have run it.

    Args:
        source: the files that they are read from.
        folder: the folder of the trial.
    """

    source: Source
    folder: Path
    _known: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._known = [_row(json.loads(line)) for line in _lines(self.folder / KNOWN)]
        self._before = len(self.source.rows(ended=True))

    def reset(self) -> None:
        """Start from nothing: the command has kept no checkpoint."""
        self.source.clear()
        (self.folder / KNOWN).unlink(missing_ok=True)
        self._known, self._before = [], 0

    @property
    def known(self) -> list[Row]:
        """The rows that were read before."""
        return list(self._known)

    def new(self, *, ended: bool) -> list[Row]:
        """Return the rows that have come since the last call.

        Raises:
            ObjectiveError: a file does not hold what it should.
        """
        rows = self.source.rows(ended=ended)
        _require_order(rows[self._before :])
        found: list[Row] = []
        for index, row in enumerate(rows):
            last = [*self._known, *found][-1:]
            if row.step is None or not last or last[0].step is None:
                is_new = index >= len(self._known) + len(found)
            else:
                is_new = row.step > last[0].step
            if is_new:
                found.append(row)
            elif row.step is None and index < len(self._known):
                _require_same(index + 1, self._known[index], row)
        self._keep(found)
        return found

    def _keep(self, rows: Iterable[Row]) -> None:
        with (self.folder / KNOWN).open("a") as file:
            for row in rows:
                file.write(json.dumps({**row.metrics, "step": row.step}) + "\n")
                self._known.append(row)


@dataclass(frozen=True)
class JsonLines:
    """A JSON object a line, appended after each epoch."""

    file: Path

    def rows(self, *, ended: bool) -> list[Row]:
        """Return all complete lines."""
        return [
            _parsed(line, number)
            for number, line in enumerate(_lines(self.file, ended=ended), start=1)
            if line.strip()
        ]

    def clear(self) -> None:
        """Delete the file."""
        self.file.unlink(missing_ok=True)


@dataclass(frozen=True)
class Table:
    """A CSV file with a header, which may be rewritten each time."""

    folder: Path
    pattern: str
    each: str | None

    def rows(self, *, ended: bool) -> list[Row]:
        """Return all complete lines of the newest file; with `each`, those with a value there."""
        file = _newest(self.folder, self.pattern)
        lines = _lines(file, ended=ended) if file else []
        table = csv.DictReader(lines, delimiter=_delimiter(lines[0] if lines else ""))
        try:
            return list(_merged(map(_numbers, table), self.each))
        except csv.Error as error:
            raise ObjectiveError(f"{file} cannot be read: {error}") from error

    def clear(self) -> None:
        """Delete the tables."""
        for file in self.folder.glob(self.pattern):
            file.unlink()


@dataclass
class Events:
    """TensorBoard's event files, in a folder and its subfolders."""

    folder: Path
    each: str
    _loaders: dict[Path, Any] = field(default_factory=dict)
    _steps: dict[int, dict[str, float]] = field(default_factory=dict)

    def rows(self, *, ended: bool) -> list[Row]:
        """Return a row for each step at which `each` has a value, with the latest values of the
        others."""
        for tag, step, value in self._new_scalars():
            self._steps.setdefault(step, {})[tag] = value
        found = ({"step": step, **values} for step, values in sorted(self._steps.items()))
        return list(_merged(found, self.each))

    def clear(self) -> None:
        """Delete the event files."""
        for file in self._files():
            file.unlink()
        self._loaders, self._steps = {}, {}

    def _files(self) -> list[Path]:
        """The files, oldest first: a later process overrides what an earlier one says of a step."""
        found = self.folder.rglob("*tfevents*")
        return sorted(found, key=lambda file: (file.stat().st_mtime, file))

    def _new_scalars(self) -> Iterator[tuple[str, int, float]]:
        """Tag, step and value of the scalars that have been written since the last call."""
        from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
        from tensorboard.util.tensor_util import make_ndarray

        for file in self._files():
            if file not in self._loaders:
                self._loaders[file] = EventFileLoader(str(file))
            for event in self._loaders[file].Load():
                for value in event.summary.value:
                    number = make_ndarray(value.tensor)
                    if number.size == 1 and number.dtype.kind == "f":
                        yield value.tag, event.step, float(number.reshape(()))


def source_of(files: MetricFiles | None, folder: Path, lines: Path) -> Source:
    """Return the source that reads the files of a trial.

    Args:
        files: the files that the study file names; None for the file of JSON lines.
        folder: the folder of the trial.
        lines: the file that `TUNER_METRICS` names.

    Raises:
        UserError: TensorBoard, which reads its files, is not installed.
    """
    if files is None:
        return JsonLines(lines)
    if files.csv is not None:
        return Table(folder, files.csv, files.each)
    assert files.tensorboard is not None
    assert files.each is not None
    _require_tensorboard()
    return Events(folder / files.tensorboard, files.each)


def _merged(rows: Iterable[Mapping[str, float]], each: str | None) -> Iterator[Row]:
    """Merge rows into epochs: with `each`, an epoch ends when that metric has a new value."""
    latest: dict[str, float] = {}
    for row in rows:
        if each is None:
            yield _row(row)
            continue
        latest |= row
        if each in row:
            yield _row(latest)


def _row(values: Mapping[str, Any]) -> Row:
    step = next((values[name] for name in STEPS if values.get(name) is not None), None)
    if isinstance(step, float) and not math.isfinite(step):
        raise ObjectiveError(f"an epoch's number is {step}: it must be finite")
    metrics = {name: value for name, value in values.items() if name not in STEPS}
    return Row(metrics, step)


def _parsed(line: str, number: int) -> Row:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise ObjectiveError(
            f"line {number} of TUNER_METRICS is not JSON ({error}): {line!r}"
        ) from error
    if not isinstance(found, dict):
        raise ObjectiveError(f"line {number} of TUNER_METRICS is {line!r}, not a JSON object")
    step = next((found[name] for name in STEPS if name in found), 0)
    if isinstance(step, bool) or not isinstance(step, int | float):
        raise ObjectiveError(f"line {number} of TUNER_METRICS: its epoch {step!r} is not a number")
    return _row(found)


def _require_order(rows: Iterable[Row]) -> None:
    """Within a process, steps must increase; only a resumed process may repeat some."""
    last: float | None = None
    for row in rows:
        if last is not None and row.step is not None and row.step <= last:
            raise ObjectiveError(f"epoch {row.step:g} came after epoch {last:g}")
        last = row.step


def _require_same(epoch: int, before: Row, now: Row) -> None:
    """Check that a row that is counted by its place is still the one that was read there."""
    if before.step is None and before.metrics != now.metrics:
        raise ObjectiveError(
            f"the metrics of epoch {epoch} were {before.metrics}, and now are {now.metrics}: "
            'append to the file (mode "a"), or put an "epoch" into each row to count it by'
        )


def _delimiter(header: str) -> str:
    """What separates a table's columns: a comma, or what tables without any have."""
    return "," if "," in header else max(",;\t", key=header.count)


def _numbers(line: Mapping[str | None, Any]) -> dict[str, float]:
    """The numeric columns of a line of a table; other columns are times and names.

    A column without a name is the index that pandas writes.
    """
    found = {}
    for name, text in line.items():
        if name and name.strip() and isinstance(text, str) and text.strip():
            try:
                found[name.strip()] = float(text)
            except ValueError:
                continue
    return found


def _lines(file: Path, *, ended: bool = False) -> list[str]:
    """The complete lines of a file; none while it does not exist."""
    try:
        text = file.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return []
    lines = text.split("\n")
    return lines if ended and lines[-1] else lines[:-1]


def _newest(folder: Path, pattern: str) -> Path | None:
    found = [(file.stat().st_mtime, file) for file in folder.glob(pattern)]
    return max(found)[1] if found else None


def _require_tensorboard() -> None:
    if find_spec("tensorboard") is None:
        raise UserError(
            "objective.metrics.tensorboard needs TensorBoard; install it with: pip install "
            "tensorboard"
        )
