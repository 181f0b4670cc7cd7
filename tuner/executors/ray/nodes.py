"""The machines of a cluster as a study sees them: which it may use, and what became of others.

Pure bookkeeping: `watch` tells it what it has seen, and it says what is new, each thing once.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from tuner.executors.allocation import Allocation, Machine, room
from tuner.executors.ray.address import Answer

SILENCE = 15.0
"""Seconds without an answer after which a machine is taken for lost; Ray may take minutes."""
ENDED = "Ray has ended there"
"""Why a node is lost whose machine may still be there."""
_THROUGH_RAY = "; it does not see the results, so files come and go through Ray"


class Standing(StrEnum):
    """Whether a machine gets trials."""

    NEW = "new"  # to be looked at from inside
    GOOD = "good"
    LEAVING = "leaving"  # its jobs end with their epochs
    BAD = "bad"  # set aside for good
    LOST = "lost"  # until it answers again, and has been looked at anew


@dataclass(frozen=True)
class Sighting:
    """A node as it was seen at one time."""

    node: str  # Ray's id of it
    name: str
    machine: Machine
    alive: bool  # as far as Ray knows
    answer: Answer
    leaving: bool = False


@dataclass
class Node:
    """A machine, and where it stands."""

    name: str
    machine: Machine
    standing: Standing = Standing.NEW
    why: str = ""
    silent_since: float | None = None
    gone: bool = False
    was_lost: bool = False
    introduced: bool = False
    told_slow: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


class Roster:
    """All nodes that have been seen.

    Args:
        share: what a trial takes; nodes that hold none do not matter.
        clock: seconds.
    """

    def __init__(self, share: Allocation, clock: Callable[[], float] = time.monotonic) -> None:
        self.nodes: dict[str, Node] = {}
        self.news: list[str] = []
        """What has happened since it was last told."""
        self._share = share
        self._clock = clock
        self._last_loss: float | None = None

    def share_gpus(self, gpus: float) -> None:
        """A trial takes this much of a GPU from now on."""
        self._share = replace(self._share, gpus=gpus)

    def seen(self, sightings: Iterable[Sighting]) -> None:
        """Take note of all nodes as they are now."""
        for sighting in sightings:
            if sighting.node in self.nodes:
                self._follow(self.nodes[sighting.node], sighting)
            elif sighting.alive and room([sighting.machine], self._share.threads, self._share.gpus):
                self.nodes[sighting.node] = Node(self._name(sighting), sighting.machine)

    def looked_at(self, node: str, facts: dict[str, Any], problem: str | None) -> None:
        """A node was looked at from inside: it may be used, or it is set aside."""
        found = self.nodes[node]
        if found.standing is not Standing.NEW:
            return  # it was lost meanwhile
        found.facts = facts
        if problem is not None:
            self.set_aside(node, problem)
        else:
            found.standing = Standing.GOOD
            if found.was_lost:
                self.news.append(f"{found.name} is back")
            self._introduce()

    def slow(self, node: str, seconds: float) -> None:
        """A node has started no worker yet that could look around: it is busy, or broken."""
        found = self.nodes[node]
        if found.standing is Standing.NEW and not found.told_slow:
            found.told_slow = True
            self.news.append(
                f"{found.name} has started no worker for {seconds:.0f} s; it gets no trials until "
                "it has"
            )

    def standing(self, node: str) -> Standing:
        """Where a node stands; a worker may run on one before it has been seen here."""
        return self.nodes[node].standing if node in self.nodes else Standing.NEW

    def name(self, node: str) -> str:
        """A node's name for people."""
        return self.nodes[node].name if node in self.nodes else "a machine that has just joined"

    def set_aside(self, node: str, why: str) -> None:
        """A node cannot train: it gets no more trials."""
        found = self.nodes.get(node)
        if found is None or found.standing is Standing.BAD:  # unseen: it will be looked at
            return
        found.standing, found.why = Standing.BAD, why
        self.news.append(f"{found.name} is set aside: {why}; its trials go on elsewhere")

    def leaves(self, node: str) -> None:
        """A node was told to leave: it gets no more trials, and loses those it has."""
        found = self.nodes[node]
        if found.standing in (Standing.NEW, Standing.GOOD):
            found.standing = Standing.LEAVING
            self.news.append(f"{found.name} leaves; its trials go on elsewhere after their epochs")

    def lose(self, node: str, why: str) -> None:
        """A node is not there any more, or does not answer."""
        found = self.nodes.get(node)
        if found is None or found.standing in (Standing.BAD, Standing.LOST):
            return
        never_back = found.was_lost and found.standing is Standing.NEW
        if not (never_back or found.standing is Standing.LEAVING):  # else that was told
            self.news.append(f"{found.name} is lost: {why}; its trials go on elsewhere")
        found.standing, found.why, found.was_lost = Standing.LOST, why, True
        self._last_loss = self._clock()

    def lost_since(self, time: float) -> bool:
        """Whether a node was lost at or after a time of the clock."""
        return self._last_loss is not None and self._last_loss >= time

    @property
    def usable(self) -> list[str]:
        """The nodes that may get trials."""
        return [node for node, known in self.nodes.items() if known.standing is Standing.GOOD]

    @property
    def avoided(self) -> tuple[str, ...]:
        """The nodes that Ray would use, and must not.

        A new one is left alone until it was looked at, unless there is none but new ones.
        """
        kept = (Standing.GOOD,) if self.usable else (Standing.GOOD, Standing.NEW)
        return tuple(
            sorted(
                node
                for node, known in self.nodes.items()
                if known.standing not in kept and not known.gone
            )
        )

    @property
    def room(self) -> int:
        """How many trials the good nodes hold; before there is one, those to be looked at."""
        hopeful = Standing.GOOD if self.usable else Standing.NEW
        machines = [known.machine for known in self.nodes.values() if known.standing is hopeful]
        return room(machines, self._share.threads, self._share.gpus)

    @property
    def hopeless(self) -> str | None:
        """Why no node will ever do, where that is so."""
        there = [known for known in self.nodes.values() if not known.gone]
        if not there or any(known.standing is not Standing.BAD for known in there):
            return None
        return "; ".join(f"{known.name}: {known.why}" for known in there)

    def tell(self) -> list[str]:
        """The news, once."""
        told, self.news = self.news, []
        return told

    def _follow(self, node: Node, now: Sighting) -> None:
        node_id, answers = now.node, now.answer is Answer.UP
        if not now.alive:
            self.lose(node_id, ENDED)
            node.gone = True
        elif answers:
            node.silent_since = None
            if now.leaving:
                self.leaves(node_id)
            elif node.standing is Standing.LOST:
                node.standing = Standing.NEW
        elif node.silent_since is None:
            node.silent_since = self._clock()
        elif now.answer is Answer.REFUSED:  # for the second time
            self.lose(node_id, ENDED)
        elif self._clock() - node.silent_since >= SILENCE:
            self.lose(node_id, f"no answer for {self._clock() - node.silent_since:.0f} s")

    def _introduce(self) -> None:
        """Tell which nodes take part, once there is more than one."""
        good = [known for known in self.nodes.values() if known.standing is Standing.GOOD]
        for known in good if len(good) > 1 else ():
            if not (known.introduced or known.was_lost):
                cores = f"{known.machine.cores} core{'s' if known.machine.cores > 1 else ''}"
                how = "" if known.facts.get("sees_results", True) else _THROUGH_RAY
                self.news.append(f"{known.name} takes part ({cores}{how})")
            known.introduced = True

    def _name(self, sighting: Sighting) -> str:
        """The host's name, with a part of the node's id where two nodes of that name are there.

        A machine that comes back is another node to Ray, and the same to people.
        """
        there = {
            known.name
            for known in self.nodes.values()
            if not known.gone and known.standing is not Standing.LOST
        }
        taken = sighting.name in there
        return f"{sighting.name} ({sighting.node[:6]})" if taken else sighting.name
