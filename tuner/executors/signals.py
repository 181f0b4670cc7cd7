"""Ctrl-C, as a study takes it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tuner.core.study import Study
from tuner.records.status import INTERRUPTED


@contextmanager
def interruptible(study: Study) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the study between two events; a second Ctrl-C ends it anywhere."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        if study.stopping is not None:
            raise KeyboardInterrupt
        study.stop(INTERRUPTED)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
