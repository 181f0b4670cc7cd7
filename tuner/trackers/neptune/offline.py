"""Reading Neptune's offline data without Neptune: `python -m tuner.trackers.neptune.offline
FOLDER`.

Offline, Neptune writes a folder for each run, with the operations that it would send to a server,
each a line of JSON. With the hosted service closed, this is how to get at them.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from sr_models.errors import UserError
from tuner.cli import run_command


@dataclass
class OfflineRun:
    """A run: its fields by path, its series as (step, value) pairs, and its files."""

    name: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    series: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # path -> file, relative to the folder


def read_offline(folder: Path) -> list[OfflineRun]:
    """Return all offline runs in a folder that holds a `.neptune`, or in a `.neptune`, by name.

    Raises:
        UserError: there are none.
    """
    found = [*folder.glob(".neptune/offline/run__*"), *folder.glob("offline/run__*")]
    runs = [_run(path, folder) for path in sorted(found)]
    if not runs:
        raise UserError(
            f"{folder} holds no offline runs of Neptune (folders .neptune/offline/run__*)"
        )
    return sorted(runs, key=lambda run: run.name)


def _run(path: Path, folder: Path) -> OfflineRun:
    run = OfflineRun()
    for operation in _operations(path):
        _apply(run, operation, path.relative_to(folder))
    run.name = str(run.values.get("sys/name", path.name))
    return run


def _operations(path: Path) -> Iterator[dict[str, Any]]:
    logs = sorted(path.glob("data-*.log"), key=lambda log: int(log.stem.removeprefix("data-")))
    for log in logs:
        for line in log.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)["obj"]
            except json.JSONDecodeError:
                return  # the process was killed while it wrote its last line


def _apply(run: OfflineRun, operation: dict[str, Any], folder: Path) -> None:
    path, kind = "/".join(operation["path"]), operation["type"]
    if kind.startswith("Assign"):
        run.values[path] = operation["value"]
    elif kind == "AddStrings":
        run.values[path] = [*run.values.get(path, []), *operation["values"]]
    elif kind == "LogFloats":
        points = [(point["step"], point["value"]) for point in operation["values"]]
        run.series.setdefault(path, []).extend(points)
    elif kind == "UploadFile" and operation["tmp_file_name"]:
        run.files[path] = str(folder / "upload_path" / operation["tmp_file_name"])


def main(
    folder: Annotated[Path, typer.Argument(help="A study's `trackers/neptune`.")],
) -> None:
    """Print what Neptune keeps offline as JSON.

    Example: python -m tuner.trackers.neptune.offline results/step4/trackers/neptune
    """
    typer.echo(json.dumps([asdict(run) for run in read_offline(folder)], indent=2))


if __name__ == "__main__":
    run_command(main)
