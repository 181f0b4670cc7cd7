"""The table in a terminal: exact at some widths, never too wide at any."""

from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from tests.studies import write_study
from tests.tuner.analysis.small_study import SmallStudy, example, psnr
from tuner.analysis.comparison import compare
from tuner.analysis.formats.terminal import ComparisonTable
from tuner.analysis.summary import study_summary
from tuner.records import Records, TrialKind


def text(shown: RenderableType, width: int) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(shown)
    return [line.rstrip() for line in capture.get().splitlines()]


def test_at_80_columns(tmp_path: Path) -> None:
    comparison = compare(example(tmp_path / "s"), reference="AS-24", diff_only=True)
    assert text(ComparisonTable(comparison), 80) == [
        "                validation",
        "                      psnr                  learning     x2     x4   gain",
        "trial               max dB  state     loss  rate         dB     dB     dB",
        "bicubic      26.00 (-1.00)  -         -     -         28.00  24.00   0.00",
        "T002         28.50 (+1.50)  complete  mae*  0.002*    30.50  26.50  +2.50",
        "AS-24 (ref)          27.00  complete  mse   0.001     29.00  25.00  +1.00",
        "T003         26.50 (-0.50)  stopped   mse   0.0005*   28.50  24.50  +0.50",
        "AS-26        24.00 (-3.00)  complete  mae*  0.02*     26.00  22.00  -2.00",
        "T005                     -  running   mae*  0.003*        -      -      -",
        "T004         29.00 (+2.00)  failed    mae*  0.1*      31.00  27.00  +3.00",
        "all values at each trial's best epoch of validation/psnr",
        "in brackets the difference from AS-24; * where a setting differs from it",
        "no room for: betas, report's scale, validation/psnr reported, epochs and 2 more",
        "columns",
    ]


def test_settings_that_matter_go_before_details_and_those_before_the_rest(tmp_path: Path) -> None:
    """What makes the difference is never what there is no room for."""
    study = SmallStudy(tmp_path / "s")
    for number in range(16):
        skip = "bicubic" if number % 2 else "none"
        params = {
            "network.depth": number // 2 % 3, "network.channels": 8 + number // 4,
            "optimizer.learning_rate": 0.001 * (number % 5), "network.skip": skip,
        }  # fmt: skip
        study.trial(f"T{number:03d}", psnr(20.0 + 5 * (number % 2)), params=params)
    table = ComparisonTable(compare(study.records, reference="T000"))
    shown = [column.heading for column in table._fitting(66)]
    assert shown[:3] == ["trial", "validation/psnr max dB", "skip"]
    assert shown[3:7] == ["x2 dB", "x4 dB", "gain dB", "epochs"]
    assert "state" not in shown
    assert "what explains the differences: skip 100%" in text(table, 66)
    settings = ComparisonTable(table.comparison, settings_first=True)
    shown = [column.heading for column in settings._fitting(66)]
    assert set(shown[2:6]) == {"skip", "depth", "channels", "learning_rate"}


def test_a_column_that_says_nothing_of_the_lines_shown_is_left_out(tmp_path: Path) -> None:
    """Only the second-best was trained again: of the best alone there is no mean to show."""
    study = SmallStudy(tmp_path / "s")
    study.trial("T000", psnr(28.0), params={"network.depth": 2})
    study.trial("T001", psnr(30.0), params={"network.depth": 1})
    study.trial("T000-seed1", psnr(28.5), kind=TrialKind.CONFIRM, params={"network.depth": 2})
    comparison = compare(study.records)
    headings = [column.heading for column in ComparisonTable(comparison).columns]
    assert "mean over seeds dB" in headings
    shortened = ComparisonTable(comparison, most=1)
    assert "mean over seeds dB" not in [column.heading for column in shortened.columns]
    assert {"trial", "state", "validation/psnr max dB"} <= {c.heading for c in shortened.columns}


def test_without_enough_trials_settings_stand_as_in_the_file(tmp_path: Path) -> None:
    table = ComparisonTable(compare(example(tmp_path / "s")))
    assert table.shares == {}
    shown = [column.heading for column in table._fitting(60)]
    assert shown[:5] == ["trial", "validation/psnr max dB", "state", "loss", "learning_rate"]


def test_with_few_trials_what_the_best_has_changed_goes_first(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    base = {"network.depth": 1, "network.channels": 8, "network.skip": "none"}
    study.trial("base", psnr(25.0), params=base, kind=TrialKind.BASELINE)
    study.trial("T001", psnr(27.0), params={**base, "network.skip": "bicubic"})
    study.trial("T002", psnr(24.0), params={**base, "network.depth": 2, "network.channels": 9})
    table = ComparisonTable(compare(study.records, reference="base"))
    assert table.shares == {}
    shown = [column.heading for column in table._fitting(60)]
    assert shown[:4] == ["trial", "validation/psnr max dB", "skip", "x2 dB"]


def test_a_narrow_terminal_keeps_what_tells_most(tmp_path: Path) -> None:
    lines = text(ComparisonTable(compare(example(tmp_path / "s"))), 40)
    assert lines[2].split() == ["trial", "max", "dB", "state", "loss"]
    assert lines[4].split() == ["T002", "28.50", "complete", "mae"]


def test_the_reports_own_figure_stands_beside_ours(tmp_path: Path) -> None:
    lines = text(ComparisonTable(compare(example(tmp_path / "s"))), 200)
    line = next(line for line in lines if line.startswith("AS-24"))
    assert "29.00  25.00  +1.00     5.400     4.02061" in line


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
    assert "and 24 more trials" in lines


def test_without_trials_only_bicubic(tmp_path: Path) -> None:
    lines = text(ComparisonTable(compare(SmallStudy(tmp_path / "s").records)), 80)
    assert any(line.startswith("bicubic") for line in lines)


def test_null_is_a_setting_and_a_missing_one_is_none(tmp_path: Path) -> None:
    """In the table, and among the settings of the best."""
    study = SmallStudy(tmp_path / "s")
    study.trial("without", psnr(25.0), params={"loss.type": "mse"})
    study.trial("null", psnr(26.0), params={"loss.type": "mse", "act": None})
    study.trial("list", psnr(24.0), params={"loss.type": "mse", "act": [None, 1]})
    lines = text(ComparisonTable(compare(study.records)), 100)
    shown = {line.split()[0]: line for line in lines}
    assert " null " in shown["null"][4:]
    assert " null " not in shown["without"]
    assert "[null, 1]" in shown["list"]
    assert "act null" in "\n".join(text(study_summary(study.records), 100))


def test_a_long_name_of_a_setting_does_not_take_the_room_of_its_values(tmp_path: Path) -> None:
    """The only setting that matters was left out for the width of its heading."""
    study = SmallStudy(tmp_path / "s")
    name = "optimizer.learning_rate_of_the_first_layers_of_all"
    for number in range(14):
        study.trial(f"trial_{'x' * 30}_{number}", psnr(20.0 + number), params={name: 0.1 * number})
    lines = text(ComparisonTable(compare(study.records)), 80)
    column = [line for line in lines if "of_all" in line or "rate_of_the" in line]
    assert len(column) >= 2, "of its four lines"
    assert "1.3" in next(line for line in lines if "33.00" in line).split()
