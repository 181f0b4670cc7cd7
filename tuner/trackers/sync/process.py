"""The process of a tracker: `python -m tuner.trackers.sync.process`, started by the driver.

It reads its job from standard input, a line of JSON, and then `finish` when the study has ended. It
writes lines of JSON: what it is doing (`busy`), that it is waiting (`idle`), and finally `place`
(of the copy) or `failed`. Whatever a tracker's package prints goes to standard error.
"""

import json
import os
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from pydantic import TypeAdapter

from sr_models.file_lock import locked
from tuner.records import Records
from tuner.trackers.secrets import scrub
from tuner.trackers.sync.feed import Feed
from tuner.trackers.sync.location import FOLDER

POLL = 0.5  # seconds between two looks at study.db
ORPHANED = 15.0  # seconds that remain to finish if the driver has died
_NOISE = re.compile(r"\x1b\[[0-9;]*m|-{5,}|\[SQL: .*", re.DOTALL)  # colours, rules, statements
_LONGEST = 400
_UNUSED = "rfc3987_syntax"
"""A package that Neptune's client tries to import, through jsonschema, but does not need. It builds
a grammar for more than a second, which is half of the time that importing the client takes."""


class Link:
    """The connection to the driver."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def busy(self, what: str, done: int, total: int) -> None:
        """Say which piece of work begins; the driver waits for it for a limited time."""
        self.send(busy=what, done=done, total=total)

    def send(self, **message: Any) -> None:
        """Send a message."""
        self._stream.write(json.dumps(message) + "\n")
        self._stream.flush()


def main() -> None:
    """Feed a tracker until the driver says `finish`, or dies."""
    link = Link(_own_stdout())
    sys.modules.setdefault(_UNUSED, None)  # type: ignore[arg-type]  # its import fails at once
    job = json.loads(sys.stdin.readline())
    finishing = threading.Event()
    threading.Thread(target=_listen, args=(finishing,), daemon=True).start()
    try:
        place = _follow(job, link, finishing)
    except Exception as error:  # noqa: BLE001 - a tracker's package may raise anything
        link.send(failed=explain(error))
        code = 1
    else:
        link.send(place=place)
        code = 0
    sys.stderr.flush()
    os._exit(code)  # threads that a package left behind must not keep the process alive


def explain(error: BaseException) -> str:
    """Return an error on a single line, without noise and secrets."""
    text = " ".join(_NOISE.sub("", str(error)).split())
    return scrub(f"{type(error).__name__}: {text}")[:_LONGEST]


def _follow(job: dict[str, Any], link: Link, finishing: threading.Event) -> str:
    from tuner.trackers import TrackerConfig

    config: Any = TypeAdapter(TrackerConfig).validate_python(job["tracker"])
    folder = Path(job["folder"])
    link.busy(f"waiting for another process that feeds this study to {config.type}", 0, 1)
    (folder / FOLDER).mkdir(exist_ok=True)
    path = folder / FOLDER / f"{config.type}.json"
    with locked(path.with_name(f".{config.type}.lock")), Records.open(folder) as records:
        feed = Feed(records, config, path, link.busy, afresh=job["afresh"])
        while not finishing.is_set():
            feed.step()
            link.send(idle=True)
            finishing.wait(POLL)
        feed.finish()
    return feed.place


def _listen(finishing: threading.Event) -> None:
    for line in sys.stdin:
        if line.strip() == "finish":
            finishing.set()
    time.sleep(ORPHANED)  # the driver has died: do not outlive it by much
    os._exit(1)


def _own_stdout() -> TextIO:
    """Standard output for ourselves alone; anything else that is printed goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(own, "w", encoding="utf-8")


if __name__ == "__main__":
    main()
