from pathlib import Path

from tests.tuner.analysis.small_study import PSNR, SmallStudy, example, psnr
from tuner.analysis.columns import short_names
from tuner.analysis.comparison import compare
from tuner.analysis.shown_columns import shown_columns


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
    titles = [one.title or one.key for one in shown_columns(compare(example(tmp_path / "s")))]
    assert titles == [
        "trial", "state", "loss.type", "optimizer.learning_rate", "optimizer.betas",
        "validation/psnr max dB", "gain dB", "report's scale", "validation/psnr reported",
        "epochs", "time", "validation/loss min", "validation/psnr_large max dB",
        "validation/psnr_mid max dB",
    ]  # fmt: skip


def test_a_column_only_where_there_is_something_to_show(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s", metrics={"accuracy": "maximize"}, bicubic={})
    study.trial("a", [{"accuracy": 0.5, "seconds": 1.0}], config={})
    titles = [one.title or one.key for one in shown_columns(compare(study.records))]
    assert titles == ["trial", "state", "accuracy max", "epochs", "time"]


def test_both_metrics_of_a_search_come_first(tmp_path: Path) -> None:
    goals = {PSNR: "maximize", "parameters": "minimize"}
    study = SmallStudy(tmp_path / "s", metrics=goals)
    study.trial("a", psnr(27.0), static_metrics={"parameters": 1000, "layers": 2.5})
    columns = shown_columns(compare(study.records))
    shown = {one.title or one.key: one.priority for one in columns}
    assert shown["validation/psnr max dB"] < shown["parameters"] < shown["epochs"]
    assert [one.key for one in columns].count("parameters") <= 1
    assert "layers" in shown
