"""Which columns a comparison has, for programs and for people."""

from pathlib import Path

from tests.tuner.analysis.small_study import PSNR, SmallStudy, example, psnr
from tuner.analysis.cells import cell, notes
from tuner.analysis.columns import short_names
from tuner.analysis.comparison import compare
from tuner.analysis.outcome import best_text
from tuner.analysis.tables import shown_columns, to_frame
from tuner.records import TrialState


def test_short_names_are_as_short_as_is_clear() -> None:
    paths = ["loss.type", "optimizer.learning_rate", "optimizer.type", "a.b.size", "a.c.size", "n"]
    assert short_names(paths) == {
        "loss.type": "loss",
        "optimizer.learning_rate": "learning_rate",
        "optimizer.type": "optimizer",
        "a.b.size": "b.size",
        "a.c.size": "c.size",
        "n": "n",
    }


def test_short_names_never_meet() -> None:
    paths = ["loss", "loss.type", "x.loss", "a.b", "z.a.b", "y.z.a.b"]
    names = short_names(paths)
    assert len(set(names.values())) == len(paths)


def test_what_people_read_and_in_which_order(tmp_path: Path) -> None:
    titles = [one.heading for one in shown_columns(compare(example(tmp_path / "s")))]
    assert titles == [
        "trial", "state", "loss.type", "optimizer.learning_rate", "optimizer.betas",
        "validation/psnr max dB", "validation/psnr_mid dB", "validation/psnr_large dB", "gain dB",
        "report's scale", "validation/psnr reported", "epochs", "time", "validation/loss",
    ]  # fmt: skip


def test_the_reports_scale_only_beside_figures_on_it(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(27.0))
    comparison = compare(study.records)
    assert not any("report" in one.heading for one in shown_columns(comparison))
    best = comparison.best()
    assert best is not None
    assert "report" not in best_text(comparison.studies[0], comparison, best)
    assert "report_scale validation/psnr" in to_frame(comparison).columns


def test_a_trial_that_was_cut_short_says_of_how_many_epochs(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    config = {"training": {"max_epochs": 3}}
    study.trial("whole", psnr(27.0, 27.0, 27.0), config=config)
    study.trial("patient", psnr(26.0, 26.0), config=config)
    study.trial("stopped", psnr(25.0), TrialState.STOPPED, config=config)
    study.trial("unknown", psnr(24.0), TrialState.STOPPED, config={})
    comparison = compare(study.records)
    [epochs] = [one for one in shown_columns(comparison) if one.key == "epochs"]
    texts = {row.trial: cell(comparison, epochs, row).text for row in comparison.rows}
    assert texts == {"whole": "3", "patient": "2", "stopped": "1 of 3", "unknown": "1"}


def test_a_column_only_where_there_is_something_to_show(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s", metrics={"accuracy": "maximize"}, bicubic={})
    study.trial("a", [{"accuracy": 0.5, "seconds": 1.0}], config={})
    titles = [one.heading for one in shown_columns(compare(study.records))]
    assert titles == ["trial", "state", "accuracy max", "epochs", "time"]


def test_both_metrics_of_a_search_come_first(tmp_path: Path) -> None:
    goals = {PSNR: "maximize", "parameters": "minimize"}
    study = SmallStudy(tmp_path / "s", metrics=goals)
    study.trial("a", psnr(27.0), static_metrics={"parameters": 1000, "layers": 2.5})
    columns = shown_columns(compare(study.records))
    shown = {one.heading: one.priority for one in columns}
    assert shown["validation/psnr max dB"] < shown["parameters"] < shown["epochs"]
    assert [one.heading for one in columns].count("parameters") == 1
    assert "layers" in shown


def mixed(folder: Path) -> SmallStudy:
    """Its best loss and its best PSNR are of different epochs."""
    study = SmallStudy(folder)
    study.trial("a", [{PSNR: 28.0, "train/loss": 0.5}, {PSNR: 27.0, "train/loss": 0.125}])
    return study


def test_a_row_holds_the_numbers_of_one_checkpoint(tmp_path: Path) -> None:
    comparison = compare(mixed(tmp_path / "s").records)
    columns = shown_columns(comparison)
    texts = {one.heading: cell(comparison, one, comparison.rows[0]).text for one in columns}
    assert (texts["validation/psnr max dB"], texts["train/loss"]) == ("28.00", "0.5")
    assert notes(comparison, columns, "*") == [
        "all values at each trial's best epoch of validation/psnr"
    ]


def test_the_best_of_each_metric_on_request(tmp_path: Path) -> None:
    comparison = compare(mixed(tmp_path / "s").records, best_of_each=True)
    columns = shown_columns(comparison)
    texts = {one.heading: cell(comparison, one, comparison.rows[0]).text for one in columns}
    assert (texts["validation/psnr max dB"], texts["train/loss min"]) == ("28.00", "0.125")
    assert notes(comparison, columns, "*") == ["the best value of each metric, whatever its epoch"]


def test_programs_are_given_both(tmp_path: Path) -> None:
    [row] = to_frame(compare(mixed(tmp_path / "s").records, best_of_each=True)).iloc[1:].iloc
    assert (row["train/loss best"], row["train/loss at_best"], row["best_epoch"]) == (0.125, 0.5, 1)


def test_trials_on_the_front_are_marked(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s", metrics={PSNR: "maximize", "parameters": "minimize"})
    for name, value, parameters in [("a", 28.0, 2000), ("b", 27.0, 1000), ("c", 26.0, 1500)]:
        study.trial(name, psnr(value), static_metrics={"parameters": parameters})
    comparison = compare(study.records)
    columns = shown_columns(comparison)
    names = [cell(comparison, columns[0], row).text for row in comparison.rows]
    assert names == ["a ◆", "b ◆", "c"]
    assert "◆ no other trial is better in both metrics" in notes(comparison, columns, "*")
    assert list(to_frame(comparison)["front"])[1:] == [True, True, False]
