"""The driver's side of trackers: one process each, watched, and cut off when it hangs."""

import time
from collections.abc import Sequence
from pathlib import Path

from sr_models.errors import UserError
from tuner.trackers.base import TrackerSettings
from tuner.trackers.sync.supervisor import Supervisor

_SHORT = 0.05  # seconds between two looks while the driver waits


class TrackerSync:
    """All trackers of a study.

    `check` before the study starts, `start` when study.db is there, `poll` now and then, `finish`
    at the end. None of them waits for a tracker but `finish`, and no trouble with one ever raises.
    """

    def __init__(self, folder: Path, configs: Sequence[TrackerSettings]) -> None:
        self._folder = folder
        self._configs = list(configs)
        self._supervisors: list[Supervisor] = []

    def check(self) -> None:
        """Find out whether all trackers can be used.

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
        """Start a process for each tracker; it goes on from its cursor unless `afresh`."""
        self._supervisors = [
            Supervisor(self._folder, config, afresh=afresh) for config in self._configs
        ]

    def poll(self) -> list[str]:
        """Warnings that are new since the last call: trackers that failed or were cut off."""
        return [message for supervisor in self._supervisors for message in supervisor.poll()]

    def finish(self, timeout: float = 120.0) -> list[str]:
        """Let the trackers tell the rest; cut off those that need over `timeout` seconds.

        Returns:
            For each tracker where its copy lies, or why it is not whole and how to mend that; a
            trouble that `poll` has told before is not told again.
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
        """Stop at once, for a driver that is on its way out; `--resume` or an export goes on."""
        for supervisor in self._supervisors:
            supervisor.cut("was stopped")
