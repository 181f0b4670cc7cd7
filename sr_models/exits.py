"""How a command ends: its exit codes, and the signals that ask it to."""

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
"""What schedulers and closed terminals send; Windows has no SIGHUP."""


class Terminated(KeyboardInterrupt):
    """A signal has ended the work, as Ctrl-C does.

    Attributes:
        signal: its number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.signal = number


def interrupted_code(number: int | None) -> int:
    """The exit code after a signal, as a shell has it: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + (signal.SIGINT if number is None else number)


def is_ignored(number: int) -> bool:
    """Whether whoever started this process wants it deaf to a signal, as nohup does to SIGHUP."""
    return signal.getsignal(number) is signal.SIG_IGN


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end what runs inside as Ctrl-C does, with `Terminated`."""
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
    """Keep SIGTERM and SIGHUP waiting; threads that are started meanwhile never take them.

    Only this thread's mask is changed: a signal waits if no other thread takes it.
    """
    yield from _with_mask("SIG_BLOCK")


@contextmanager
def signals_let_through() -> Iterator[None]:
    """Within `signals_held`: let them come, also to processes that are started meanwhile."""
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
