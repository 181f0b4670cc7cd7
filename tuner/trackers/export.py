"""Sends a study to a tracker afterwards."""

import time
from collections.abc import Callable
from pathlib import Path

from sr_models.errors import UserError
from tuner.records import Records
from tuner.trackers.base import TrackerSettings
from tuner.trackers.sync.supervisor import Supervisor

Progress = Callable[[str, int, int], None]


def export_to_tracker(
    folder: Path, config: TrackerSettings, progress: Progress | None = None
) -> str:
    """Send the whole study in `folder` to a tracker, and say where it lies there.

    What a copy holds already is not sent twice, so this also completes one that was cut off.

    Raises:
        UserError: `folder` is no study, or the tracker cannot be used, refuses or hangs.
    """
    Records.open(folder).close()
    config.check()
    supervisor = Supervisor(folder, config, afresh=True, progress=progress)
    supervisor.finish()
    try:
        while supervisor.alive:
            time.sleep(0.05)
            supervisor.poll()
    finally:
        supervisor.cut("was stopped")
    if supervisor.trouble:
        raise UserError(supervisor.trouble)
    return supervisor.places[0]
