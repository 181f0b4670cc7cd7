"""The end of a run finds imported what it needs."""

import sys

import pytest

from tuner.lifecycle import ahead
from tuner.lifecycle.ahead import FOREST, PAGE, ImportAhead


@pytest.mark.parametrize(
    ("trials", "needed"), [(None, PAGE + FOREST), (10, PAGE + FOREST), (9, PAGE)]
)
def test_modules_are_imported_once_and_one_that_is_missing_is_left_to_others(
    monkeypatch: pytest.MonkeyPatch, trials: int | None, needed: tuple[str, ...]
) -> None:
    seen: list[str] = []

    def import_module(name: str) -> None:
        seen.append(name)
        if name == PAGE[0]:
            raise ImportError(name)

    monkeypatch.setattr(ahead, "import_module", import_module)
    begun = ImportAhead(trials)
    begun.begin().join()
    begun.begin().join()
    assert seen == list(needed)


def test_they_are_what_the_page_imports_late() -> None:
    """A name that is none would cost a second again, and no test would fail."""
    ImportAhead(None).begin().join()
    assert {*PAGE, *FOREST} <= set(sys.modules)
