"""Breaks a cluster under running studies, again and again, and sees that nothing is lost.

    python benchmarks/chaos.py --times 20 --seed 0

The cluster is a head and two nodes on this machine, each with its own name and network; that needs
Linux, root and `ip`. Faults hit at random moments. Every study must end with each trial complete,
each epoch once, none tried again, and each fault told of once.
"""

import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from cluster.nodes import Cluster, cluster, possible
from cluster.run import Run, require_whole

from sr_models.errors import UserError, WorkFailedError
from tuner.cli import run_command

NODES = ("north", "south")
TRIALS = 60
"""In each study: enough for several faults."""


def chaos(
    times: Annotated[int, typer.Option(min=1, help="Faults of each kind.")] = 20,
    seed: Annotated[int, typer.Option(help="Of moments and victims.")] = 0,
    kinds: Annotated[
        list[str] | None, typer.Option("--kind", help="Only these kinds of faults.")
    ] = None,
) -> None:
    """Break a cluster under studies; exit code 1 if anything is lost.

    Example: python benchmarks/chaos.py --times 2 --kind kill --kind unplug
    """
    if not possible():
        raise UserError("this needs Linux, root and `ip netns`")
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))
    print(f"in {folder}", flush=True)
    with cluster(folder / "cluster") as made:
        made.environment["no_proxy"] = "*"
        for name in NODES:
            made.start_node(name).wait()
        breaker = Breaker(made, folder, random.Random(seed))
        for kind, fault in breaker.faults.items():
            if kinds is None or kind in kinds:
                breaker.repeat(kind, fault, times)
        breaker.finish()
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Breaker:
    """Breaks one thing after another, while studies run.

    Args:
        cluster: what is broken.
        folder: for the studies.
        moment: chooses moments and victims.
    """

    cluster: Cluster
    folder: Path
    moment: random.Random
    run: Run | None = None
    studies: int = 0
    _waits: dict[str, list[float]] = field(default_factory=dict)

    @property
    def faults(self) -> dict[str, Callable[[], float]]:
        """Each kind of fault; called, it breaks and mends, and returns seconds until told of."""
        return {
            "kill": self.kill_node,
            "leave": self.leave_and_return,
            "unplug": self.unplug,
            "blind": self.join_blind,
            "old": self.join_old,
            "terminate": self.terminate_driver,
            "head": self.kill_head,
        }

    def repeat(self, kind: str, fault: Callable[[], float], times: int) -> None:
        """Break the same thing so many times, and print how that went."""
        waits = []
        for _ in range(times):
            self.running()
            time.sleep(self.moment.random() * 2)
            waits.append(fault())
        told = ", ".join(f"{wait:.0f}" for wait in waits)
        print(f"{kind:<10} {times:>3} times; told after {told} s", flush=True)

    def running(self) -> Run:
        """The study that runs, with all nodes: the last one, or a new one where it has ended."""
        if self.run is None or not self.run.wait_for(2):
            self.finish()
            self.studies += 1
            self.run = Run(self.folder, self.cluster.address, self.studies, TRIALS)
            self.run.wait_for(2)
        return self.run

    def finish(self) -> None:
        """Let the study come to its end, and see that it is whole."""
        if self.run is None:
            return
        code = self.run.process.wait(300)
        if code != 0:
            raise WorkFailedError(f"{self.run.folder.name} ended with {code}:\n{self.run.said}")
        require_whole(self.run.folder, TRIALS)

    # Faults

    def kill_node(self) -> float:
        """A power cut of a node; another one comes in its place."""
        name = self.moment.choice(NODES)
        self.cluster.nodes[name].kill()
        told = self._told(f"{name} is lost")
        self.cluster.start_node(name).wait()
        return told

    def leave_and_return(self) -> float:
        """A spot machine that is told to go, and comes back."""
        name = self.moment.choice(NODES)
        self.cluster.nodes[name].leave()
        told = self._told(f"{name} is lost")
        self.cluster.start_node(name).wait()
        return told

    def unplug(self) -> float:
        """A network outage of 20 to 60 seconds; a node that Ray has given up is started anew."""
        name = self.moment.choice(NODES)
        self.cluster.nodes[name].unplug()
        began = time.monotonic()
        told = self._told(f"{name} is lost")
        time.sleep(max(0.0, self.moment.uniform(20, 60) - (time.monotonic() - began)))
        self.cluster.nodes[name].plug_in()
        time.sleep(5)
        self.cluster.nodes[name].kill()
        self.cluster.start_node(name).wait()
        return told

    def join_blind(self) -> float:
        """A machine joins that does not see the results, trains all the same, and is killed."""
        name = f"blind{self.moment.randrange(10**6)}"
        node = self.cluster.start_node(name, blind=self.folder / "results")
        node.wait()
        told = self._told(f"{name} takes part")
        time.sleep(self.moment.random() * 5)
        node.kill()
        self._told(f"{name} is lost")
        return told

    def join_old(self) -> float:
        """A machine joins whose numbers would not compare."""
        name = f"old{self.moment.randrange(10**6)}"
        node = self.cluster.start_node(name, old=True)
        node.wait()
        told = self._told(f"{name} is set aside")
        node.kill()
        return told

    def terminate_driver(self) -> float:
        """SIGTERM to the driver; it is resumed."""
        return self._ended(143, "interrupted;", lambda run: run.process.terminate())

    def kill_head(self) -> float:
        """The head dies, and so does the cluster; a new one is started, and the study resumed."""

        def kill(_: Run) -> None:
            self.cluster.nodes["head"].kill()

        told = self._ended(1, "--resume", kill, resume=False)
        for name in NODES:
            self.cluster.nodes[name].kill()
        self.cluster.start_head().wait()
        for name in NODES:
            self.cluster.start_node(name).wait()
        self.run = Run(self.folder, self.cluster.address, self.studies)
        return told

    def _ended(
        self, code: int, text: str, end: Callable[[Run], None], *, resume: bool = True
    ) -> float:
        run = self.run
        assert run is not None
        if run.process.poll() is not None:
            return 0.0  # it had come to its end just before
        began = time.monotonic()
        end(run)
        ended = run.process.wait(120)
        if ended not in (code, 0) or (ended == code and text not in run.said):
            raise WorkFailedError(f"ended with {ended}, not {code}:\n{run.said}")
        if resume:
            self.run = Run(self.folder, self.cluster.address, self.studies)
        return time.monotonic() - began

    def _told(self, text: str) -> float:
        """Wait until a fault is told of, once; seconds."""
        run = self.run
        assert run is not None
        before = run.said.count(text)
        began = time.monotonic()
        while run.said.count(text) == before and run.process.poll() is None:
            if time.monotonic() - began > 90:
                raise WorkFailedError(f"nobody says {text!r}:\n{run.said}")
            time.sleep(0.1)
        if run.said.count(text) > before + 1:
            raise WorkFailedError(f"told more than once: {text!r}:\n{run.said}")
        return time.monotonic() - began


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the nodes are ended too
    run_command(chaos)
