"""A node of Ray that is its raylet and nothing else, so that many can be started on a busy machine.

    python node.py HEAD:PORT IP CORES FOLDER

FOLDER is for Ray's files. With the IP of the head it is the head. `ray start` would run five more
Python processes on each node, whose start alone takes eight seconds of a core.
"""

import signal
import sys
from threading import Event

from tuner.executors.ray.lean import lean_start
from tuner.executors.ray.private import quick_import

STARTED = "a node runs"
_OBJECTS = 80 * 2**20
"""Bytes of shared memory for a node's objects; Ray's least is 75 MiB."""


def main(address: str, ip: str, cores: int, folder: str) -> None:
    """Start it, and wait until it is to end."""
    with quick_import():
        from ray._private.node import Node
        from ray._private.parameter import RayParams
    params = RayParams(num_cpus=cores, object_store_memory=_OBJECTS, temp_dir=folder)
    host, _, port = address.rpartition(":")
    if host == ip:
        params.update(gcs_server_port=int(port), include_dashboard=False)
    else:
        params.update(gcs_address=address)
    with lean_start(cores, ip):
        node = Node(params, head=host == ip, spawn_reaper=False)
    print(STARTED, flush=True)
    over = Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    while not over.wait(0.5) and not node.dead_processes():
        pass  # it ends with its raylet, as `ray start --block` does
    if over.is_set():
        node._drain_node_before_shutdown()  # as that does, for 30 s at most
    node.kill_all_processes(check_alive=False, allow_graceful=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
