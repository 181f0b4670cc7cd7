"""A worker must not outlive its run: a resumed run would train the same trial beside it."""

import os
import threading
import time

CHECK_EVERY = 1.0  # seconds


def die_with_parent() -> None:
    """End this process soon after the one that started it has gone.

    When a driver is killed, Ray's own processes follow it, but a worker that is in the middle of
    an epoch trains on for minutes, and writes checkpoints.
    """
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), name="die-with-parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(CHECK_EVERY)
    os._exit(1)
