"""The table in a terminal: exact at some widths, never too wide at any."""

from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from tests.studies import write_study
from tests.tuner.analysis.small_study import SmallStudy, example, psnr
from tuner.analysis.comparison import compare
from tuner.analysis.formats.terminal import ComparisonTable
from tuner.records import Records, TrialKind


def text(shown: RenderableType, width: int) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(shown)
    return [line.rstrip() for line in capture.get().splitlines()]


def test_at_80_columns(tmp_path: Path) -> None:
    comparison = compare(example(tmp_path / "s"), reference="AS-24", diff_only=True)
    assert text(ComparisonTable(comparison), 80) == [
        "                                          validation",
        "                             learning           psnr   gain  report's",
        "trial        state     loss  rate             max dB     dB     scale  epochs",
        "bicubic      -         -     -         26.00 (-1.00)   0.00     5.200       -",
        "T002         complete  mae*  0.002*    28.50 (+1.50)  +2.50     5.700       3",
        "AS-24 (ref)  complete  mse   0.001             27.00  +1.00     5.400       2",
        "T003         stopped   mse   0.0005*   26.50 (-0.50)  +0.50     5.300       1",
        "AS-26        complete  mae*  0.02*     24.00 (-3.00)  -2.00     4.800       2",
        "T005         running   mae*  0.003*                -      -         -       0",
        "T004         failed    mae*  0.1*      29.00 (+2.00)  +3.00     5.800       1",
        "in brackets the difference from AS-24; * a setting that differs from its",
        "no room for: betas, validation/psnr reported, time, validation/loss and 2 more",
        "columns",
    ]


def test_a_narrow_terminal_keeps_what_tells_most(tmp_path: Path) -> None:
    lines = text(ComparisonTable(compare(example(tmp_path / "s"))), 40)
    assert lines[2].split() == ["trial", "max", "dB", "dB", "scale"]
    assert lines[4].split() == ["T002", "28.50", "+2.50", "5.700"]


def test_the_reports_own_figure_stands_beside_ours(tmp_path: Path) -> None:
    lines = text(ComparisonTable(compare(example(tmp_path / "s"))), 200)
    assert "27.00  +1.00     5.400     4.02061" in next(x for x in lines if x.startswith("AS-24"))


def test_better_and_worse_have_colours_and_changes_are_marked(tmp_path: Path) -> None:
    comparison = compare(example(tmp_path / "s"), reference="AS-24")
    console = Console(width=100, color_system="standard", force_terminal=True)
    with console.capture() as capture:
        console.print(ComparisonTable(comparison))
    assert "\x1b[32m (+1.50)" in capture.get() or "\x1b[1;32m (+1.50)" in capture.get()
    assert "\x1b[31m (-3.00)" in capture.get()


def test_a_long_name_takes_several_lines(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("x" * 70, psnr(27.0))
    lines = text(ComparisonTable(compare(study.records)), 80)
    assert "".join(line[:32].strip() for line in lines if line.startswith("x")) == "x" * 70


@pytest.mark.parametrize("width", [30, 40, 60, 80, 100, 140, 250])
@pytest.mark.parametrize("hostile", [False, True])
def test_never_wider_than_the_terminal(tmp_path: Path, width: int, hostile: bool) -> None:
    write_study(tmp_path / "s", trials=12, epochs=4, hostile=hostile)
    with Records.open(tmp_path / "s") as records:
        comparison = compare(records, reference="trial-0006")
    lines = text(ComparisonTable(comparison), width)
    assert max(map(cell_len, lines)) <= width
    assert not any("\x1b" in line or "\u202e" in line for line in lines)


def test_a_wider_terminal_never_shows_less(tmp_path: Path) -> None:
    comparison = compare(example(tmp_path / "s"))
    table = ComparisonTable(comparison)
    shown = [len(table._fitting(width)) for width in range(20, 300, 10)]
    assert shown[0] < shown[-1] == len(table.columns)
    assert table._fitting(20)[0].key == "trial"


def test_of_many_trials_the_first_and_the_baselines(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for number in range(30):
        study.trial(f"T{number:03d}", psnr(20.0 + number / 10))
    study.trial("AS-24", psnr(15.0), kind=TrialKind.BASELINE)
    comparison = compare(study.records, reference="T003")
    lines = text(ComparisonTable(comparison, most=5), 100)
    names = [line.split()[0] for line in lines[3:11]]
    assert names == ["bicubic", "T029", "T028", "T027", "T026", "T025", "T003", "AS-24"]
    assert "... and 24 more trials" in lines


def test_without_trials_only_bicubic(tmp_path: Path) -> None:
    lines = text(ComparisonTable(compare(SmallStudy(tmp_path / "s").records)), 80)
    assert any(line.startswith("bicubic") for line in lines)
