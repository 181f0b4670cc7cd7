"""Signals that end a study: Ctrl-C at once, SIGTERM and SIGHUP after a little grace.

Slurm, Kubernetes, systemd and spot machines send SIGTERM, and SIGKILL half a minute later; a closed
terminal sends SIGHUP. Epochs that are nearly done are worth that wait.
"""

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sr_models.exits import GRACEFUL, Terminated, is_ignored
from tuner.core.study import Study
from tuner.records.status import INTERRUPTED

GRACE = 10.0
"""Seconds that epochs in progress have to end after SIGTERM or SIGHUP."""


class Interruption:
    """Whether a run was told to end, by which signal, and how long its epochs may still take.

    Attributes:
        signal: the number of the signal; None if there was none.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.signal: int | None = None
        self._clock = clock
        self._since = 0.0

    def happened(self, number: int) -> None:
        """Note that a signal has come."""
        self.signal, self._since = number, self._clock()

    def hurry(self) -> None:
        """Note that there is nothing left to wait for."""
        self._since = -math.inf

    @property
    def patient(self) -> bool:
        """Whether epochs in progress are waited for."""
        return self.signal in GRACEFUL and self._clock() - self._since < GRACE


@contextmanager
def ended_by_signals(study: Study, interruption: Interruption) -> Iterator[None]:
    """Let a signal end the study between two events, and a second signal end it anywhere.

    Args:
        study: the running study.
        interruption: is told of the first signal.

    Raises:
        Terminated: a second signal has come.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        if study.stopping is not None:
            raise Terminated(number)
        interruption.happened(number)
        study.stop(INTERRUPTED)

    numbers = [number for number in (signal.SIGINT, *GRACEFUL) if not is_ignored(number)]
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
