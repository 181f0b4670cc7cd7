"""Converting times of a machine whose clock is wrong to the driver's clock.

The used part of a time budget is computed from the ends of epochs, so a clock that is an hour ahead
would leave an hour less to search.
"""

from dataclasses import replace

from tuner.objectives.protocol import Epoch

TOLERANCE = 5.0
"""Seconds that a result may take to arrive, or a clock may be wrong, without a correction."""


def by_our_clock(epoch: Epoch, sent: float, now: float) -> Epoch:
    """Return an epoch with its times by the driver's clock.

    Args:
        epoch: as the worker sent it.
        sent: when it was sent, by the worker's clock, in Unix seconds.
        now: when it arrived, by the driver's clock.
    """
    off = now - sent
    if abs(off) < TOLERANCE:
        return epoch
    return replace(epoch, started=epoch.started + off, ended=epoch.ended + off)
