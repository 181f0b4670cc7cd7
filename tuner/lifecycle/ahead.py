"""What the end of a run needs, imported while its trials run."""

import threading
from contextlib import suppress
from importlib import import_module

PAGE = ("tuner.page", "tuner.analysis.summary")
FOREST = ("sklearn.compose", "sklearn.ensemble", "sklearn.inspection")
"""Modules that take long to import: of the page and the table a second of a core, of importance
another, where there are trials enough for it."""


class ImportAhead:
    """Imports them once, beside whatever the process does.

    Args:
        trials: how many there will be; None where only the time is limited.
    """

    def __init__(self, trials: int | None) -> None:
        self._trials = trials
        self._thread: threading.Thread | None = None

    def begin(self) -> threading.Thread:
        """Begin, unless that has been done; returns the thread that does it."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._import, name="import-ahead")
            self._thread.start()
        return self._thread

    def _import(self) -> None:
        from tuner.analysis.importance import FEWEST

        few = self._trials is not None and self._trials < FEWEST
        for module in PAGE if few else (*PAGE, *FOREST):
            with suppress(ImportError):  # whoever needs it will say so
                import_module(module)
