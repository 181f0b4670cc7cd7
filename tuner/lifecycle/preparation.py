"""The progress of the preparation before the first trial, and where it is shown."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sr_models.plain_text import one_line


class PreparationProgress:
    """Shows what is done once before the first trial: decoding images, downloading."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, int] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` of `what` are done."""
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(escape(one_line(what)), total=total)
            if not self._console.is_terminal:
                text = f"{one_line(what)} ({total})"
                self._console.print(text, highlight=False, markup=False, soft_wrap=True)
        self._progress.update(self._tasks[what], completed=done, total=total)  # type: ignore[arg-type]

    @contextmanager
    def shown(self) -> Iterator["PreparationProgress"]:
        """Show the bars while things are prepared."""
        with self._progress:
            yield self


def make_console(*, quiet: bool) -> Console:
    """Return where progress is shown: standard error, or nowhere."""
    return Console(stderr=True, quiet=quiet, file=None if not quiet else sys.stderr)
