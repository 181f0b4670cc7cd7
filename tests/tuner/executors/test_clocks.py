"""A machine's clock may be off."""

import pytest

from tuner.executors.ray.clocks import by_our_clock
from tuner.objectives.protocol import Epoch

NOW = 1e9


@pytest.mark.parametrize("off", [3600.0, -3600.0])
def test_an_hour_that_a_clock_is_off_is_taken_from_an_epochs_times(off: float) -> None:
    told = Epoch(1, {}, NOW + off - 30, NOW + off - 1)
    found = by_our_clock(told, NOW + off, NOW)
    assert (found.started, found.ended) == pytest.approx((NOW - 30, NOW - 1))


def test_what_was_under_way_for_a_moment_stays_as_it_was() -> None:
    told = Epoch(1, {}, NOW - 30, NOW - 2)
    assert by_our_clock(told, NOW - 2, NOW) is told
