"""Signals end a study between two events, and say which they were."""

import os
import signal
from collections.abc import Iterator
from typing import Any, cast

import pytest

from sr_models.exits import GRACEFUL, Terminated
from tuner.core.study import Study
from tuner.executors.signals import GRACE, Interruption, ended_by_signals

SIGNALS = (signal.SIGINT, *GRACEFUL)


class FakeStudy:
    """What of a study is told to end."""

    stopping: str | None = None

    def stop(self, reason: str) -> None:
        self.stopping = reason


@pytest.fixture
def study() -> Study:
    return cast(Study, FakeStudy())


@pytest.fixture(autouse=True)
def handlers_stay() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    assert {number: signal.getsignal(number) for number in SIGNALS} == before


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_study_and_a_second_one_the_process(study: Study, number: int) -> None:
    interruption = Interruption()
    with ended_by_signals(study, interruption):
        os.kill(os.getpid(), number)
        assert study.stopping == "interrupted"
        assert interruption.signal == number
        with pytest.raises(Terminated) as caught:
            os.kill(os.getpid(), number)
        assert caught.value.signal == number


def test_epochs_are_waited_for_as_long_as_a_scheduler_waits() -> None:
    now = [100.0]
    interruption = Interruption(clock=lambda: now[0])
    assert not interruption.patient
    interruption.happened(signal.SIGINT)
    assert not interruption.patient, "Ctrl-C is for now"
    interruption.happened(signal.SIGTERM)
    assert interruption.patient
    now[0] += GRACE
    assert not interruption.patient
    interruption.happened(signal.SIGTERM)
    assert interruption.patient
    interruption.hurry()
    assert not interruption.patient, "what was waited for is gone"


def test_what_nohup_has_made_deaf_stays_deaf(study: Study) -> None:
    before: Any = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_by_signals(study, Interruption()):
            os.kill(os.getpid(), signal.SIGHUP)
        assert study.stopping is None
    finally:
        signal.signal(signal.SIGHUP, before)
