"""Running a study on Ray: start it, hand out its jobs, and end it cleanly."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

from tuner.config.own_files import trial_files
from tuner.core.study import Study
from tuner.executors.allocation import Allocation
from tuner.executors.gpu_share import Sharing
from tuner.executors.ray.cluster import connected, is_dead, require_alive
from tuner.executors.ray.crew import Crew
from tuner.executors.ray.nodes import Roster
from tuner.executors.ray.scratch import scratch_folder
from tuner.executors.ray.task import GiveUp, Met, Site, Task, Tick
from tuner.executors.signals import Interruption, ended_by_signals
from tuner.objectives.shipping import ship
from tuner.records import EventKind, Records, RecordsError, TrialState
from tuner.records.status import INTERRUPTED


def run_on_ray(
    study: Study,
    share: Allocation,
    *,
    address: str | None = None,
    seconds: float | None = None,
    interruption: Interruption | None = None,
    met: Met = lambda name, hardware: None,
    started: Callable[[], None] = lambda: None,
    tick: Tick = lambda: None,
) -> str:
    """Run a study to its end.

    Args:
        study: the study, restored or new.
        share: how many trials at once, and what each gets.
        address: of a Ray cluster; None to start Ray on this machine, only for this run.
        seconds: the rest of the study's time budget, which Ray's start does not count against.
        interruption: to be told of the signal that ends the run.
        met: called with the name and the description of each machine of a cluster that takes part.
        started: called when Ray has been started.
        tick: called several times a second from the run's loop.

    Returns:
        Why it ended (`INTERRUPTED` after Ctrl-C).
    """
    interruption = interruption or Interruption()
    with (
        ended_by_signals(study, interruption),
        _closing(study),
        ExitStack() as disconnected,
        scratch_folder(study.state.records.folder, cluster=address is not None) as scratch,
        connected(share, address, scratch, partial(_record_interruption, study.state.records)),
    ):
        from tuner.executors.ray.loop import run_jobs

        named = trial_files(study.state.config) if address is not None else None
        objective = ship(study.state.objective, scratch, named)
        started()
        # Not the wall clock, which may be set back.
        deadline = math.inf if seconds is None else time.monotonic() + seconds

        def check() -> None:
            if study.stopping is None:
                require_alive()
            elif is_dead():  # what ends this process, such as systemd, may have ended Ray too
                interruption.hurry()
            tick()
            if time.monotonic() >= deadline:
                study.stop("budget")

        task = Task(study, objective, share, scratch, interruption)
        if address is None:
            run_jobs(task, Crew(sharing=_sharing(share)), Site(), lambda _: check)
        else:
            _on_cluster(task, check, met, disconnected)
        return study.close()


def _on_cluster(task: Task, check: Tick, met: Met, disconnected: ExitStack) -> None:
    from tuner.executors.ray.loop import run_jobs
    from tuner.executors.ray.parcels import serve_files
    from tuner.executors.ray.supervisor import Supervisor
    from tuner.executors.ray.watch import ClusterWatch

    roster = Roster(task.share)
    watch = ClusterWatch(roster, task.scratch)
    disconnected.callback(watch.end)
    crew = Crew(roster, still_there=watch.still_there, sharing=_sharing(task.share))

    def supervised(give_up: GiveUp) -> Tick:
        supervisor = Supervisor(task.study, task.share, roster, crew, watch, give_up, met)

        def tick() -> None:
            check()
            supervisor.look()

        return tick

    server = f"sr-tuner-files-{watch.nonce[1]}"
    site = Site(watch.nonce, server, watch.here, task.scratch / "fences")
    with watch.watching():
        serving = serve_files(server)
        run_jobs(task, crew, site, supervised)
        del serving


def _sharing(share: Allocation) -> Sharing:
    return Sharing(share.gpus, share.workers)


@contextmanager
def _closing(study: Study) -> Iterator[None]:
    """Leave no trial as running in study.db if an error ends the run."""
    try:
        yield
    except BaseException:
        study.stop(INTERRUPTED)
        with suppress(RecordsError):  # a full disk: they stay running, and are continued anyway
            study.close()
        raise


def _record_interruption(running: Records) -> None:
    """Record in study.db, from another thread, that the run ends here.

    The run's own thread waits for Ray, so neither its connection nor its study can be used.
    """
    with Records.open(running.folder, write=True) as records, records.transaction():
        for trial in records.trials():
            if trial.state is TrialState.RUNNING:
                records.update_trial(trial.number, state=TrialState.INTERRUPTED)
        records.add_event(time.time(), EventKind.ENDED, reason=INTERRUPTED)
