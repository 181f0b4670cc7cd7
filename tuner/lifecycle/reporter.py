"""The interface that a run reports to: a terminal, a notebook, or nothing."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tuner.objectives.protocol import Progress

if TYPE_CHECKING:
    from tuner.core.study import Study
    from tuner.records import Records


class Reporter(Protocol):
    """Shows a run to the person who started it."""

    def say(self, text: str) -> None:
        """Show an important line: a warning, or what has changed."""

    def preparing(self) -> AbstractContextManager[Progress]:
        """Show the progress of what is done once, before the first trial."""

    def starting(self) -> AbstractContextManager[None]:
        """Show that Ray is being started."""

    def running(self, study: "Study", seconds: float | None) -> AbstractContextManager[None]:
        """Show the trials while they run; `seconds` of the time budget are left."""

    def interrupted(self, folder: Path) -> None:
        """Say how to resume the study in `folder`."""

    def finished(self, records: "Records") -> None:
        """Show the result."""


class Silent:
    """Shows nothing."""

    def say(self, text: str) -> None:
        """Do nothing."""

    @contextmanager
    def preparing(self) -> Iterator[Progress]:
        """Ignore the progress."""
        yield lambda what, done, total: None

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Show nothing."""
        yield

    @contextmanager
    def running(self, study: "Study", seconds: float | None) -> Iterator[None]:
        """Show nothing."""
        yield

    def interrupted(self, folder: Path) -> None:
        """Do nothing: the result says it."""

    def finished(self, records: "Records") -> None:
        """Do nothing: the result says it."""
