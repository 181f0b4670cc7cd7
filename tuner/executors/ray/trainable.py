"""The code inside a Ray worker: an epoch per step, and the next job in the same process."""

import contextlib
import gc
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from ray import get_runtime_context, tune

from sr_models.errors import UserError
from tuner.core.job import MACHINE_LOST, Outcome
from tuner.executors.ray import probe
from tuner.executors.ray.assignment import Assignment
from tuner.executors.ray.parcels import (
    FolderChanges,
    Parcel,
    fetch_file,
    fetch_folder,
    fetch_prepared,
    own_folder,
    relocated,
    show_prepared,
)
from tuner.executors.ray.parent_watchdog import die_with_parent
from tuner.executors.ray.private import undo_quick_import
from tuner.objectives.protocol import Epoch, TrialContext
from tuner.objectives.shipped_files import ROOT, extract, inside
from tuner.objectives.shipping import Shipment, unpack

NODE_LABEL = "ray.io/node-id"
"""The label that Ray itself gives each node."""

_GPU_IS_FULL = ("CUDA error: out of memory", "CUDA out of memory", "_STATUS_ALLOC_FAILED")

_watched = False


class BrokenWorkerError(Exception):
    """The job ended with `outcome`, and its process must end too."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class JobTrainable(tune.Trainable):
    """Runs jobs (see `tuner.core.job.Job`), one after the other, in the same process.

    Starting a process takes seconds (Python, torch, the GPU's context), so a worker keeps its
    process (`reuse_actors`). Nothing passes from a trial to the next that must not: each job has a
    new run of the objective, which seeds itself and takes its threads from the job, and the memory
    of the previous run is freed before.

    An exception of the objective does not leave the step: it is the trial's outcome, and the worker
    lives on. Only the death of the process reaches Ray, and an error after which the process cannot
    use its GPU any more.
    """

    def setup(self, config: dict[str, Any]) -> None:
        """Take a job; it starts with the first step."""
        _watch_once()
        self._job = Assignment.from_config(config)
        self._epochs: Iterator[Epoch] | None = None
        self._began = False
        self._guard = contextlib.ExitStack()
        self._changes: FolderChanges | None = None  # if this machine does not see the results

    @classmethod
    def default_resource_request(cls, config: dict[str, Any]) -> "tune.PlacementGroupFactory":
        """Return the resources of a job, on a node that it may run on."""
        job = Assignment.from_config(config)
        if not job.avoided:
            return tune.PlacementGroupFactory([job.resources])
        elsewhere = {NODE_LABEL: f"!in({','.join(job.avoided)})"}
        return tune.PlacementGroupFactory([job.resources], bundle_label_selector=[elsewhere])

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Drop the old job and take a new job."""
        self.cleanup()
        self.setup(new_config)
        return True

    def step(self) -> dict[str, Any]:
        """Return where the job runs, then an epoch per step, then the end as `{"outcome": ...}`.

        Where it runs is reported on a cluster only, and an epoch that is known to be the last
        includes the end: each result takes some 14 ms to the driver and back. Each is a single
        object, because Ray keeps running averages of every number in a result.
        """
        if not self._began and self._job.nonce is not None:
            self._began = True
            return {"began": get_runtime_context().get_node_id()}
        if self._epochs is None and (why := self._unfit()):
            return {"outcome": Outcome(error=why, kind=MACHINE_LOST), "done": True}
        try:
            if self._epochs is None:
                self._epochs = self._start()
            epoch = next(self._epochs, None)
            # As plain numbers: an objective may yield numbers of any library.
            metrics = {name: float(value) for name, value in epoch.metrics.items()} if epoch else {}
        except Exception as error:  # noqa: BLE001 - every error is the trial's, and is reported
            outcome = self._fault_of_machine() or self._crowded(error) or _suspected(error)
            if _breaks_gpu(error):
                raise BrokenWorkerError(outcome) from None
            return {"outcome": outcome, "done": True}
        if epoch is None:
            return {"outcome": Outcome(), "done": True, **self._files()}
        end = {"outcome": Outcome(), "done": True} if epoch.last else {}
        return {
            "epoch": replace(epoch, metrics=metrics),
            "worker": f"{platform.node()}:{os.getpid()}",
            "sent": time.time(),
            **self._files(),
            **end,
        }

    def cleanup(self) -> None:
        """Close the run, so that its files are closed and its memory is free.

        What the first run has left (mostly modules) stays for good, and is frozen for the garbage
        collector: looking through it would take a quarter of a second after each trial.
        """
        close = getattr(self._epochs, "close", None)
        if close is not None:
            with contextlib.suppress(Exception):
                close()
        self._epochs = None
        self._guard.close()
        gc.collect()
        _freeze_once()
        _release_gpu_memory()

    def _start(self) -> Iterator[Epoch]:
        with contextlib.suppress(OSError):  # another machine's disk may not have it
            os.chdir(self._job.cwd)  # relative paths in a study file start there
        job = self._job
        if job.without_gpus:  # before anything looks for them
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        if not self._sees_results():
            return self._run(self._fetched())
        Path(job.folder).mkdir(exist_ok=True)
        if job.fence is None:
            return self._run(job)
        self._guard.enter_context(job.fence.guarded())
        return self._run(job, job.fence.check)

    def _run(
        self, job: Assignment, still_ours: Callable[[], None] = lambda: None
    ) -> Iterator[Epoch]:
        archive = job.objective.files
        files = ROOT if archive is None else extract(archive, own_folder)
        if files != ROOT:
            os.chdir(inside(files, job.cwd))
        objective = unpack(job.objective, files)
        config = objective.config_type.model_validate(job.config)
        context = TrialContext(
            Path(job.folder),
            job.recorded,
            job.threads,
            job.shared,
            still_ours,
            job.goal,
            job.direction,
        )
        return iter(objective.run(config, context))

    def _fetched(self) -> Assignment:
        """The job with a study's folder on this machine, and all that it needs in it."""
        job = self._job
        assert job.server is not None
        temporary = self._guard.enter_context(tempfile.TemporaryDirectory(prefix="sr-tuner-"))
        there, here = Path(job.folder).parents[1], Path(temporary)
        show_prepared(fetch_prepared(job.server, str(there)), here)
        shared = relocated(job.shared, str(there), str(here))
        folder = here / "trials" / Path(job.folder).name
        folder.mkdir(parents=True)
        fetch_folder(job.server, job.folder).unpack(folder)
        objective = _fetched_code(job.server, job.objective)
        self._changes = FolderChanges(folder)
        return replace(job, folder=str(folder), objective=objective, shared=shared)

    def _files(self) -> dict[str, Parcel]:
        """What the driver has to store in the results, if this machine cannot."""
        return {} if self._changes is None else {"files": self._changes.parcel()}

    def _fault_of_machine(self) -> Outcome | None:
        """Why a trial that was begun here cannot continue; None if the machine is not to blame."""
        if self._changes is not None or self._sees_results():
            return None
        begun = self._epochs is not None
        why = "it does not see the results any more" if begun else "files cannot be fetched there"
        return Outcome(error=why, kind=MACHINE_LOST, suspect=not begun)

    def _crowded(self, error: Exception) -> Outcome | None:
        """Why a trial needs more of its GPU; None if it was alone, or has failed itself."""
        share = self._job.resources.get("GPU", 0)
        if not 0 < share < 1 or not _out_of_gpu_memory(error):
            return None
        return replace(Outcome.of(error), gpu_share=share)

    def _unfit(self) -> str | None:
        """Why this machine cannot train, because the driver may not have checked it yet."""
        job = self._job
        if job.here is None or job.nonce is None:
            return None
        found = _looked_around(job.nonce, tuple(job.here["packages"]))
        return probe.unfit(job.here, dict(found))

    def _sees_results(self) -> bool:
        if self._job.nonce is None:
            return True
        file, word = self._job.nonce
        try:
            return Path(file).read_text(encoding="utf-8") == word
        except OSError:
            return False


def _fetched_code(server: str, objective: Shipment) -> Shipment:
    """Return the objective with copies of its files, fetched from the driver's machine."""
    pickle, files = (
        None if path is None else fetch_file(server, path)
        for path in (objective.pickle, objective.files)
    )
    return replace(objective, pickle=pickle, files=files)


@cache
def _looked_around(nonce: tuple[str, str], packages: tuple[str, ...]) -> dict[str, Any]:
    """The description of this machine, once in a process."""
    return probe.look_around(*nonce, packages)


def _watch_once() -> None:
    global _watched  # noqa: PLW0603 - a single watch in each process, whatever Ray makes in it
    if not _watched:
        _watched = True
        undo_quick_import()
        os.environ.setdefault("PL_DISABLE_FORK", "1")  # as Ray Tune sets it for its workers
        die_with_parent()
        let_children_end()


def let_children_end() -> None:
    """Let SIGTERM end forked processes of training code at once, such as those of a Pool.

    They inherit the handler of Ray's worker, in which they hang, and the Pool waits for them. A
    signal that comes before they have their own handler waits until they do.
    """
    told = {signal.SIGTERM}

    def end_when_told() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, told)

    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, told),
        after_in_child=end_when_told,
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, told),
    )


def _suspected(error: Exception) -> Outcome:
    """The outcome of an error, and whether it might be the machine's fault: another machine will
    tell."""
    outcome = Outcome.of(error)
    suspect = isinstance(error, OSError | ImportError | UserError) or _breaks_gpu(error)
    return replace(outcome, suspect=suspect or outcome.disk is not None)


def _freeze_once() -> None:
    if gc.get_freeze_count() == 0:
        gc.freeze()


def _release_gpu_memory() -> None:
    """Give back GPU memory that PyTorch caches: other trials on the GPU may need it."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _breaks_gpu(error: BaseException) -> bool:
    """Whether CUDA refuses all further work in this process (an assert, an illegal address)."""
    return any("CUDA error" in str(cause) for cause in _causes(error))


def _out_of_gpu_memory(error: BaseException) -> bool:
    """Whether an error of PyTorch, or of a CUDA library, says so."""
    return any(
        (
            type(cause).__module__.partition(".")[0] == "torch"
            and type(cause).__name__ == "OutOfMemoryError"
        )
        or any(words in str(cause) for words in _GPU_IS_FULL)
        for cause in _causes(error)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
