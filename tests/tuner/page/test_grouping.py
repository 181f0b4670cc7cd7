"""Groups of trials and what they reach together; curves over other things than epochs."""

import statistics
from pathlib import Path

import pytest

from tests.tuner.analysis.small_study import SmallStudy, psnr
from tests.tuner.page.scripting import run_script
from tests.tuner.page.test_model import page_data

GROUPS = """
  const model = model_js.createModel(given.data);
  const study = [...model.studies.values()][0];
  const trials = [...study.trials.values()];
  return grouping_js.groupsOf(given.by, trials, study)
    .map(({ name, trials }) => [name, trials.map((trial) => trial.name)]);
"""


def test_by_a_choice_and_without_a_value(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for name, loss in [("a", "mse"), ("b", "mae"), ("c", "mse")]:
        study.trial(name, psnr(20.0), params={"loss.type": loss}, config={})
    study.trial("d", psnr(20.0), config={})
    given = {"data": page_data(study), "by": "set:loss.type"}
    found = run_script(GROUPS, given)
    assert found == [["mae", ["b"]], ["mse", ["a", "c"]], ["–", ["d"]]]


def test_null_is_a_group_of_its_own(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for name, clip in [("a", 1.0), ("b", None), ("c", 0.5), ("d", None)]:
        study.trial(name, psnr(20.0), params={"clip": clip}, config={})
    study.trial("e", psnr(20.0), config={})
    found = run_script(GROUPS, {"data": page_data(study), "by": "set:clip"})
    assert found == [["0.5", ["c"]], ["1", ["a"]], ["null", ["b", "d"]], ["–", ["e"]]]


def test_many_numbers_are_put_into_ranges_that_hold_all(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for number in range(1, 21):
        study.trial(f"T{number}", psnr(20.0), params={"rate": number / 1000})
    found = run_script(GROUPS, {"data": page_data(study), "by": "set:rate"})
    assert [len(trials) for _, trials in found] == [6, 5, 4, 5]
    assert found[0][0] == "0.001 to 0.006"


def test_mean_and_deviation_are_pythons(tmp_path: Path) -> None:
    values = [3.5, 1.25, 9.0, 4.75]
    found = run_script("return grouping_js.summed(given);", [*values, None])
    assert found["mean"] == pytest.approx(statistics.mean(values))
    assert found["deviation"] == pytest.approx(statistics.stdev(values))
    assert (found["low"], found["high"], found["count"]) == (1.25, 9.0, 4)
    assert run_script("return grouping_js.summed([null, 2]).deviation;") is None


def test_a_band_is_of_those_that_reach_an_epoch() -> None:
    curves = [[[1, 1.0], [2, 2.0]], [[1, 3.0]]]
    rows = run_script("return grouping_js.meanBand(given);", curves)
    assert rows[0] == {"x": 1, "mean": 2, "low": pytest.approx(2 - 2**0.5),
                       "high": pytest.approx(2 + 2**0.5)}  # fmt: skip
    assert rows[1] == {"x": 2, "mean": 2, "low": 2, "high": 2}


def test_no_mean_of_losses_of_different_kinds(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for name, loss, depth in [("a", "mse", 1), ("b", "mae", 1), ("c", "mse", 2), ("d", "mse", 2)]:
        curve = [{**psnr(20.0)[0], "validation/loss": 0.1}]
        study.trial(name, curve, params={"loss.type": loss, "depth": depth})
    code = """
      Object.assign(state_js.view, { group: "set:depth" });
      const model = model_js.createModel(given);
      const selection = selection_js.select(model);
      const known = catalogue_js.catalogue(selection, model);
      const texts = (node) => typeof node === "string" ? node : node.children.map(texts).join("");
      const rows = [];
      const walk = (node) => {
        if (typeof node === "string") return;
        if (node.props.class === "group-row") rows.push(node.children.map(texts));
        node.children.forEach(walk);
      };
      table_js.tableView(selection, known, () => {}).forEach((node) => node && walk(node));
      return rows;
    """
    one, two = run_script(code, page_data(study))
    assert one[0].startswith("▸ 1")
    assert "0.1" not in one  # mse and mae
    assert any(cell.startswith("0.1") for cell in two)


def test_curves_over_epochs_time_and_what_is_measured(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    curve = [{**one, "images": 100.0 * k} for k, one in enumerate(psnr(20.0, 21.0), 1)]
    study.trial("first", curve)
    study.trial("second", curve, static_metrics={"parameters": 500})
    code = """
      const model = model_js.createModel(given);
      const trial = [...model.studies.values()][0].trials.get(1);
      return ["epoch", "seconds", "clock", "cost:parameters", "metric:images"]
        .map((x) => axes_x_js.over(x).values(trial));
    """
    assert run_script(code, page_data(study)) == [
        [1, 2], [10, 20], [30, 40], [500, 1000], [100, 200],
    ]  # fmt: skip
