"""Faults of machines, of the head and of the driver, made while a study runs."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from cluster.nodes import Cluster, Flaw
from cluster.run import Run, require_whole, write_study

from sr_models.errors import WorkFailedError

NODES = ("north", "south")
"""Beside the head."""


class Kind(StrEnum):
    """What is broken."""

    NODE_KILL = "node-kill"
    NODE_LEAVE = "node-leave"
    NODE_DRAIN = "node-drain"
    LINK_DOWN = "link-down"
    BLIND_NODE = "blind-node"
    BAD_NODE = "bad-node"
    DRIVER_TERM = "driver-term"
    HEAD_KILL = "head-kill"


@dataclass
class Breaker:
    """Breaks one thing after another, while one study after another runs.

    Args:
        cluster: what is broken.
        folder: for the studies.
        moment: chooses moments and victims.
        trials: of each study: enough for several faults.
    """

    cluster: Cluster
    folder: Path
    moment: random.Random
    trials: int
    run: Run | None = None
    faults: list[float] = field(default_factory=list)
    """Those of the study: after how many seconds each was told of."""
    _studies: int = 0
    _killed_between: set[str] = field(default_factory=set)
    """Nodes that were killed when a study had ended: Ray may still show them to the next one."""
    _fates: Counter[str] = field(default_factory=Counter)

    def break_once(self, kind: Kind) -> bool:
        """Break something of a study that trains, see it told, and mend it.

        Returns:
            Whether that was done before the study came to its end.
        """
        run = self._running()
        time.sleep(self.moment.random() * 2)
        if not run.runs:
            return False
        faults: dict[Kind, Callable[[Run], float | None]] = {
            Kind.NODE_KILL: self._kill_node,
            Kind.NODE_LEAVE: self._leave_and_return,
            Kind.NODE_DRAIN: self._drain,
            Kind.LINK_DOWN: self._unplug,
            Kind.BLIND_NODE: self._join_blind,
            Kind.BAD_NODE: self._join_bad,
            Kind.DRIVER_TERM: self._terminate_driver,
            Kind.HEAD_KILL: self._kill_head,
        }
        told = faults[kind](run)
        if told is not None:
            self.faults.append(told)
        return told is not None

    def see_whole(self) -> int:
        """Let the study come to its end and see that it is whole; how many trials have moved.

        Raises:
            WorkFailedError: it is not.
        """
        if self.run is None:
            return 0
        run, self.run = self.run, None
        code = run.ends()
        if code != 0:
            raise WorkFailedError(f"{run.folder.name} ended with {code}:\n{run.said}")
        for name in self._ended_by_ray():
            lost = f"{name} is lost"
            self._fates[lost] += run.told(lost) > self._fates[lost]
            self.cluster.start_node(name).wait()
        for lost in (f"{name} is lost" for name in self._killed_between):
            self._fates.update([lost] * min(1, run.told(lost)))
        return require_whole(run.folder, self.trials, self._fates)

    def _running(self) -> Run:
        """The study that runs, or a new one where there is none; it has trained since."""
        if self.run is None:
            self._studies += 1
            self.faults, self._fates = [], Counter()
            file = self.folder / f"chaos-{self._studies}.yaml"
            write_study(file, self._studies, self.trials)
            self._start(file)
        assert self.run is not None
        self.run.wait_for_epochs(2)
        self._mend(self.run)
        return self.run

    def _mend(self, run: Run) -> None:
        """Start nodes anew that Ray has ended, as it may some time after an outage."""
        for name in self._ended_by_ray():
            self._told(run, f"{name} is lost", lambda: None)
            self._return(run, name)

    def _ended_by_ray(self) -> list[str]:
        return [name for name in NODES if self.cluster.nodes[name].process.poll() is not None]

    def _start(self, file: Path | None = None) -> None:
        """Start the study, or resume it; all nodes take part."""
        file = file or self.folder / f"chaos-{self._studies}.yaml"
        self.run = Run(file, self.cluster.results, self.cluster.address)
        for name in NODES:
            self.run.wait_to_say(f"{name} takes part")

    def _kill_node(self, run: Run) -> float | None:
        """A power cut of a node; it comes back."""
        name = self.moment.choice(NODES)
        return self._lost_and_back(run, name, self.cluster.nodes[name].kill)

    def _leave_and_return(self, run: Run) -> float | None:
        """A spot machine that is told to go, and comes back."""
        name = self.moment.choice(NODES)
        return self._lost_and_back(run, name, self.cluster.nodes[name].leave)

    def _drain(self, run: Run) -> float | None:
        """A container that is told to go, and has half a minute; another one comes."""
        name = self.moment.choice(NODES)
        node = self.cluster.nodes[name]
        told = self._told(run, f"{name} leaves", node.drain, f"{name} is lost")
        node.process.wait()
        self._return(run, name)
        return told

    def _unplug(self, run: Run) -> float | None:
        """A network outage of 20 to 60 seconds; a node that Ray gives up is started anew."""
        name = self.moment.choice(NODES)
        node, again = self.cluster.nodes[name], run.said.count(f"{name} is back")
        began = time.monotonic()
        told = self._told(run, f"{name} is lost", node.unplug)
        time.sleep(max(0.0, self.moment.uniform(20, 60) - (time.monotonic() - began)))
        node.plug_in()

        def decided() -> bool:
            return run.said.count(f"{name} is back") > again or node.process.poll() is not None

        run.wait_until(decided, f"says {name} is back, and Ray does not end there")
        if run.said.count(f"{name} is back") > again:
            self._fates[f"{name} is back"] += 1
        elif run.runs:
            self._return(run, name)
        return told

    def _join_blind(self, run: Run) -> float | None:
        """A machine joins that does not see the results, trains all the same, and is killed."""
        name = f"blind{self.moment.randrange(10**6)}"
        self.cluster.start_node(name, Flaw.BLIND).wait()
        run.wait_to_say(f"{name} takes part")
        time.sleep(self.moment.random() * 5)
        told = self._told(run, f"{name} is lost", self.cluster.nodes[name].kill)
        if told is None:
            self._killed_between.add(name)
        return told

    def _join_bad(self, run: Run) -> float | None:
        """A machine joins that cannot train, or whose numbers would not compare."""
        flaw = self.moment.choice([Flaw.READ_ONLY, Flaw.OLD])
        name = f"{flaw}{self.moment.randrange(10**6)}"
        node = self.cluster.start_node(name, flaw)
        told = self._told(run, f"{name} is set aside", node.wait)
        node.kill()
        return told

    def _terminate_driver(self, run: Run) -> float | None:
        """SIGTERM to the driver; it is resumed."""
        told = self._ended(run, 143, "interrupted; nothing is lost", run.process.terminate)
        if told is not None:
            self._start()
        return told

    def _kill_head(self, run: Run) -> float | None:
        """The head dies, and so does the cluster; a new one is started, and the study resumed."""
        told = self._ended(run, 1, "has not answered", self.cluster.nodes["head"].kill)
        for name in NODES:
            self.cluster.nodes[name].kill()
        self.cluster.start_head().wait()
        for node in [self.cluster.start_node(name) for name in NODES]:
            node.wait()
        if told is not None:
            self._start()
        return told

    def _lost_and_back(self, run: Run, name: str, end: Callable[[], None]) -> float | None:
        told = self._told(run, f"{name} is lost", end)
        self._return(run, name)
        return told

    def _return(self, run: Run, name: str) -> None:
        before = run.said.count(f"{name} takes part")
        self.cluster.start_node(name).wait()
        run.wait_to_say(f"{name} takes part", before)

    def _told(self, run: Run, text: str, fault: Callable[[], None], *or_else: str) -> float | None:
        """Seconds until a fault is told of; None where the study has ended before.

        `or_else` it may say what is as true: an idle node that is to leave is gone at once.
        """
        began = time.monotonic()

        def said() -> list[str]:
            return [one for one in (text, *or_else) if run.told(one) > self._fates[one]]

        fault()
        run.wait_until(lambda: bool(said()), f"says {text}")
        found = said()
        self._fates.update(found[:1])
        return time.monotonic() - began if found else None

    def _ended(self, run: Run, code: int, text: str, end: Callable[[], None]) -> float | None:
        """Seconds until the command has ended, having said why; None where it was done before."""
        began = time.monotonic()
        end()
        ended = run.ends()
        if ended not in (code, 0) or (ended == code and text not in run.said):
            raise WorkFailedError(f"ended with {ended}, not {code}:\n{run.said}")
        return time.monotonic() - began if ended == code else None

    def stop(self) -> None:
        """End the study where it is."""
        if self.run is not None and self.run.runs:
            self.run.process.kill()
