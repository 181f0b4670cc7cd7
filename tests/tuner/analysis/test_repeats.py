from pathlib import Path
from typing import Any

import pytest

from tests.tuner.analysis.small_study import CONFIG, SmallStudy, psnr
from tuner.analysis.cells import cell
from tuner.analysis.comparison import compare
from tuner.analysis.outcome import outcome_lines
from tuner.analysis.rows import Repeats
from tuner.analysis.snapshot import read_snapshot
from tuner.analysis.tables import shown_columns, to_frame
from tuner.records import TrialKind, TrialState


def repeat(
    study: SmallStudy, name: str, channels: int, seed: int, *curve: float, **more: Any
) -> None:
    config = {**CONFIG, "network": {"channels": channels}, "seed": seed}
    kind = TrialKind.SEARCH if seed == 0 else TrialKind.CONFIRM
    study.trial(name, psnr(*curve), config=config, kind=kind, **more)


@pytest.fixture
def study(tmp_path: Path) -> SmallStudy:
    """Two settings; the one that looked better was lucky."""
    small = SmallStudy(tmp_path / "s")
    repeat(small, "lucky", 8, 0, 29.0)
    repeat(small, "steady", 16, 0, 28.0)
    repeat(small, "alone", 32, 0, 27.0)
    for seed, (lucky, steady) in enumerate([(27.0, 28.1), (27.5, 28.3), (28.0, 28.2)], 1):
        repeat(small, f"lucky-seed{seed}", 8, seed, 20.0, lucky)
        repeat(small, f"steady-seed{seed}", 16, seed, steady, 20.0)
    return small


def names(study: SmallStudy) -> list[str]:
    return [row.trial for row in compare(study.records).rows]


def repeats(study: SmallStudy) -> dict[str, Repeats]:
    return {row.trial: row.repeats for row in compare(study.records).rows if row.repeats}


def test_the_best_is_the_best_mean_and_never_a_repeat(study: SmallStudy) -> None:
    comparison = compare(study.records)
    assert names(study)[:3] == ["steady", "lucky", "alone"]
    assert all(row.is_repeat for row in comparison.rows[3:])
    best = comparison.best()
    assert best is not None
    assert best.trial == "steady"
    found = repeats(study)
    assert list(found) == ["steady", "lucky"]
    assert found["steady"].mean == pytest.approx(28.2)
    assert found["lucky"].mean == pytest.approx(27.5)
    assert found["lucky"].deviation == pytest.approx(0.5)


def test_only_a_value_above_those_that_were_confirmed_comes_before_them(
    study: SmallStudy,
) -> None:
    repeat(study, "later", 64, 0, 28.9)  # above both means, not above what was chosen
    assert names(study)[:4] == ["steady", "lucky", "later", "alone"]
    repeat(study, "new best", 96, 0, 29.5)
    assert names(study)[0] == "new best"


def test_repeats_are_ranked_in_the_direction_of_the_metric(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s", metrics={"cruelty": "minimize"})
    for name, channels, seed, value in [
        ("lucky", 8, 0, 1.0), ("steady", 16, 0, 2.0), ("worse", 32, 0, 3.0),
        ("lucky-seed1", 8, 1, 4.0), ("steady-seed1", 16, 1, 2.5),
    ]:  # fmt: skip
        config = {**CONFIG, "network": {"channels": channels}, "seed": seed}
        kind = TrialKind.CONFIRM if seed else TrialKind.SEARCH
        study.trial(name, [{"cruelty": value}], config=config, kind=kind)
    assert names(study) == ["steady", "lucky", "worse", "steady-seed1", "lucky-seed1"]


def test_repeats_that_failed_or_run_are_counted_apart(study: SmallStudy) -> None:
    repeat(study, "lucky-seed4", 8, 4, 35.0, state=TrialState.FAILED)
    repeat(study, "lucky-seed5", 8, 5, 35.0, state=TrialState.RUNNING)
    lucky = repeats(study)["lucky"]
    assert (len(lucky.values), lucky.others) == (3, 2)


def test_a_repeat_without_any_result_says_nothing_yet(tmp_path: Path) -> None:
    small = SmallStudy(tmp_path / "s")
    repeat(small, "a", 8, 0, 29.0)
    repeat(small, "a-seed1", 8, 1, state=TrialState.RUNNING)
    assert repeats(small) == {}


def test_the_seed_is_no_searched_setting(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    config = {**CONFIG, "seed": 0}
    study.trial("a", psnr(27.0), params={"loss.type": "mse"}, config=config)
    params = {"loss.type": "mse", "seed": 1}
    more = {"kind": TrialKind.CONFIRM, "config": {**CONFIG, "seed": 1}}
    study.trial("a-seed1", psnr(26.0), params=params, **more)
    comparison = compare(study.records)
    assert comparison.params == ("loss.type",)
    assert comparison.rows[1].params == params


def test_people_are_shown_one_row_programs_all(study: SmallStudy) -> None:
    comparison = compare(study.records)
    assert [line.trial for line in comparison.shown()[1:]] == ["steady", "lucky", "alone"]
    assert len(comparison.lines()) == 1 + 9
    column = next(one for one in shown_columns(comparison) if one.key == "repeats")
    texts = [cell(comparison, column, row).text for row in comparison.rows[:3]]
    assert column.heading == "mean over seeds dB"
    assert texts == ["28.20 ± 0.10 (3)", "27.50 ± 0.50 (3)", "-"]
    frame = to_frame(comparison)
    assert list(frame["repeats"])[1:3] == [3, 3]
    assert frame["mean"][1] == pytest.approx(28.2)


def test_in_words(study: SmallStudy) -> None:
    repeat(study, "steady-seed4", 16, 4, 28.0, state=TrialState.FAILED)
    snapshot = read_snapshot(study.records)
    lines = [
        text for heading, text in outcome_lines(snapshot, compare(snapshot)) if heading == "seeds"
    ]
    assert lines == [
        "steady: validation/psnr 28.20 ± 0.10 dB over 3 other seeds, 1 without a result, "
        "28.00 as it was found",
        "lucky: validation/psnr 27.50 ± 0.50 dB over 3 other seeds, 29.00 as it was found",
    ]


def test_the_best_is_named_with_its_mean(study: SmallStudy) -> None:
    snapshot = read_snapshot(study.records)
    [text] = [t for heading, t in outcome_lines(snapshot, compare(snapshot)) if heading == "best"]
    assert text == (
        "steady: mean validation/psnr 28.20 ± 0.10 dB over 3 other seeds, 2.20 dB above bicubic"
    )


def test_a_single_repeat_has_no_deviation(tmp_path: Path) -> None:
    small = SmallStudy(tmp_path / "s")
    repeat(small, "a", 8, 0, 29.0)
    repeat(small, "a-seed1", 8, 1, 28.1)
    found = repeats(small)["a"]
    assert (found.mean, found.deviation) == (28.1, None)
    snapshot = read_snapshot(small.records)
    [text] = [t for heading, t in outcome_lines(snapshot, compare(snapshot)) if heading == "seeds"]
    assert text.startswith("a: validation/psnr 28.10 dB over 1 other seed, 29.00")
