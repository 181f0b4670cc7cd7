"""One tracker's process, as the driver sees it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tuner.trackers.base import TrackerSettings
from tuner.trackers.secrets import scrub

_MODULE = "tuner.trackers.sync.process"
_TAIL = 4000  # bytes of a dead process's last words that are looked at


class Watched:
    """A process that feeds one tracker. Nothing here waits for it, and nothing raises."""

    def __init__(
        self,
        folder: Path,
        config: TrackerSettings,
        *,
        afresh: bool,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> None:
        self._folder = folder
        self._config = config
        self._progress = progress
        self._news: list[str] = []
        self._partial = b""
        self._busy = "starting"
        self._heard = time.monotonic()
        self._over = False
        self.trouble: str | None = None
        self.places: list[str] = []
        try:
            self._words = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
            self._process = self._start()
        except OSError as error:  # no memory, no processes or no disk left: not the study's trouble
            self._trouble(f"could not be started: {error}", close=False)
            return
        job = {"folder": str(folder), "tracker": config.model_dump(mode="json"), "afresh": afresh}
        self._say(json.dumps(job))

    @property
    def alive(self) -> bool:
        """Whether it may still do something."""
        return not self._over

    def poll(self) -> list[str]:
        """Hear what it says, cut it off if it hangs, and return what is new for a person."""
        if not self._over:
            self._hear()
        if not self._over and self._process.poll() is not None:
            self._hear()  # its last message may have come in between
            self._died()
        waited = time.monotonic() - self._heard
        if not self._over and self._busy and waited > self._config.timeout:
            self.cut(f"was cut off after {waited:.0f} s at {self._busy}")
        news, self._news = self._news, []
        return news

    def finish(self) -> None:
        """Tell it that the study has ended."""
        if not self._over:
            self._busy, self._heard = "the end of the study", time.monotonic()
            self._say("finish")

    def cut(self, why: str) -> None:
        """Kill it, with the helper processes that its package may have started."""
        if not self._over:
            self._trouble(why)

    def _start(self) -> "subprocess.Popen[bytes]":
        root = str(Path(__file__).parents[3])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        process = subprocess.Popen(
            [sys.executable, "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            bufsize=0,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,  # Ctrl-C is for the driver, which then says what to do
        )
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        return process

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # it died; `poll` finds out
            self._process.stdin.write(line.encode() + b"\n")

    def _hear(self) -> None:
        assert self._process.stdout is not None
        while not self._over and (data := self._process.stdout.read(65536)):
            self._heard = time.monotonic()
            *lines, self._partial = (self._partial + data).split(b"\n")
            for line in lines:
                self._take(json.loads(line))

    def _take(self, message: dict[str, Any]) -> None:
        if "failed" in message:
            self._trouble(f"failed: {message['failed']}")
        elif "place" in message:
            self.places.append(f"{self._config.type}: {message['place']}")
            self._close()
        else:
            self._busy = message.get("busy", "")
            if self._busy and self._progress:
                self._progress(self._busy, message["done"], message["total"])

    def _died(self) -> None:
        if not self._over:
            self._words.seek(max(0, self._words.seek(0, os.SEEK_END) - _TAIL))
            lines = self._words.read().decode(errors="replace").strip().splitlines()
            last = f": {scrub(lines[-1].strip()[:300])}" if lines else ""
            self._trouble(f"died with exit code {self._process.returncode}{last}")

    def _trouble(self, what: str, *, close: bool = True) -> None:
        self.trouble = f"tracker {self._config.type} {what}"
        self._news.append(
            f"{self.trouble}; the study is whole without it. Send it when you like: "
            f"python -m tuner.export {self._folder} --tracker {self._config.type}"
        )
        self._over = True
        if close:
            self._close()

    def _close(self) -> None:
        """End the process and all that it started; the driver keeps nothing of it."""
        self._over = True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):  # not even a kill ends a wait for a lost disk
            self._process.wait(timeout=1)
        for stream in (self._process.stdin, self._process.stdout, self._words):
            assert stream is not None
            with suppress(OSError):
                stream.close()
