"""The Neptune runs of a study: a run for each trial, and a run for the study as a whole."""

import json
import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from tuner.records import EpochRecord, TrialState
from tuner.trackers.neptune.paths import RESERVED, Paths
from tuner.trackers.views.study import StudyView
from tuner.trackers.views.trial import TrialView

DATA = ".neptune"
"""Neptune's data folder; `neptune sync` looks for a folder of this name."""

_MARK = "sr_tuner.json"


@dataclass
class Neptune:
    """The runs of a study: on the server, or as folders `offline/run__*`.

    Args:
        root: the tracker's folder in the results folder.
        project: `workspace/name` on the server; None for that of NEPTUNE_PROJECT.
        server: address and project of the server, for people; None offline.
        is_new: whether there was no copy yet.
    """

    root: Path
    project: str | None
    server: str | None
    is_new: bool

    @property
    def place(self) -> str:
        """Where the data are and what can still read them."""
        if self.server is not None:
            return f"project {self.server} of your Neptune server"
        folder = quote(str(self.root))
        return (
            f"{self._offline} (offline: neptune.ai's hosted service closed on 5 March 2026)\n"
            f"  read it: python -m tuner.trackers.neptune.offline {folder}\n"
            f"  send it to a self-hosted Neptune: neptune sync --path {folder} --offline-only "
            "--project WORKSPACE/NAME"
        )

    def write_study(self, study: StudyView) -> None:
        """Write a separate run for the study as a whole."""
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
        """Start the run of a trial: anew offline, and from where it left off on a server."""
        record = trial.record
        run = self._begin(study, trial.key, record.name)
        _assign(run, "params", trial.settings)
        _assign(run, "study", {"name": study.name, "id": study.id})
        offline = self.server is None
        known = 0 if offline or not run.exists("trial/epochs") else run["trial/epochs"].fetch()
        series = Paths(RESERVED)
        series.expect({name for epoch in trial.epochs for name in epoch.metrics})
        return NeptuneLog(run, int(known), series)

    def close(self, study: StudyView) -> None:
        """Do nothing: all runs are stopped."""

    @property
    def _offline(self) -> Path:
        return self.root / DATA / "offline"

    def _begin(self, study: StudyView, key: str, name: str) -> Any:
        import neptune

        offline = self.server is None
        if offline:
            self._remove(key)
        run = neptune.init_run(
            mode="offline" if offline else "async",
            project=None if offline else self.project,
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
        """Remove the older copy of a run, and any that a crash left without a mark."""
        for folder in self._offline.glob("run__*"):
            if _marked(folder) in (key, None):
                shutil.rmtree(folder)

    def _mark(self, key: str) -> None:
        """Note whose run the newest folder is, because Neptune keeps no id of ours offline."""
        for folder in self._offline.glob("run__*"):
            if _marked(folder) is None:
                (folder / _MARK).write_text(json.dumps({"run": key}), encoding="utf-8")


@dataclass
class NeptuneLog:
    """The run of a trial."""

    run: Any
    recorded: int
    series: Paths

    def add(self, epochs: Sequence[EpochRecord]) -> None:
        """Add epochs, at the times when they ended."""
        for epoch in epochs:
            for name, value in epoch.metrics.items():
                path = self.series.of(name)
                self.run[path].append(value, step=epoch.epoch, timestamp=epoch.ended)
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
    paths = Paths()
    paths.expect(values)
    for name, value in values.items():
        path = "/".join(filter(None, [group, paths.of(name)]))
        run[path] = str(value) if _left_out(value) else value


def _left_out(value: Any) -> bool:
    """Whether Neptune drops a number: one that is not finite, or whole and beyond 32 bits."""
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and not -(2**31) <= value < 2**31


def _marked(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / _MARK).read_text(encoding="utf-8"))["run"])
    except (OSError, ValueError, KeyError):
        return None
