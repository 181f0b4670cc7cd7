"""The runs of a study in Weights & Biases: a run for each trial, and a run for the whole study."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from tuner.records import EpochRecord, TrialState
from tuner.trackers.views.params import nested
from tuner.trackers.views.pictures import Picture
from tuner.trackers.views.study import StudyView
from tuner.trackers.views.trial import TrialView


@dataclass
class Wandb:
    """The runs of a study: on the server, or as folders `wandb/offline-run-*`.

    Args:
        root: the tracker's folder in the results folder.
        project: the project that the runs go to.
        entity: the user or team that owns it; None for the key's own.
        online: whether runs are sent.
        is_new: whether there was no copy yet.
    """

    root: Path
    project: str
    entity: str | None
    online: bool
    is_new: bool

    @property
    def place(self) -> str:
        """Where the copy is and how to look at it."""
        if self.online:
            return f"the project {self.project} of Weights & Biases"
        folder = quote(str(self.root))
        return (
            f"{self.root} (offline)\n  look at it: wandb beta leet {folder}\n"
            f"  send it to a server: wandb sync {folder}/offline-run-*"
        )

    def write_study(self, study: StudyView) -> None:
        """Write a separate run for the study as a whole."""
        run = self._begin(study, "study", study.name, "study", study.settings)
        for name, text in study.texts.items():
            # Into the run's own folder: a file elsewhere would become a link to an absolute path.
            (Path(run.dir) / name).write_text(text, encoding="utf-8")
            run.save(str(Path(run.dir) / name), base_path=run.dir, policy="now")
        run.log(_images(study.pictures), step=max(run.step, 0))
        run.summary.update(study.labels)
        self._end(run)

    def open_trial(self, study: StudyView, trial: TrialView) -> "WandbLog":
        """Start the run of a trial: anew offline, and from where it left off on a server."""
        record = trial.record
        run = self._begin(study, trial.key, record.name, record.kind.value, trial.settings)
        return WandbLog(self, run, recorded=max(0, run.starting_step - 1))

    def close(self, study: StudyView) -> None:
        """Stop the package's own service process."""
        import wandb

        wandb.teardown()

    def _begin(
        self, study: StudyView, key: str, name: str, kind: str, settings: Mapping[str, Any]
    ) -> Any:
        import wandb

        run_id = f"{study.id}-{key}"
        if not self.online:
            self._remove(run_id)
        run = wandb.init(
            dir=self.root.parent,  # the package adds `wandb` to it
            id=run_id,
            name=name,
            group=study.name,
            job_type=kind,
            project=self.project,
            entity=self.entity,
            mode="online" if self.online else "offline",
            resume="allow" if self.online else None,
            reinit="create_new",
            settings=wandb.Settings(**_QUIET),
        )
        run.config.update(nested(settings), allow_val_change=True)
        return run

    def _end(self, run: Any, *, failed: bool = False) -> None:
        folder = Path(run.dir).parent
        run.finish(exit_code=int(failed))
        if not self.online:  # delete the package's own logs, which hold paths of this machine
            shutil.rmtree(folder / "logs", ignore_errors=True)
            shutil.rmtree(folder / "tmp", ignore_errors=True)

    def _remove(self, run_id: str) -> None:
        for folder in self.root.glob(f"offline-run-*_*-{run_id}"):
            shutil.rmtree(folder)


@dataclass
class WandbLog:
    """The run of a trial."""

    tracker: Wandb
    run: Any
    recorded: int

    def add(self, epochs: Sequence[EpochRecord]) -> None:
        """Add epochs, at the times when they ended."""
        for epoch in epochs:
            row = {**epoch.metrics, "_timestamp": epoch.ended}
            self.run.log(row, step=epoch.epoch)
            self.recorded = epoch.epoch

    def end(self, trial: TrialView) -> None:
        """Add pictures, single numbers and the final state, and finish the run."""
        # At the last step, because W&B drops what is logged for an earlier step.
        time = trial.epochs[-1].ended if trial.epochs else trial.record.created
        row = {**_images(trial.pictures), "_timestamp": time}
        self.run.log(row, step=max(self.recorded, self.run.step))
        self.run.summary.update({**trial.numbers, **trial.labels})
        self.tracker._end(self.run, failed=trial.record.state is TrialState.FAILED)


def _images(pictures: Sequence[Picture]) -> dict[str, Any]:
    import wandb

    return {
        picture.name: wandb.Image(picture.image, caption=f"epoch {picture.epoch}")
        for picture in pictures
    }


_QUIET = {
    "console": "off",
    "silent": True,
    "symlink": False,
    "disable_git": True,
    "disable_code": True,
    "save_code": False,
    "x_disable_meta": True,  # host, user, paths, arguments
    "x_disable_machine_info": True,
    "x_disable_stats": True,
    "x_save_requirements": False,
}
