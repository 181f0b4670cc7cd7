import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.studies import write_study
from tests.tuner.analysis.small_study import CONFIG, PSNR, SmallStudy, example, psnr
from tuner.analysis.comparison import Comparison, compare, compare_studies
from tuner.analysis.lookup import NoSuchTrialError
from tuner.analysis.rows import Row
from tuner.analysis.snapshot import Snapshot
from tuner.analysis.tables import to_frame
from tuner.records import Records, TrialKind, TrialRecord, TrialState


def row(comparison: Comparison, name: str) -> Row:
    return next(one for one in comparison.rows if one.trial == name)


def test_sorted_best_first_then_without_a_value_then_failed(tmp_path: Path) -> None:
    comparison = compare(example(tmp_path / "s"))
    names = [one.trial for one in comparison.rows]
    assert names == ["T002", "AS-24", "T003", "AS-26", "T005", "T004"]
    best = comparison.best()
    assert best is not None
    assert best.trial == "T002"


def test_best_last_and_epoch_by_the_direction_of_each_metric(tmp_path: Path) -> None:
    winner = row(compare(example(tmp_path / "s")), "T002")
    found = winner.metrics[PSNR]
    assert (found.best, found.last, found.best_epoch) == (28.5, 28.0, 2)
    loss = winner.metrics["validation/loss"]
    assert (loss.best, loss.last, loss.best_epoch) == (0.001413, 0.001585, 2)
    assert winner.epochs == 3
    assert winner.seconds == 30.0


def test_settings_that_a_trial_did_not_set_come_from_its_config(tmp_path: Path) -> None:
    comparison = compare(example(tmp_path / "s"))
    assert comparison.params == ("loss.type", "optimizer.learning_rate", "optimizer.betas")
    assert row(comparison, "AS-24").params["optimizer.betas"] == [0.9, 0.999]
    assert row(comparison, "AS-26").params["optimizer.betas"] == [0.9, 0.95]


def test_a_setting_that_the_config_does_not_have_is_none(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", params={"network.dilations": [1, 2]})
    study.trial("b", params={"loss.type.no.such": 1})
    comparison = compare(study.records)
    assert row(comparison, "b").params["network.dilations"] is None
    assert row(comparison, "a").params["loss.type.no.such"] is None


def test_gain_and_scale_are_derived(tmp_path: Path) -> None:
    comparison = compare(example(tmp_path / "s"))
    winner = row(comparison, "T002")
    assert winner.gain.at_best == pytest.approx(2.5)
    assert winner.scaled[PSNR].at_best == pytest.approx(5.7)
    assert row(comparison, "AS-24").reported == {PSNR: 4.02061}
    [bicubic] = comparison.baselines
    assert bicubic.scaled == {PSNR: pytest.approx(5.2)}
    assert bicubic.metrics[PSNR] == 26.0


def test_the_recorded_gain_goes_before_the_derived_one(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", [{PSNR: 28.0, "validation/gain": 1.25}])
    assert row(compare(study.records), "a").gain.best == 1.25


def test_a_network_for_mid_alone_is_compared_with_bicubic_to_mid(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", [{PSNR: 29.0, "validation/psnr_mid": 29.0}])
    comparison = compare(study.records)
    only = row(comparison, "a")
    assert only.parts == ("mid",)
    assert only.gain.at_best == pytest.approx(1.0)
    assert only.scaled[PSNR].best == pytest.approx(2.9)
    [bicubic] = comparison.baselines
    assert bicubic.metrics == {PSNR: 28.0, "validation/psnr_mid": 28.0, "validation/ssim": 0.8}
    assert bicubic.scaled == {PSNR: pytest.approx(2.8)}


def test_mid_alone_and_both_outputs_in_one_study_keep_their_own_gains(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("mid", [{PSNR: 29.0, "validation/psnr_mid": 29.0}])
    study.trial("both", psnr(27.0))
    comparison = compare(study.records)
    assert row(comparison, "mid").gain.at_best == pytest.approx(1.0)
    assert row(comparison, "both").gain.at_best == pytest.approx(1.0)
    assert comparison.baselines[0].metrics[PSNR] == 26.0


def test_an_objective_without_bicubic_has_neither_row_nor_gain(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s", metrics={"accuracy": "maximize"}, bicubic={})
    study.trial("a", [{"accuracy": 0.5}], config={})
    comparison = compare(study.records)
    assert comparison.baselines == ()
    assert row(comparison, "a").gain.at_best is None
    assert row(comparison, "a").scaled == {}


def test_a_fact_can_be_what_is_searched_for(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s", metrics={PSNR: "maximize", "parameters": "minimize"})
    study.trial("a", psnr(27.0), static_metrics={"parameters": 1000})
    found = row(compare(study.records), "a").metrics["parameters"]
    assert (found.best, found.last, found.best_epoch) == (1000.0, 1000.0, None)


def test_less_is_better_where_the_study_says_so(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s", metrics={"validation/loss": "minimize"})
    study.trial("worse", [{"validation/loss": 0.2}])
    study.trial("better", [{"validation/loss": 0.1}])
    assert [one.trial for one in compare(study.records).rows] == ["better", "worse"]


@pytest.mark.parametrize("name", ["cruelty", "val_cross_entropy", "shortfall"])
def test_less_of_any_name_is_better_where_it_is_said_to_be(tmp_path: Path, name: str) -> None:
    study = SmallStudy(tmp_path / "s", metrics={name: "minimize"})
    study.trial("a", [{name: 3.0}, {name: 1.0}, {name: 2.0}])
    found = row(compare(study.records), "a").metrics[name]
    assert (found.best, found.last, found.best_epoch) == (1.0, 2.0, 2)


def test_nothing_is_guessed_from_a_name(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", [{PSNR: 27.0, "my_loss": 0.5}, {PSNR: 28.0, "my_loss": 0.75}])
    found = row(compare(study.records), "a").metrics["my_loss"]
    assert (found.best, found.best_epoch, found.at_best) == (None, None, 0.75)


def test_losses_of_different_kinds_are_not_judged(tmp_path: Path) -> None:
    """Also where the loss is not searched, but each study has its own."""
    records = []
    for number, loss in enumerate(("mse", "mae", "mse")):
        study = SmallStudy(tmp_path / str(number), name=str(number))
        study.trial("a", psnr(27.0 + number), config={**CONFIG, "loss": {"type": loss}})
        records.append(study.records)
    rows = compare_studies(records, reference="0/a").rows
    judged = {r.study: (c.best[PSNR].better, c.best["validation/loss"].better)
              for r in rows if (c := r.changes)}  # fmt: skip
    assert judged == {"1": (True, None), "2": (True, True)}


def test_studies_of_different_data_are_not_judged(tmp_path: Path) -> None:
    one, two = SmallStudy(tmp_path / "one"), SmallStudy(tmp_path / "two")
    two.records.set_info("data", {"fingerprint": "other images"})
    for study in (one, two):
        study.trial("a", psnr(27.0 if study is one else 28.0))
    rows = compare_studies([one.records, two.records], reference="one/a").rows
    [changes] = [row.changes for row in rows if row.changes]
    assert (changes.best[PSNR].value, changes.best[PSNR].better) == (1.0, None)


def test_a_row_is_of_one_epoch(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s", metrics={"validation/loss": "minimize"})
    study.trial("a", [{"validation/loss": 0.2, PSNR: 27.0}, {"validation/loss": 0.1, PSNR: 26.0}])
    study.trial("b", [{"validation/loss": 0.3, PSNR: 28.0}])
    comparison = compare(study.records, reference="b")
    found = row(comparison, "a")
    assert (found.best_epoch, found.metrics[PSNR].at_best, found.metrics[PSNR].best) == (2, 26, 27)
    assert found.gain.at_best == pytest.approx(0.0)
    assert found.changes is not None
    assert found.changes.at_best[PSNR].value == -2.0
    assert found.changes.best[PSNR].value == -1.0


def test_diff_only_keeps_what_differs(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    same = {"optimizer.betas": [0.9, 0.999], "network.channels": 64.0}
    study.trial("a", params={"loss.type": "mse", **same})
    study.trial("b", params={"loss.type": "mae"}, config=CONFIG)
    comparison = compare(study.records, diff_only=True)
    assert comparison.params == ("loss.type",)
    assert row(comparison, "a").params == {"loss.type": "mse"}


def test_true_is_not_one(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", params={"x": True})
    study.trial("b", params={"x": 1})
    study.trial("c", params={"x": 1.0})
    assert compare(study.records, diff_only=True).params == ("x",)
    against = compare(study.records, reference="b")
    changes = {one.trial: one.changes.params for one in against.rows if one.changes}
    assert changes == {"a": {"x"}, "c": frozenset()}


def test_against_a_reference(tmp_path: Path) -> None:
    comparison = compare(example(tmp_path / "s"), reference="AS-24")
    assert comparison.reference is not None
    assert comparison.reference.trial == "AS-24"
    assert row(comparison, "AS-24").changes is None
    changes = row(comparison, "T002").changes
    assert changes is not None
    assert changes.params == {"loss.type", "optimizer.learning_rate"}
    psnr_change, loss_change = changes.best[PSNR], changes.best["validation/loss"]
    assert (psnr_change.value, psnr_change.better) == (1.5, True)
    assert loss_change.value == pytest.approx(-0.000582)
    assert loss_change.better is None  # MAE against MSE
    same_loss = row(comparison, "T003").changes
    assert same_loss is not None
    assert same_loss.best["validation/loss"].better is False
    worse = row(comparison, "AS-26").changes
    assert worse is not None
    assert worse.best[PSNR].better is False
    bicubic = comparison.baselines[0].changes
    assert bicubic is not None
    assert bicubic.best[PSNR].value == -1.0


def test_equal_is_neither_better_nor_worse(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(27.0))
    study.trial("b", psnr(27.0))
    changes = row(compare(study.records, reference="a"), "b").changes
    assert changes is not None
    assert (changes.best[PSNR].value, changes.best[PSNR].better) == (0.0, None)


def test_best_is_a_reference_by_name_unless_a_trial_bears_it(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(27.0))
    study.trial("b", psnr(28.0))
    assert compare(study.records, reference="best").reference.trial == "b"  # type: ignore[union-attr]
    study.trial("best", psnr(20.0))
    assert compare(study.records, reference="best").reference.trial == "best"  # type: ignore[union-attr]


def test_no_such_reference(tmp_path: Path) -> None:
    with pytest.raises(NoSuchTrialError, match="did you mean 'AS-24'"):
        compare(example(tmp_path / "s"), reference="as24")


def test_a_study_without_trials(tmp_path: Path) -> None:
    comparison = compare(SmallStudy(tmp_path / "s").records)
    assert comparison.rows == ()
    assert comparison.params == ()
    assert comparison.best() is None
    assert comparison.baselines[0].metrics[PSNR] == 26.0


def test_only_failed_trials_have_no_best(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(27.0), TrialState.FAILED, error="boom")
    comparison = compare(study.records)
    assert comparison.best() is None
    assert row(comparison, "a").best(PSNR) == 27.0
    with pytest.raises(NoSuchTrialError):
        compare(study.records, reference="best")


def test_a_study_that_wrote_nothing_yet(tmp_path: Path) -> None:
    with Records.create(tmp_path) as records:
        comparison = compare(records)
    assert comparison.studies[0].name == tmp_path.name
    assert comparison.metric is None
    assert comparison.lines() == ()


def test_metrics_that_some_trials_lack_or_that_are_not_finite(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", [{PSNR: 27.0}, {PSNR: math.nan}])
    study.trial("b", [{"train/loss": math.inf}])
    comparison = compare(study.records)
    assert comparison.metrics == (PSNR, "train/loss")
    found = row(comparison, "a").metrics[PSNR]
    assert (found.best, found.last) == (27.0, None)
    assert PSNR not in row(comparison, "b").metrics
    assert row(comparison, "b").metrics["train/loss"].best is None


def test_several_studies_side_by_side(tmp_path: Path) -> None:
    one, two = example(tmp_path / "one" / "s"), example(tmp_path / "two" / "s")
    comparison = compare_studies([one, two], reference="two/s/AS-24")
    assert [study.name for study in comparison.studies] == ["one/s", "two/s"]
    assert [line.study for line in comparison.lines()] == ["one/s"] * 7 + ["two/s"] * 7
    assert comparison.reference is not None
    assert comparison.reference.study == "two/s"
    with pytest.raises(NoSuchTrialError, match="one/s/AS-24, two/s/AS-24"):
        compare_studies([one, two], reference="AS-24")


def test_frame_has_plain_values_and_a_row_for_bicubic(tmp_path: Path) -> None:
    frame = to_frame(compare(example(tmp_path / "s"), reference="AS-24"))
    assert list(frame["trial"]) == ["bicubic", "T002", "AS-24", "T003", "AS-26", "T005", "T004"]
    winner = frame[frame["trial"] == "T002"].iloc[0]
    assert winner["loss.type"] == "mae"
    assert winner[f"{PSNR} best"] == 28.5
    assert winner[f"{PSNR} best_epoch"] == 2
    assert winner[f"{PSNR} change"] == 1.5
    assert winner["gain"] == 2.5
    assert winner["changed"] == "loss.type optimizer.learning_rate"
    assert frame.columns.is_unique


def test_settings_named_like_other_columns_stay_apart(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", params={"epochs": 3, "trial": "x"}, static_metrics={"parameters": 5})
    frame = to_frame(compare(study.records))
    assert frame.columns.is_unique
    assert frame.iloc[-1]["params.epochs"] == 3
    assert frame.iloc[-1]["epochs"] == 0


def test_a_realistic_study_is_compared_whole(tmp_path: Path) -> None:
    write_study(tmp_path / "s", trials=30, hostile=True)
    with Records.open(tmp_path / "s") as records:
        comparison = compare(records)
    assert len(comparison.rows) == 30
    ranked = [r.best(PSNR) for r in comparison.rows if r.state is not TrialState.FAILED]
    known = [value for value in ranked if value is not None]
    assert known == sorted(known, reverse=True)


trials = st.lists(
    st.tuples(st.sampled_from(TrialState), st.lists(st.floats(), max_size=3)), max_size=6
)


@given(trials)
def test_every_trial_is_there_once_and_none_is_better_than_the_best(
    drawn: list[tuple[TrialState, list[float]]],
) -> None:
    from tuner.records import EpochRecord

    records = [
        TrialRecord(number, f"t{number}", TrialKind.SEARCH, state, {}, {})
        for number, (state, _) in enumerate(drawn)
    ]
    epochs = {
        number: tuple(EpochRecord(number, e, {PSNR: v}, 0, 1) for e, v in enumerate(curve, 1))
        for number, (_, curve) in enumerate(drawn)
    }
    info = {"study": "s", "metrics": [PSNR], "directions": ["maximize"]}
    comparison = compare(Snapshot(Path("s"), info, tuple(records), epochs, ()))
    assert sorted(one.number for one in comparison.rows) == list(range(len(drawn)))
    best = comparison.best()
    finite = [
        value
        for state, curve in drawn
        for value in curve
        if math.isfinite(value) and state is not TrialState.FAILED
    ]
    assert (best.best(PSNR) if best else None) == max(finite, default=None)
