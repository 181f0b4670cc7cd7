"""Modules that the end of a run needs, imported while its trials run."""

import threading
from contextlib import suppress
from importlib import import_module

PAGE = ("tuner.page", "tuner.analysis.summary")
FOREST = ("sklearn.compose", "sklearn.ensemble", "sklearn.inspection")
"""Modules that take long to import: about a second of CPU for the page and the table, and another
second for the importance, which needs enough trials."""


class ImportAhead:
    """Imports them once, in the background.

    Args:
        trials: how many trials there will be; None if only the time is limited.
    """

    def __init__(self, trials: int | None) -> None:
        self._trials = trials
        self._thread: threading.Thread | None = None

    def begin(self) -> threading.Thread:
        """Start importing, unless it has been started; return the thread that does it."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._import, name="import-ahead")
            self._thread.start()
        return self._thread

    def _import(self) -> None:
        from tuner.analysis.importance import FEWEST

        few = self._trials is not None and self._trials < FEWEST
        for module in PAGE if few else (*PAGE, *FOREST):
            with suppress(ImportError):  # reported where it is needed
                import_module(module)
