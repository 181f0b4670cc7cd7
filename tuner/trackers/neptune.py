"""Neptune: offline by default (its hosted service has closed), or a server of one's own."""

import base64
import binascii
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from sr_models.errors import UserError
from tuner.records import EpochRecord, TrialState
from tuner.trackers.base import TrackerSettings
from tuner.trackers.place import own_folder
from tuner.trackers.view import StudyView, TrialView

_TOKEN = "NEPTUNE_API_TOKEN"
_PROJECT = "NEPTUNE_PROJECT"
_MARK = "sr_tuner.json"


class NeptuneConfig(TrackerSettings):
    """How Neptune is used.

    Args:
        mode: `offline` writes Neptune's own files into the results folder and needs no server.
            `server` sends to a self-hosted Neptune, found by NEPTUNE_API_TOKEN (which holds its
            address) and `project`.
        project: `workspace/name` on the server; None: that of NEPTUNE_PROJECT.
    """

    type: Literal["neptune"] = "neptune"
    mode: Literal["offline", "server"] = "offline"
    project: str | None = Field(default=None, min_length=1)

    package: ClassVar[str] = "neptune"
    oldest: ClassVar[str] = "1.14"

    def check(self) -> None:
        """As for every tracker; a server also needs a token of its own and a project."""
        super().check()
        if self.mode == "offline":
            return
        where = "trackers: neptune: mode: server"
        if not os.environ.get(_TOKEN):
            raise UserError(f"{where} needs the environment variable {_TOKEN} of your server")
        if not (self.project or os.environ.get(_PROJECT)):
            raise UserError(f"{where} needs `project: workspace/name`, or {_PROJECT}")
        if _address(os.environ[_TOKEN]).endswith(".neptune.ai"):
            raise UserError(
                f"{where}: {_TOKEN} belongs to neptune.ai's hosted service, which closed on "
                "5 March 2026; use a self-hosted server's token, or mode: offline"
            )

    def destination(self) -> str:
        """Where the copy is."""
        if self.mode == "offline":
            return "local"
        address = _address(os.environ.get(_TOKEN, ""))
        return f"{address}/{self.project or os.environ.get(_PROJECT)}"

    def connect(self, study: StudyView) -> "Neptune":
        """Make ready; a run is begun for each trial."""
        folder = own_folder(study.folder, self.type)
        os.environ["NEPTUNE_DATA_DIRECTORY"] = str(folder.path)
        return Neptune(self, folder.path, is_new=folder.is_new and self.mode == "offline")


@dataclass
class Neptune:
    """The runs of a study: on the server, or as folders `offline/run__*`."""

    config: NeptuneConfig
    root: Path
    is_new: bool

    @property
    def place(self) -> str:
        """Where the data lies and what can still read it."""
        if self.config.mode == "server":
            return f"project {self.config.destination()} of your Neptune server"
        return (
            f"{self._offline} (offline: neptune.ai's hosted service closed on 5 March 2026). "
            f"A self-hosted Neptune takes it in: neptune sync --path {self.root} --offline-only "
            "--project WORKSPACE/NAME; without one, it is lines of JSON: "
            f"python -m tuner.trackers.neptune_offline {self.root}"
        )

    def write_study(self, study: StudyView) -> None:
        """Write a run of its own for the study as a whole."""
        from neptune.types import File

        run = self._begin(study, "study", study.name)
        _assign(run, "study", study.labels | {"name": study.name, "id": study.id})
        _assign(run, "study", study.settings)
        for name, text in study.texts.items():
            stem, _, ending = name.partition(".")
            run[f"files/{stem}"].upload(File.from_content(text, extension=ending))
        for picture in study.pictures:
            run[picture.name].upload(File.from_content(picture.png(), extension="png"))
        run.stop()

    def open_trial(self, study: StudyView, trial: TrialView) -> "NeptuneLog":
        """Begin the run of a trial: anew offline, where it left off on a server."""
        record = trial.record
        run = self._begin(study, trial.key, record.name)
        _assign(run, "params", trial.settings)
        _assign(run, "study", {"name": study.name, "id": study.id})
        offline = self.config.mode == "offline"
        known = 0 if offline or not run.exists("trial/epochs") else run["trial/epochs"].fetch()
        return NeptuneLog(run, recorded=int(known))

    def close(self, study: StudyView) -> None:
        """Nothing is left to write: all runs are stopped."""

    @property
    def _offline(self) -> Path:
        return self.root / "offline"

    def _begin(self, study: StudyView, key: str, name: str) -> Any:
        import neptune

        offline = self.config.mode == "offline"
        if offline:
            self._remove(key)
        run = neptune.init_run(
            mode="offline" if offline else "async",
            project=None if offline else self.config.project,
            custom_run_id=f"{study.id}-{key}",
            name=name,
            source_files=[],
            git_ref=False,
            capture_stdout=False,
            capture_stderr=False,
            capture_traceback=False,
            capture_hardware_metrics=False,
        )
        run["sys/group_tags"].add([study.name])
        if offline:
            self._mark(key)
        return run

    def _remove(self, key: str) -> None:
        """Remove the older copy of a run, and one that a crash left without a mark."""
        for folder in self._offline.glob("run__*"):
            if _marked(folder) in (key, None):
                shutil.rmtree(folder)

    def _mark(self, key: str) -> None:
        """Note whose run the newest folder is: Neptune itself keeps no id of ours offline."""
        for folder in self._offline.glob("run__*"):
            if _marked(folder) is None:
                (folder / _MARK).write_text(json.dumps({"run": key}), encoding="utf-8")


@dataclass
class NeptuneLog:
    """The run of one trial."""

    run: Any
    recorded: int

    def add(self, epochs: Sequence[EpochRecord]) -> None:
        """Add epochs, at the times when they ended."""
        for epoch in epochs:
            for name, value in epoch.metrics.items():
                self.run[name].append(value, step=epoch.epoch, timestamp=epoch.ended)
            self.recorded = epoch.epoch
        if epochs:
            self.run["trial/epochs"] = self.recorded

    def end(self, trial: TrialView) -> None:
        """Add pictures, single numbers and the final state, and stop the run."""
        from neptune.types import File

        _assign(self.run, "", trial.numbers)
        _assign(self.run, "trial", trial.labels)
        for picture in trial.pictures:
            self.run[picture.name].upload(File.from_content(picture.png(), extension="png"))
        self.run["sys/failed"] = trial.record.state is TrialState.FAILED
        self.run.stop()


def _assign(run: Any, group: str, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        run[f"{group}/{name}" if group else name] = value


def _marked(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / _MARK).read_text(encoding="utf-8"))["run"])
    except (OSError, ValueError, KeyError):
        return None


def _address(token: str) -> str:
    """The server's address that a Neptune token holds, empty where it is no such token."""
    try:
        found = json.loads(base64.b64decode(token))
        return str(found.get("api_url") or found["api_address"]).rstrip("/")
    except (binascii.Error, ValueError, KeyError, AttributeError):
        return ""
