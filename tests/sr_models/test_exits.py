"""Signals that wait until somebody can take them."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sr_models.exits import GRACEFUL, signals_held, signals_let_through

MASK = "import signal; print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))"


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """The signals that a handler of ours was given."""
    numbers: list[int] = []

    def hear(number: int, frame: Any) -> None:
        numbers.append(number)

    before = {number: signal.signal(number, hear) for number in GRACEFUL}
    yield numbers
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_signal_waits_until_its_handler_is_back(heard: list[int]) -> None:
    """As Ray's C++ part puts one of its own in its place meanwhile, which ends the process."""
    ended = threading.Event()
    with signals_held():
        thread = threading.Thread(target=ended.wait)  # else it would take them
        thread.start()
        own = signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for number in GRACEFUL:
            signal.pthread_kill(threading.main_thread().ident or 0, number)
        assert heard == []
        signal.signal(signal.SIGTERM, own)
    ended.set()
    thread.join()
    assert sorted(heard) == sorted(GRACEFUL)


def test_a_process_that_is_started_meanwhile_hears_them() -> None:
    def mask() -> str:
        return subprocess.run(
            [sys.executable, "-c", MASK], capture_output=True, text=True, check=True
        ).stdout

    with signals_held():
        assert "SIGTERM" in mask()
        with signals_let_through():
            assert mask() == "[]\n"
        assert "SIGTERM" in mask()
    assert mask() == "[]\n"
