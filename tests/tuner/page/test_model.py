"""What the page derives from its data: ranks, statistics, what may be compared."""

from pathlib import Path
from typing import Any

import pytest

from tests.tuner.analysis.small_study import CONFIG, PSNR, SmallStudy, psnr
from tests.tuner.page.scripting import run_script
from tuner.analysis.comparison import compare
from tuner.analysis.snapshot import read_snapshot
from tuner.page.stats import metric_data
from tuner.page.study_data import study_data
from tuner.records import EventKind, TrialKind
from tuner.records.elapsed import runs


def page_data(*studies: SmallStudy) -> dict[str, Any]:
    found = {}
    for study in studies:
        key = study.records.folder.name
        found[key] = study_data(read_snapshot(study.records), key=key, place=key, revision=1)
    return {"studies": found, "index": [], "live": None}


def ranked(data: dict[str, Any]) -> list[str]:
    """The ids of all trials, best first."""
    return run_script(
        """
        const studies = [...model_js.createModel(given).studies.values()];
        const trials = studies.flatMap((study) => [...study.trials.values()]).reverse();
        return trials.sort(model_js.byRank(studies)).map((trial) => trial.id);
        """,
        data,
    )


def test_studies_of_different_goals_are_ranked_one_after_the_other(tmp_path: Path) -> None:
    one, two, three = (
        SmallStudy(tmp_path / name, metrics={goal: way})
        for name, goal, way in [
            ("one", PSNR, "maximize"),
            ("two", "validation/loss", "minimize"),
            ("three", PSNR, "maximize"),
        ]
    )
    for name, value in [("a", 25.0), ("b", 27.0)]:
        one.trial(name, psnr(value))
        two.trial(name, psnr(value))
        three.trial(name, psnr(value + 1))
    assert ranked(page_data(one, two, three)) == [
        "1@three", "1@one", "0@three", "0@one", "1@two", "0@two",
    ]  # fmt: skip


def test_the_order_is_one_order_however_the_trials_came(tmp_path: Path) -> None:
    """A comparator that is not transitive gives another order for every order of its input."""
    studies = []
    for index, goal in enumerate([PSNR, "validation/loss", "validation/psnr_mid"]):
        studies.append(SmallStudy(tmp_path / str(index), metrics={goal: "maximize"}))
        for number in range(5):
            studies[-1].trial(f"T{number}", psnr(20.0 + (number * 7 + index) % 5))
    data = page_data(*studies)
    orders = run_script(
        """
        const studies = [...model_js.createModel(given).studies.values()];
        const trials = studies.flatMap((study) => [...study.trials.values()]);
        const orders = trials.map((_, at) => [...trials.slice(at), ...trials.slice(0, at)]);
        return orders.map((order) =>
          order.sort(model_js.byRank(studies)).map((trial) => trial.id).join(" "));
        """,
        data,
    )
    assert len(set(orders)) == 1


def test_psnr_is_not_ranked_across_different_images(tmp_path: Path) -> None:
    one, two = SmallStudy(tmp_path / "one"), SmallStudy(tmp_path / "two")
    two.records.set_info("data", {"fingerprint": "other images"})
    one.trial("a", psnr(20.0))
    two.trial("a", psnr(30.0))
    assert ranked(page_data(one, two)) == ["0@one", "0@two"]
    two.records.set_info("data", {"fingerprint": "small"})
    assert ranked(page_data(one, two)) == ["0@two", "0@one"]


def test_why_studies_are_not_ranked_as_one(tmp_path: Path) -> None:
    one, two = SmallStudy(tmp_path / "one"), SmallStudy(tmp_path / "two")
    other = SmallStudy(tmp_path / "other", metrics={"accuracy": "maximize"})
    code = "return model_js.rankedApart([...model_js.createModel(given).studies.values()]);"
    assert run_script(code, page_data(one)) is None
    assert run_script(code, page_data(one, two)) is None
    assert "each study: they search for different" in run_script(code, page_data(one, other))
    two.records.set_info("data", {"fingerprint": "other images"})
    found = run_script(code, page_data(one, two))
    assert found.startswith("Ranked within each study: scored on different data")
    third = SmallStudy(tmp_path / "third")
    assert "within studies that are alike" in run_script(code, page_data(one, two, third))


@pytest.mark.parametrize("way", ["minimize", "maximize"])
def test_every_statistic_is_that_of_the_tables(tmp_path: Path, way: str) -> None:
    study = SmallStudy(tmp_path / "s", metrics={"cruelty": way})
    curve = [{"cruelty": v, PSNR: 25.0 + v / 3} for v in (3.0000001, 1.0000004, 1.0000001, 2.0)]
    study.trial("a", curve, static_metrics={"parameters": 7})
    found = run_script(
        """
        const [study] = model_js.createModel(given).studies.values();
        const trial = study.trials.get(0);
        const value = (id) => quantities_js.quantity(id, study).value(trial);
        const kinds = ["at", "best", "min", "max", "last"];
        const names = ["cruelty", "validation/psnr"];
        return { best: trial.bestEpoch, gain: value("gain:at"),
          parameters: value("fact:parameters"),
          values: names.map((name) => kinds.map((kind) => value(`${kind}:${name}`))) };
        """,
        page_data(study),
    )
    [row] = compare(study.records).rows
    expected = [
        [one.at_best, one.best, one.least, one.greatest, one.last]
        for one in (row.metrics["cruelty"], row.metrics[PSNR])
    ]
    assert found["values"] == expected
    assert found["values"][0][1] == (1.0000001 if way == "minimize" else 3.0000001)
    assert (found["best"], found["gain"], found["parameters"]) == (
        row.best_epoch, row.gain.at_best, 7,
    )  # fmt: skip


CELLS = """
  Object.assign(state_js.view, given.view);
  const model = model_js.createModel(given.data);
  const study = [...model.studies.values()][0];
  const shown = [...model.studies.values()].flatMap((one) => [...one.trials.values()]);
  const selection = { key: "k", shown, reference: shown[0] };
  const row = quantities_js.quantity(given.row, study);
  return shown.map((trial) => rows_js.cell(row, trial, selection));
"""


def cells(data: dict[str, Any], row: str, **view: Any) -> list[dict[str, Any]]:
    return run_script(CELLS, {"data": data, "row": row, "view": view})


def test_losses_of_different_kinds_have_no_star_and_no_colour(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for name, loss, value in [("a", "mse", 0.3), ("b", "mae", 0.2), ("c", "mse", 0.1)]:
        curve = [{PSNR: 20 - value, "validation/loss": value}]
        study.trial(name, curve, params={"loss.type": loss})
    found = cells(page_data(study), "at:validation/loss", changes=True)
    assert [one["best"] for one in found] == [False] * 3
    assert [one["change"] for one in found] == [None, "apart", "better"]
    assert [one["difference"] for one in found] == [None, "−0.1", "−0.2"]
    stars = [one["best"] for one in cells(page_data(study), f"at:{PSNR}")]
    assert stars == [False, False, True]


def test_losses_of_one_kind_are_judged(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for value in (0.3, 0.2):
        study.trial(str(value), [{PSNR: 20 - value, "validation/loss": value}])
    found = cells(page_data(study), "best:validation/loss", changes=True)
    assert [(one["best"], one["change"]) for one in found] == [(False, None), (True, "better")]


def test_a_metric_without_a_direction_is_neither_better_nor_worse(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for value in (1.0, 2.0):
        study.trial(str(value), [{PSNR: 20.0, "temperature": value}])
    found = cells(page_data(study), "at:temperature", changes=True)
    assert [(one["text"], one["best"]) for one in found] == [("1", False), ("2", False)]
    assert found[1]["difference"] == "+1"
    assert found[1]["change"] == "apart"


def test_what_the_page_is_told_of_a_metric(tmp_path: Path) -> None:
    snapshot = read_snapshot(SmallStudy(tmp_path / "s").records)
    assert metric_data(snapshot.describe("validation/loss"))["apart"] == ("loss",)
    assert metric_data(snapshot.describe(PSNR))["less"] is False
    assert metric_data(snapshot.describe("unheard of"))["less"] is None


FIND = """
  Object.assign(state_js.view, { q: given.q });
  const model = model_js.createModel(given.data);
  return selection_js.select(model).listed.map((trial) => trial.name);
"""


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("learning_rate=0.001", ["a"]),
        ("optimizer.learning_rate=1e-3", ["a"]),
        ("learning_rate=0.0015878", ["b"]),
        ("learning_rate=0.00158781234", ["b"]),
        ("learning_rate=0.0015", []),
        ("learning_rate=", ["a", "b"]),
        ("loss.type=mse", ["a"]),
        ("type=ms", []),
        ("betas=[0.9,0.95]", ["b"]),
        ("mse", ["a"]),
        ("A learning_rate=0.001", ["a"]),
    ],
)
def test_a_setting_is_found_by_exactly_its_value(
    tmp_path: Path, typed: str, found: list[str]
) -> None:
    study = SmallStudy(tmp_path / "s")
    rate = "optimizer.learning_rate"
    study.trial("a", psnr(20.0), params={rate: 0.001, "loss.type": "mse"})
    other = {rate: 0.00158781234, "loss.type": "mae", "optimizer.betas": [0.9, 0.95]}
    study.trial("b", psnr(19.0), params=other)
    given = {"data": page_data(study), "q": typed}
    assert run_script(FIND, given) == found


COPY = """
  Object.assign(state_js.view, given.view);
  const model = model_js.createModel(given.data);
  const selection = selection_js.select(model);
  const known = catalogue_js.catalogue(selection, model);
  const groups = rows_js.tableRows(selection, known);
  return copy_js.plainMatrix(selection, groups);
"""


def test_a_copied_spreadsheet_has_numbers_alone_in_rows_of_numbers(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(25.0), reported={PSNR: 4.02061})
    study.trial("b", psnr(27.0))
    view = {"changes": True, "scale": "both"}
    rows = run_script(COPY, {"data": page_data(study), "view": view})
    table = {line[0]: line[1:] for line in rows}
    assert table[""] == ["a", "bicubic", "b"]  # the reference first
    assert table["validation/psnr max (dB)"] == ["25.00", "26.00", "27.00"]
    assert table["validation/psnr max (dB) change"] == ["", "+1.00", "+2.00"]
    assert table["validation/psnr (report's scale) reported"] == ["4.02061", "", ""]
    assert table["training time (s)"] == ["10", "", "10"]


def test_baselines_are_counted_in_the_plan(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")  # allows four proposals
    study.records.set_info("file", "study: s\nbaselines: {a: {set: {}}, b: {set: {}}}\n")
    count = "return model_js.planned([...model_js.createModel(given).studies.values()][0]);"
    assert run_script(count, page_data(study)) == 6
    study.trial("a", psnr(20.0), kind=TrialKind.BASELINE)
    assert run_script(count, page_data(study)) == 6
    study.trial("a-seed1", psnr(20.0), kind=TrialKind.CONFIRM)
    assert run_script(count, page_data(study)) == 6, "a repeat is no trial of the search"


def test_time_is_running_time(tmp_path: Path) -> None:
    """As the terminal and the budget count it: no pause, no start of Ray, no run without one."""
    study = SmallStudy(tmp_path / "s")

    def event(seconds: float, kind: EventKind) -> None:
        study.clock += seconds
        study.records.add_event(study.clock, kind)

    event(7, EventKind.SEARCHING)
    study.trial("a", psnr(20.0, 21.0))
    event(1, EventKind.ENDED)
    event(500, EventKind.RESUMED)
    event(6, EventKind.ENDED)  # while Ray was started
    event(900, EventKind.EXTENDED)
    event(8, EventKind.SEARCHING)
    study.trial("b", psnr(20.0))  # then it was killed
    event(700, EventKind.CONFIRMING)
    event(9, EventKind.SEARCHING)
    study.trial("a-seed1", psnr(20.0), kind=TrialKind.CONFIRM)
    read = read_snapshot(study.records)
    epochs = [epoch for trained in read.epochs.values() for epoch in trained]
    script = """
      const [study] = model_js.createModel(given).studies.values();
      const ends = [...study.trials.values()].flatMap((trial) => trial.epochs.ended);
      return running_time_js.runningTime(study, Math.max(...ends));
    """
    ran = sum(run.seconds for run in runs(read.events, epochs))
    assert run_script(script, page_data(study)) == pytest.approx(ran)
    assert ran == 20 + 1 + 10 + 10


def test_the_best_after_a_confirmation_is_a_mean_over_seeds(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for name, seed, value in [("a", 0, 27.0), ("b", 0, 26.9), ("a-seed1", 1, 27.5)]:
        kind = TrialKind.CONFIRM if seed else TrialKind.SEARCH
        settings = {"network": {"channels": 8 if name[0] == "a" else 9}, "seed": seed}
        study.trial(name, psnr(value), config={**CONFIG, **settings}, kind=kind)
    script = """
      const [study] = model_js.createModel(given).studies.values();
      const { best } = study;
      return [best.name, model_js.standing(best), model_js.repeatsText(study)];
    """
    name, standing, repeats = run_script(script, page_data(study))
    assert (name, standing["over"], repeats) == ("a", " over 1 other seed", ", 1 repeat")
    assert standing["value"] == 27.5
    assert standing["gain"] == pytest.approx(1.5), "above bicubic, which has 26"


def repeated(folder: Path, way: str = "maximize") -> SmallStudy:
    """Two settings that were trained again, one that was not, and a better one added later."""
    study = SmallStudy(folder, metrics={PSNR: way})
    sign = 1 if way == "maximize" else -1
    for name, channels, seed, value in [
        ("lucky", 8, 0, 29.0), ("steady", 16, 0, 28.0), ("alone", 32, 0, 27.0),
        ("lucky-seed1", 8, 1, 27.0), ("lucky-seed2", 8, 2, 28.0),
        ("steady-seed1", 16, 1, 28.1), ("later", 64, 0, 30.0),
    ]:  # fmt: skip
        config = {**CONFIG, "network": {"channels": channels}, "seed": seed}
        params = {"network.channels": channels, **({"seed": seed} if seed else {})}
        kind = TrialKind.CONFIRM if seed else TrialKind.SEARCH
        study.trial(name, psnr(sign * value), config=config, params=params, kind=kind)
    return study


@pytest.mark.parametrize("way", ["maximize", "minimize"])
def test_the_page_ranks_as_the_tables_do(tmp_path: Path, way: str) -> None:
    study = repeated(tmp_path / "s", way)
    ids = [f"{row.number}@s" for row in compare(study.records).rows]
    assert ranked(page_data(study)) == ids
    best = "return [...model_js.createModel(given).studies.values()][0].best.name;"
    assert run_script(best, page_data(study)) == "later"


def test_repeats_fold_into_their_trial(tmp_path: Path) -> None:
    data = page_data(repeated(tmp_path / "s"))
    code = """
      Object.assign(state_js.view, given.view);
      const model = model_js.createModel(given.data);
      const selection = selection_js.select(model);
      const known = catalogue_js.catalogue(selection, model);
      const mean = quantities_js.quantity("run:mean", selection.studies[0]);
      const texts = selection.listed.map((trial) => mean.text(mean.value(trial), trial));
      return { names: selection.listed.map((trial) => trial.name), texts,
               searched: known.searched, repeated: known.repeated };
    """
    found = run_script(code, {"data": data, "view": {}})
    assert found == {
        "names": ["later", "steady", "lucky", "alone"],
        "texts": ["–", "28.10 (1)", "27.50 ± 0.71 (2)", "–"],
        "searched": ["network.channels"],
        "repeated": True,
    }
    asked = run_script(code, {"data": data, "view": {"kind": ["confirm"]}})
    assert asked["names"] == ["steady-seed1", "lucky-seed2", "lucky-seed1"]


def test_baselines_of_one_value_share_a_line_and_no_label_covers_another(tmp_path: Path) -> None:
    one, two = SmallStudy(tmp_path / "one"), SmallStudy(tmp_path / "two")
    code = """
      const studies = [...model_js.createModel(given).studies.values()];
      const lines = studies.flatMap((study) => study.compared);
      return beside_js.namedLevels(lines, "validation/psnr");
    """
    assert run_script(code, page_data(one, two)) == [{"text": "bicubic 26.00", "value": 26.0}]
    two.records.set_info("baseline_bicubic", {PSNR: 26.1})
    assert run_script(code, page_data(one, two)) == [
        {"text": "bicubic 26.00 (one)", "value": 26.0},
        {"text": "bicubic 26.10 (two)", "value": 26.1},
    ]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ([], []),
        ([20, 60], [20, 60]),
        ([50, 50], [45, 55]),  # around what both want
        ([50, 52, 54], [42, 52, 62]),
        ([0, 1, 2], [0, 10, 20]),  # not over the frame,
        ([98, 99, 100], [80, 90, 100]),  # nor below it
        ([10, 50, 51, 58], [10, 43, 53, 63]),
    ],
)
def test_names_beside_a_chart_stand_where_none_covers_another(
    wanted: list[float], places: list[float]
) -> None:
    code = "return beside_js.spreadOut(given, { least: 0, most: 100, step: 10 });"
    assert run_script(code, wanted) == pytest.approx(places)


def test_each_study_shows_its_own_images(tmp_path: Path) -> None:
    """Input, baseline and target of a row are those of the study whose trials stand beside them."""
    data = page_data(SmallStudy(tmp_path / "one"), SmallStudy(tmp_path / "two"))
    for name, study in data["studies"].items():
        study["trials"] = [
            {"number": 0, "name": "a", "kind": "search", "state": "complete", "params": {},
             "settings": {}, "created": 0, "started": 0, "ended": 0}
        ]  # fmt: skip
        files = {kind: f"{name}-{kind}.png" for kind in ("x", "mid", "bicubic-mid")}
        scores = {"mid": {"value": 20.0, "baseline": 18.0 if name == "one" else 17.0}}
        study["pictures"] = {
            "outputs": [{"name": "mid", "title": "x2"}],
            "given": [{"kind": "x", "title": "LR", "note": ""}],
            "baseline": "bicubic", "score": None, "left_out": 0,
            "images": [{"k": 0, "name": f"{name}.jpg", "files": files}],
            "trials": {"0": [{"epoch": 1, "files": {"0": {"mid": f"{name}-own.webp"}},
                              "scores": {"0": scores}}]},
        }  # fmt: skip
    code = """
      const model = model_js.createModel(given);
      const asked = [];
      const element = { dataset: {} };
      const view = pictures_js.picturesView(selection_js.select(model), model, () => {});
      const found = [];
      const walk = (node, section) => {
        if (typeof node !== "object" || !node) return;
        if (node.tag === "section") section = node.props["aria-label"];
        if (node.tag === "canvas") {
          const canvas = { isConnected: false, style: {}, dataset: {} };
          node.props.hook(canvas);
          found.push([section, node.props["aria-label"], canvas.wanted.source]);
        }
        node.children.forEach((child) => walk(child, section));
      };
      view.forEach((node) => walk(node));
      return found;
    """
    found = run_script(code, data)
    expected = {
        f"x2 · {name}": {
            ("LR", f"{name}-x.png"),
            (f"bicubic, {score} dB", f"{name}-bicubic-mid.png"),
            (f"target, {name}.jpg", f"{name}-mid.png"),
        }
        for name, score in (("one", "18.00"), ("two", "17.00"))
    }
    for section, shared in expected.items():
        shown = {(label, source) for own, label, source in found if own == section}
        assert shared <= shown
        assert len(shown) == 4


def test_null_is_a_value_and_a_dash_is_none(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(20.0), params={"clip": None})
    study.trial("b", psnr(19.0), params={"clip": 1})
    study.trial("c", psnr(18.0))
    data = page_data(study)
    assert [one["text"] for one in cells(data, "set:clip")] == ["null", "1", "–"]
    find = FIND.replace("q: given.q", "where: given.where")
    for where, names in [("= null", ["a"]), ("≠ null", ["b", "c"]), ("= 1", ["b"])]:
        given = {"data": data, "where": [f"set:clip {where}"]}
        assert run_script(find, given) == names


def test_a_difference_that_rounds_to_nothing_is_neither_better_nor_worse(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for value in (20.0, 20.001, 20.1):
        study.trial(str(value), psnr(value))
    found = cells(page_data(study), f"at:{PSNR}", changes=True)
    assert [(one["change"], one["difference"]) for one in found] == [
        (None, None), ("apart", "+0.00"), ("better", "+0.10"),
    ]  # fmt: skip
