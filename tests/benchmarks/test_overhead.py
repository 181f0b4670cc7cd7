"""The comparison of overheads: its figures, and what it says of a package that is missing."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

ROOT = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def overhead(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The script, imported as a module."""
    monkeypatch.syspath_prepend(ROOT)
    monkeypatch.syspath_prepend(ROOT / "overhead_sides")
    import overhead

    yield overhead
    for name in ("overhead", "training"):
        monkeypatch.delitem(sys.modules, name)


def test_the_figures_come_from_what_the_epochs_have_left(overhead: Any, tmp_path: Path) -> None:
    found = overhead.spent("12 13\n12.5 13.5\n13 14\n14 16\n", started=10.0, ended=19.0)
    load = overhead.Load(tmp_path, trials=4, workers=2, epochs=1, seconds=1.0)
    assert (found.first, found.last, found.whole) == (2.0, 6.0, 9.0)
    assert found.around == 5.0
    assert found.per_trial(load) == 1.0


def test_each_side_is_a_program_that_takes_the_same_words(overhead: Any, tmp_path: Path) -> None:
    load = overhead.Load(tmp_path, 4, 2, 1, 0.5)
    assert overhead.Load.of(load.words()) == load
    for side in overhead.ALL.values():
        assert (overhead.SIDES / side.script).is_file()


def test_a_package_that_is_missing_is_said_and_the_others_are_compared(
    overhead: Any, tmp_path: Path
) -> None:
    load = overhead.Load(tmp_path, 2, 1, 1, 0.0)
    missing = overhead.Side("Nobody's", "optuna_alone.py", "no_such_package")
    ran = overhead.run_side(overhead.ALL["optuna"], load)
    said = overhead.run_side(missing, load)
    assert said == "not run, no_such_package is not installed"
    console = Console(width=100, record=True, file=(tmp_path / "out").open("w"))
    console.print(overhead.table({"optuna": ran, "syne-tune": said}, load))
    shown = console.export_text()
    assert "no_such_package" in shown
    assert f"{ran.whole:.1f} s" in shown


def test_one_that_breaks_is_said(overhead: Any, tmp_path: Path) -> None:
    load = overhead.Load(tmp_path, 1, 1, 1, 0.0)
    broken = overhead.Side("Broken", "no_such_script.py", "optuna")
    assert overhead.run_side(broken, load).startswith("not run, exit code 2")
