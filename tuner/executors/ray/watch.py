"""Watching the machines of a cluster while a study runs, from a separate thread.

Ray takes from half a minute to several minutes to notice that a machine is gone. So each machine's
Ray is asked for a connection every few seconds, which fails in any outage.
"""

import os
import secrets
import sys
import threading
import time
from collections.abc import Callable, Container, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from sr_models.exits import EXIT_FAILED
from tuner.executors.ray import probe
from tuner.executors.ray.address import Address, Answer
from tuner.executors.ray.cluster import machine_of
from tuner.executors.ray.nodes import ENDED, Roster, Sighting, Standing
from tuner.executors.ray.private import leaving_nodes

EVERY = 3.0
"""Seconds between two looks."""
HEAD_SILENCE = 20.0
"""Seconds without an answer after which the head counts as dead; Ray ends this process after 60."""
_PATIENCE = 8.0
"""Seconds for the run to end by itself after that; disconnecting from Ray waits for the head."""
_CONNECT = 2.0
_PROBE = 90.0
"""Seconds for a machine to start a worker that checks it, before the delay is reported."""
_AT_ONCE = 32
COMPARED = ("sr-tuner", "ray", "torch", "torchvision", "numpy")
"""Packages whose versions must be those of the driver."""


class ClusterWatch:
    """Sees which nodes are there and answer, and has each of them checked once.

    Args:
        roster: is told what was seen, by `take_in`, which the run's own thread calls.
        shared: a folder of the study that all machines should see.
    """

    def __init__(self, roster: Roster, shared: Path) -> None:
        import ray

        self.nonce = (str(shared / "nonce"), secrets.token_hex(8))
        Path(self.nonce[0]).write_text(self.nonce[1], encoding="utf-8")
        self.head = Address.parse(ray.get_runtime_context().gcs_address)
        self.here = probe.look_around(*self.nonce, COMPARED)
        self._roster = roster
        self._over = threading.Event()
        self._leaving = False
        self._found: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._looked_into: set[str] = set()
        self._addresses: dict[str, Address] = {}
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="cluster-watch")
        self._lookers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="look-into")
        self._head_seen = time.monotonic()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the cluster meanwhile, and after that only its head, until `end`."""
        self._found.put(self._look())
        self.take_in()
        for rounds in (self._watch_head, self._watch_nodes):
            threading.Thread(target=rounds, name="cluster-watch", daemon=True).start()
        try:
            yield
        finally:
            self._leaving = True
            for pool in (self._pool, self._lookers):
                pool.shutdown(wait=False, cancel_futures=True)

    def end(self) -> None:
        """Note that the connection to the cluster is closed, so nothing can hang any more."""
        self._over.set()

    def take_in(self) -> None:
        """Tell the roster what was seen since the last call, and check what is new."""
        while True:
            try:
                note = self._found.get_nowait()
            except Empty:
                break
            note()
        for node, known in self._roster.nodes.items():
            if known.standing is Standing.NEW and node not in self._looked_into:
                self._looked_into.add(node)
                self._lookers.submit(self._look_into, node)

    def head_is_gone(self) -> str | None:
        """Return what to say if the head does not answer any more; None while it does."""
        silent = time.monotonic() - self._head_seen
        if silent < HEAD_SILENCE:
            return None
        return (
            f"the head of the cluster at {self.head} has not answered for {silent:.0f} s. What was "
            "recorded is intact; start the cluster again, then continue with --resume"
        )

    def still_there(self, node: str) -> bool:
        """Ask a node at once, and again after a moment, because a worker of it has just died."""
        address = self._addresses.get(node)
        for _ in range(2):
            if address is None or not address.answers(_CONNECT):
                return False
            time.sleep(0.5)
        return True

    def _watch_head(self) -> None:
        """Use nothing of Ray, which would hang if the head has just died."""
        while not self._over.wait(EVERY):
            if self.head.answers(_CONNECT):
                self._head_seen = time.monotonic()
            elif (gone := self.head_is_gone()) and self._waits_for_ever():
                print(f"error: {gone}", file=sys.stderr, flush=True)
                os._exit(EXIT_FAILED)

    def _watch_nodes(self) -> None:
        while not (self._over.wait(EVERY) or self._leaving):
            with suppress(Exception):  # Ray's errors: wait for the next look
                self._found.put(self._look())

    def _waits_for_ever(self) -> bool:
        return time.monotonic() - self._head_seen > HEAD_SILENCE + _PATIENCE

    def _look(self) -> Callable[[], None]:
        """See all nodes; return a function that tells the roster."""
        import ray

        leaving = leaving_nodes()
        sightings = list(self._pool.map(lambda node: self._see(node, leaving), ray.nodes()))
        return lambda: self._roster.seen(sightings)

    def _see(self, node: Mapping[str, Any], leaving: Container[str]) -> Sighting:
        address = Address(node["NodeManagerAddress"], node["NodeManagerPort"])
        self._addresses[node["NodeID"]] = address
        name, alive = node["NodeManagerHostname"] or str(address), bool(node["Alive"])
        answer = address.answer(_CONNECT) if alive else Answer.REFUSED
        leaves = node["NodeID"] in leaving
        return Sighting(node["NodeID"], name, machine_of(node), alive, answer, leaves)

    def _look_into(self, node: str) -> None:
        try:
            told = self._verdict(node)
        except Exception as error:  # noqa: BLE001 - anything may keep a worker from starting there
            told = self._no_worker(node, error)

        def tell() -> None:
            self._looked_into.discard(node)
            told()

        self._found.put(tell)

    def _verdict(self, node: str) -> Callable[[], None]:
        """A function that tells the roster of a node that has been checked from inside."""
        found_there = self._probe(node)
        if found_there is None:
            return lambda: self._roster.slow(node, _PROBE)
        problem = probe.unfit(self.here, found_there)
        return lambda: self._roster.looked_at(node, found_there, problem)

    def _no_worker(self, node: str, error: Exception) -> Callable[[], None]:
        """The same for a node on which no worker could start."""
        from ray.exceptions import TaskUnschedulableError

        # Ray may have given up a node that was cut off and does not know that yet.
        if isinstance(error, TaskUnschedulableError) or not self.still_there(node):
            return lambda: self._roster.lose(node, ENDED)
        said = str(error).strip().splitlines()
        problem = f"no worker runs there ({said[-1] if said else type(error).__name__})"
        return lambda: self._roster.looked_at(node, {}, problem)

    def _probe(self, node: str) -> dict[str, Any] | None:
        """What a worker there sees; None if it has not started yet, to be asked again."""
        import ray
        from ray.exceptions import GetTimeoutError
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        ray.cloudpickle.register_pickle_by_value(probe)
        there = NodeAffinitySchedulingStrategy(node, soft=False)
        task = ray.remote(probe.look_around).options(
            num_cpus=0, max_retries=0, scheduling_strategy=there
        )
        looking = task.remote(*self.nonce, COMPARED)
        try:
            found: dict[str, Any] = ray.get(looking, timeout=_PROBE)
        except GetTimeoutError:
            ray.cancel(looking)
            return None
        return found
