"""The process of a tracker, as the driver sees it."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tuner.trackers.base import TrackerSettings
from tuner.trackers.secrets import scrub
from tuner.trackers.sync.child import ChildProcess

_MODULE = "tuner.trackers.sync.process"


class Supervisor:
    """Watches the process that copies a study to a tracker, and ends it if it hangs.

    Nothing here waits for the process, and problems with it never raise.

    Args:
        folder: the study's results folder.
        config: the tracker's settings.
        afresh: copy everything again, whatever has been copied before.
        progress: called with what the process does, how much is done, and out of how much.
    """

    def __init__(
        self,
        folder: Path,
        config: TrackerSettings,
        *,
        afresh: bool,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> None:
        self.trouble: str | None = None
        """What went wrong; None if nothing did."""
        self.places: list[str] = []
        """Where the finished copy is."""
        self._folder = folder
        self._config = config
        self._progress = progress
        self._news: list[str] = []
        self._busy = "starting"
        self._heard = time.monotonic()
        self._process: ChildProcess | None = None
        try:
            self._process = ChildProcess(_MODULE)
        except OSError as error:  # a problem of this machine, not of the study
            self._fail(f"could not be started: {error}")
            return
        job = {"folder": str(folder), "tracker": config.model_dump(mode="json"), "afresh": afresh}
        self._process.say(json.dumps(job))

    @property
    def alive(self) -> bool:
        """Whether the process may still do something."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        """The number of the process; None once it has ended."""
        return None if self._process is None else self._process.pid

    def poll(self) -> list[str]:
        """Read the messages of the process, end it if it hangs, and return news for people."""
        self._hear()
        if self._process is not None and self._process.exit_code is not None:
            self._hear()  # its last message may have come in between
            self._died()
        waited = time.monotonic() - self._heard
        if self._busy and waited > self._config.timeout:
            self.cut(f"was cut off after {waited:.0f} s at {self._busy}")
        news, self._news = self._news, []
        return news

    def finish(self) -> None:
        """Tell the process that the study has ended."""
        if self._process is not None:
            self._busy, self._heard = "the end of the study", time.monotonic()
            self._process.say("finish")

    def cut(self, why: str) -> None:
        """End the process early."""
        if self._process is not None:
            self._fail(why)

    def _hear(self) -> None:
        process = self._process
        for message in process.hear() if process is not None else ():
            self._heard = time.monotonic()
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if "failed" in message:
            self._fail(f"failed: {message['failed']}")
        elif "place" in message:
            self.places.append(f"{self._config.type}: {message['place']}")
            self._end()
        else:
            self._busy = message.get("busy", "")
            if self._busy and self._progress:
                self._progress(self._busy, message["done"], message["total"])

    def _died(self) -> None:
        if self._process is not None:
            words = scrub(self._process.last_words())
            last = f": {words}" if words else ""
            self._fail(f"died with exit code {self._process.exit_code}{last}")

    def _fail(self, what: str) -> None:
        self.trouble = f"tracker {self._config.type} {what}"
        self._news.append(
            f"{self.trouble}; the study is complete without it. To send it later: "
            f"python -m tuner.export {self._folder} --tracker {self._config.type}"
        )
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()
