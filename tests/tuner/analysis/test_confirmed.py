from pathlib import Path
from typing import Any

import pytest

from tests.tuner.analysis.small_study import CONFIG, SmallStudy, psnr
from tuner.analysis.comparison import compare
from tuner.analysis.confirmed import Confirmed, confirmed
from tuner.analysis.outcome import confirmed_text, outcome_lines
from tuner.analysis.snapshot import read_snapshot
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


def found(study: SmallStudy) -> list[Confirmed]:
    snapshot = read_snapshot(study.records)
    return confirmed(snapshot, compare(snapshot))


def test_ranked_by_the_mean_over_the_other_seeds(study: SmallStudy) -> None:
    steady, lucky = found(study)
    assert (steady.row.trial, lucky.row.trial) == ("steady", "lucky")
    assert steady.mean == pytest.approx(28.2)
    assert lucky.mean == pytest.approx(27.5)
    assert lucky.deviation == pytest.approx(0.5)


def test_repeats_that_failed_or_run_are_counted_apart(study: SmallStudy) -> None:
    repeat(study, "lucky-seed4", 8, 4, 35.0, state=TrialState.FAILED)
    repeat(study, "lucky-seed5", 8, 5, 35.0, state=TrialState.RUNNING)
    lucky = found(study)[1]
    assert (len(lucky.values), lucky.others) == (3, 2)


def test_a_repeat_without_any_result_says_nothing_yet(tmp_path: Path) -> None:
    small = SmallStudy(tmp_path / "s")
    repeat(small, "a", 8, 0, 29.0)
    repeat(small, "a-seed1", 8, 1, state=TrialState.RUNNING)
    assert found(small) == []


def test_in_words(study: SmallStudy) -> None:
    snapshot = read_snapshot(study.records)
    lines = [
        text for heading, text in outcome_lines(snapshot, compare(snapshot)) if heading == "seeds"
    ]
    assert lines == [
        "steady: validation/psnr 28.20 ± 0.10 dB over 3 other seeds, 28.00 as it was found",
        "lucky: validation/psnr 27.50 ± 0.50 dB over 3 other seeds, 29.00 as it was found",
    ]
    one = Confirmed(found(study)[0].row, (28.1,), 2)
    assert confirmed_text(read_snapshot(study.records), one) == (
        "steady: validation/psnr 28.10 dB over 1 other seed, 2 without a result, "
        "28.00 as it was found"
    )
