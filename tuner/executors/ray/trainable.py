"""What runs inside a Ray worker: one epoch a step, and the next job in the same process."""

import contextlib
import gc
import os
import platform
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ray import tune

from sr_models.errors import UserError
from tuner.core.job import Outcome
from tuner.executors.ray.assignment import Assignment
from tuner.executors.ray.parent_watchdog import die_with_parent
from tuner.executors.ray.private import forget_quick_import
from tuner.objectives.protocol import Epoch, TrialContext
from tuner.objectives.shipping import unpack

_watched = False


class BrokenWorkerError(Exception):
    """The job ended with `outcome`, and its process must end too."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class JobTrainable(tune.Trainable):
    """Runs jobs (see `tuner.core.study.Job`), one after the other, in one process.

    A process start costs seconds (Python, torch, the GPU's context), so a worker keeps its
    process (`reuse_actors`). What must not pass from one trial to the next does not: each job
    has a new run of the objective, which seeds itself and takes its threads from the job, and
    the old one's memory is freed before.

    An exception of the objective does not leave the step: it is the trial's outcome, and the
    worker lives on. Only the death of the process reaches Ray, and an error after which nothing
    runs on the process's GPU any more.
    """

    def setup(self, config: dict[str, Any]) -> None:
        """Take a job; it starts with the first step."""
        _watch_once()
        self._job = Assignment.from_config(config)
        self._epochs: Iterator[Epoch] | None = None

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Drop the old job and take a new one."""
        self.cleanup()
        self.setup(new_config)
        return True

    def step(self) -> dict[str, Any]:
        """One epoch, or the end of the job as `{"outcome": ...}`.

        Both as one object: of every number in a result, Ray keeps running averages for ever.
        """
        try:
            if self._epochs is None:
                self._epochs = self._start()
            epoch = next(self._epochs, None)
            # As plain numbers: what an objective computes may be of any library's.
            metrics = {name: float(value) for name, value in epoch.metrics.items()} if epoch else {}
        except Exception as error:  # noqa: BLE001 - every error is the trial's, and is reported
            outcome = Outcome.of(error)
            if _breaks_gpu(error):
                raise BrokenWorkerError(outcome) from None
            return {"outcome": outcome, "done": True}
        if epoch is None:
            return {"outcome": Outcome(), "done": True}
        return {
            "epoch": replace(epoch, metrics=metrics),
            "worker": f"{platform.node()}:{os.getpid()}",
        }

    def cleanup(self) -> None:
        """Close the run, so that its files are closed and its memory is free.

        What the first one has left (modules, for the most part) stays for good, and is not looked
        through again: that would take a quarter of a second after each trial.
        """
        close = getattr(self._epochs, "close", None)
        if close is not None:
            with contextlib.suppress(Exception):
                close()
        self._epochs = None
        gc.collect()
        _freeze_once()

    def _start(self) -> Iterator[Epoch]:
        with contextlib.suppress(OSError):  # another machine's disk may not have it
            os.chdir(self._job.cwd)  # relative paths in a study file start there
        folder = Path(self._job.folder)
        if not folder.parent.is_dir():
            raise UserError(
                f"{platform.node()} does not see the results folder {folder.parent}: on a "
                "cluster, --results must name a folder that all machines share"
            )
        folder.mkdir(exist_ok=True)
        job = self._job
        objective = unpack(job.objective)
        config = objective.config_type.model_validate(job.config)
        return iter(
            objective.run(config, TrialContext(folder, job.recorded, job.threads, job.shared))
        )


def _watch_once() -> None:
    global _watched  # noqa: PLW0603 - one watch for each process, whatever Ray makes in it
    if not _watched:
        _watched = True
        forget_quick_import()
        die_with_parent()


def _freeze_once() -> None:
    if gc.get_freeze_count() == 0:
        gc.freeze()


def _breaks_gpu(error: BaseException) -> bool:
    """Whether CUDA refuses all further work in this process: an assert, an illegal address."""
    cause: BaseException | None = error
    while cause is not None:
        if "CUDA error" in str(cause):
            return True
        cause = cause.__cause__
    return False
