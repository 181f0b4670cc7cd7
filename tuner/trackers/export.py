"""Sending a study to a tracker afterwards."""

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
    """Send the whole study in `folder` to a tracker; return where the copy is.

    What a copy already holds is not sent again, so this also completes a copy that was cut off.

    Args:
        folder: the folder of the study.
        config: the settings of the tracker.
        progress: called with what is being sent, how much is done, and out of how much.

    Raises:
        UserError: `folder` is not a study, or the tracker cannot be used, refuses or hangs.
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
