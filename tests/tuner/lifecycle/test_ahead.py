"""The end of a run finds imported what it needs."""

import sys

import pytest

from tuner.lifecycle import ahead
from tuner.lifecycle.ahead import AT_THE_END, ImportAhead


def test_modules_are_imported_once_and_one_that_is_missing_is_left_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    def import_module(name: str) -> None:
        seen.append(name)
        if name == AT_THE_END[0]:
            raise ImportError(name)

    monkeypatch.setattr(ahead, "import_module", import_module)
    begun = ImportAhead()
    begun.begin().join()
    begun.begin().join()
    assert seen == list(AT_THE_END)


def test_they_are_what_the_page_imports_late() -> None:
    """A name that is none would cost a second again, and no test would fail."""
    ImportAhead().begin().join()
    assert set(AT_THE_END) <= set(sys.modules)
