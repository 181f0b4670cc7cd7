"""The driver's side of trackers: a process for each, watched, and cut off if it hangs."""

import time
from collections.abc import Sequence
from pathlib import Path

from sr_models.errors import UserError
from tuner.trackers.base import TrackerSettings
from tuner.trackers.sync.supervisor import Supervisor

_SHORT = 0.05  # seconds between two looks while the driver waits


class TrackerSync:
    """All trackers of a study.

    Call `check` before the study starts, `start` when study.db exists, `poll` now and then,
    `finish` at the end. Only `finish` waits for trackers, and problems of a tracker never raise.

    Args:
        folder: the folder of the study.
        configs: the settings of the trackers.
    """

    def __init__(self, folder: Path, configs: Sequence[TrackerSettings]) -> None:
        self._folder = folder
        self._configs = list(configs)
        self._supervisors: list[Supervisor] = []

    def check(self) -> None:
        """Check whether all trackers can be used.

        Raises:
            UserError: a package or a setting is missing, or a tracker is named twice.
        """
        kinds = [config.type for config in self._configs]
        for kind in kinds:
            if kinds.count(kind) > 1:
                raise UserError(f"trackers: {kind} is named twice; give each tracker once")
        for config in self._configs:
            config.check()

    def start(self, *, afresh: bool = False) -> None:
        """Start a process for each tracker; it continues from its cursor unless `afresh` is set."""
        self._supervisors = [
            Supervisor(self._folder, config, afresh=afresh) for config in self._configs
        ]

    def poll(self) -> list[str]:
        """Return new warnings since the last call: trackers that failed or were cut off."""
        return [message for supervisor in self._supervisors for message in supervisor.poll()]

    def finish(self, timeout: float = 120.0) -> list[str]:
        """Let the trackers send the rest; cut off those that need more than `timeout` seconds.

        Returns:
            For each tracker where its copy is, or why it is incomplete and how to complete it;
                problems that `poll` has already returned are not repeated.
        """
        for supervisor in self._supervisors:
            supervisor.finish()
        deadline = time.monotonic() + timeout
        messages = self.poll()
        while (
            any(supervisor.alive for supervisor in self._supervisors)
            and time.monotonic() < deadline
        ):
            time.sleep(_SHORT)
            messages += self.poll()
        for supervisor in self._supervisors:
            supervisor.cut(f"was not done {timeout:.0f} s after the end of the study")
        places = [place for supervisor in self._supervisors for place in supervisor.places]
        return messages + self.poll() + places

    def stop(self) -> None:
        """Stop at once, because the driver is exiting; `--resume` or an export continues."""
        for supervisor in self._supervisors:
            supervisor.cut("was stopped")
