"""What the end of a run needs, imported while its trials run."""

import threading
from contextlib import suppress
from importlib import import_module

AT_THE_END = (
    "tuner.page",
    "tuner.analysis.summary",
    "sklearn.compose",
    "sklearn.ensemble",
    "sklearn.inspection",
)
"""Modules of the page and of the table that take long to import: two seconds of a core in all."""


class ImportAhead:
    """Imports them once, beside whatever the process does."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def begin(self) -> threading.Thread:
        """Begin, unless that has been done; returns the thread that does it."""
        if self._thread is None:
            self._thread = threading.Thread(target=_import, name="import-ahead")
            self._thread.start()
        return self._thread


def _import() -> None:
    for module in AT_THE_END:
        with suppress(ImportError):  # whoever needs it will say so
            import_module(module)
