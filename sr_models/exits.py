"""How a command ends: its exit codes, and the signals that end it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

EXIT_FAILED = 1
EXIT_WRONG_USE = 2

GRACEFUL = tuple(
    number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None
)
"""Signals from schedulers and closed terminals; Windows has no SIGHUP."""


class Terminated(KeyboardInterrupt):
    """A signal has ended the work, like Ctrl-C.

    Attributes:
        signal: its number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.signal = number


def interrupted_code(number: int | None) -> int:
    """Return the exit code after a signal, as in a shell: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + (signal.SIGINT if number is None else number)


def is_ignored(number: int) -> bool:
    """Return whether this process was started to ignore a signal, as nohup does with SIGHUP."""
    return signal.getsignal(number) is signal.SIG_IGN


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end what runs inside like Ctrl-C, with `Terminated`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: Any) -> NoReturn:
        raise Terminated(number)

    numbers = [number for number in GRACEFUL if signal.getsignal(number) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def signals_held() -> Iterator[None]:
    """Block SIGTERM and SIGHUP; threads that are started meanwhile never receive them.

    Only this thread's mask is changed: a signal waits unless another thread receives it.
    """
    yield from _with_mask("SIG_BLOCK")


@contextmanager
def signals_let_through() -> Iterator[None]:
    """Inside `signals_held`: unblock them, also for processes that are started meanwhile."""
    yield from _with_mask("SIG_UNBLOCK")


def _with_mask(how: str) -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):  # Windows, which has no such signals either
        yield
        return
    before = signal.pthread_sigmask(getattr(signal, how), GRACEFUL)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
