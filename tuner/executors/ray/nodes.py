"""The machines of a cluster as a study sees them: which it may use, and what became of the others.

This is only bookkeeping: `watch` reports what it has seen, and this returns what is new, once.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from tuner.executors.allocation import Allocation, Machine, room
from tuner.executors.ray.address import Answer

SILENCE = 15.0
"""Seconds without an answer after which a machine counts as lost; Ray may take minutes."""
ENDED = "Ray has ended there"
"""Why a node is lost whose machine may still be there."""
_THROUGH_RAY = "; it does not see the results, so files come and go through Ray"


class Standing(StrEnum):
    """Whether a machine gets trials."""

    NEW = "new"  # to be checked from inside
    GOOD = "good"
    LEAVING = "leaving"  # its jobs end with their epochs
    BAD = "bad"  # set aside for good
    LOST = "lost"  # until it answers and has been checked again


@dataclass(frozen=True)
class Sighting:
    """A node as it was seen at a moment."""

    node: str  # Ray's id of it
    name: str
    machine: Machine
    alive: bool  # as far as Ray knows
    answer: Answer
    leaving: bool = False


@dataclass
class Node:
    """A machine, and its standing."""

    name: str
    machine: Machine
    standing: Standing = Standing.NEW
    why: str = ""
    silent_since: float | None = None
    gone: bool = False
    was_lost: bool = False
    introduced: bool = False
    told_slow: bool = False
    found_there: dict[str, Any] = field(default_factory=dict)


class Roster:
    """All nodes that have been seen.

    Args:
        share: what a trial takes; nodes without room for a trial are ignored.
        clock: returns seconds.
    """

    def __init__(self, share: Allocation, clock: Callable[[], float] = time.monotonic) -> None:
        self.nodes: dict[str, Node] = {}
        self.news: list[str] = []
        """Messages that have not been shown yet."""
        self._share = share
        self._clock = clock
        self._last_loss: float | None = None

    def share_gpus(self, gpus: float) -> None:
        """Note that a trial takes this much of a GPU from now on."""
        self._share = replace(self._share, gpus=gpus)

    def seen(self, sightings: Iterable[Sighting]) -> None:
        """Note all nodes as they are now."""
        for sighting in sightings:
            if sighting.node in self.nodes:
                self._follow(self.nodes[sighting.node], sighting)
            elif sighting.alive and room([sighting.machine], self._share.threads, self._share.gpus):
                self.nodes[sighting.node] = Node(self._name(sighting), sighting.machine)

    def looked_at(self, node: str, found_there: dict[str, Any], problem: str | None) -> None:
        """Note the result of checking a node from inside: it may be used, or is set aside."""
        found = self.nodes[node]
        if found.standing is not Standing.NEW:
            return  # it was lost meanwhile
        found.found_there = found_there
        if problem is not None:
            self.set_aside(node, problem)
        else:
            found.standing = Standing.GOOD
            if found.was_lost:
                self.news.append(f"{found.name} is back")
            self._introduce()

    def slow(self, node: str, seconds: float) -> None:
        """Note that a node has not started a worker to check it: it is busy, or broken."""
        found = self.nodes[node]
        if found.standing is Standing.NEW and not found.told_slow:
            found.told_slow = True
            self.news.append(
                f"{found.name} has started no worker for {seconds:.0f} s; it gets no trials until "
                "it has"
            )

    def standing(self, node: str) -> Standing:
        """Return the standing of a node, on which a worker may run before it has been seen here."""
        return self.nodes[node].standing if node in self.nodes else Standing.NEW

    def name(self, node: str) -> str:
        """Return a node's name for people."""
        return self.nodes[node].name if node in self.nodes else "a machine that has just joined"

    def set_aside(self, node: str, why: str) -> None:
        """Note that a node cannot train: it gets no more trials."""
        found = self.nodes.get(node)
        if found is None or found.standing is Standing.BAD:  # if it is unseen, it will be checked
            return
        found.standing, found.why = Standing.BAD, why
        self.news.append(f"{found.name} is set aside: {why}; its trials continue elsewhere")

    def leaves(self, node: str) -> None:
        """Note that a node was told to leave: it gets no more trials, and its jobs move."""
        found = self.nodes[node]
        if found.standing in (Standing.NEW, Standing.GOOD):
            found.standing = Standing.LEAVING
            self.news.append(
                f"{found.name} leaves; its trials continue elsewhere after their epochs"
            )

    def lose(self, node: str, why: str) -> None:
        """Note that a node is gone, or does not answer."""
        found = self.nodes.get(node)
        if found is None or found.standing in (Standing.BAD, Standing.LOST):
            return
        never_back = found.was_lost and found.standing is Standing.NEW
        if not (never_back or found.standing is Standing.LEAVING):  # else it was reported
            self.news.append(f"{found.name} is lost: {why}; its trials continue elsewhere")
        found.standing, found.why, found.was_lost = Standing.LOST, why, True
        self._last_loss = self._clock()

    def lost_since(self, time: float) -> bool:
        """Return whether a node was lost at or after a time of the clock."""
        return self._last_loss is not None and self._last_loss >= time

    @property
    def usable(self) -> list[str]:
        """The nodes that may get trials."""
        return [node for node, known in self.nodes.items() if known.standing is Standing.GOOD]

    @property
    def avoided(self) -> tuple[str, ...]:
        """The nodes that Ray would use, but must not.

        A new node is avoided until it was checked, unless all nodes are new.
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
        """How many trials the good nodes have room for, or the unchecked nodes if there are
        none."""
        hopeful = Standing.GOOD if self.usable else Standing.NEW
        machines = [known.machine for known in self.nodes.values() if known.standing is hopeful]
        return room(machines, self._share.threads, self._share.gpus)

    @property
    def hopeless(self) -> str | None:
        """Why no node will ever be usable, if that is so."""
        there = [known for known in self.nodes.values() if not known.gone]
        if not there or any(known.standing is not Standing.BAD for known in there):
            return None
        return "; ".join(f"{known.name}: {known.why}" for known in there)

    def tell(self) -> list[str]:
        """Return the messages, and forget them."""
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
        """Report which nodes take part, once there are several."""
        good = [known for known in self.nodes.values() if known.standing is Standing.GOOD]
        for known in good if len(good) > 1 else ():
            if not (known.introduced or known.was_lost):
                cores = f"{known.machine.cores} core{'s' if known.machine.cores > 1 else ''}"
                how = "" if known.found_there.get("sees_results", True) else _THROUGH_RAY
                self.news.append(f"{known.name} takes part ({cores}{how})")
            known.introduced = True

    def _name(self, sighting: Sighting) -> str:
        """The host's name, with a part of the node's id if two nodes have that name.

        A machine that comes back is another node to Ray, but the same machine to people.
        """
        there = {
            known.name
            for known in self.nodes.values()
            if not known.gone and known.standing is not Standing.LOST
        }
        taken = sighting.name in there
        return f"{sighting.name} ({sighting.node[:6]})" if taken else sighting.name
