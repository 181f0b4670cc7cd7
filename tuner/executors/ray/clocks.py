"""Times of a machine whose clock is off, told by the driver's clock.

How much of a time budget is used is read from the ends of epochs, so an hour that a clock is ahead
would be an hour less to search in.
"""

from dataclasses import replace

from tuner.objectives.protocol import Epoch

TOLERANCE = 5.0
"""Seconds that a result may be under way, or a clock off, without anybody minding."""


def by_our_clock(epoch: Epoch, sent: float, now: float) -> Epoch:
    """An epoch with its times by the driver's clock.

    Args:
        epoch: as the worker tells it.
        sent: when it was sent, by the worker's clock; Unix seconds.
        now: when it has come, by the driver's.
    """
    off = now - sent
    if abs(off) < TOLERANCE:
        return epoch
    return replace(epoch, started=epoch.started + off, ended=epoch.ended + off)
