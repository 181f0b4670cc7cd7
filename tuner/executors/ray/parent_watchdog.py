"""A worker must not outlive its run, because a resumed run would train the same trial beside it."""

import os
import threading
import time

CHECK_EVERY = 1.0  # seconds


def die_with_parent() -> None:
    """End this process soon after the process that started it has died.

    When a driver is killed, Ray's own processes follow it, but a worker in the middle of an epoch
    keeps training for minutes, and writes checkpoints.
    """
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), name="die-with-parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(CHECK_EVERY)
    os._exit(1)
