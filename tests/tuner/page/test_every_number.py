"""Every number that the page shows of trials is in the JSON of the report, to its last digit.

The page's views are drawn without a browser, as the trees of which it makes the document.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tuner.analysis.small_study import CONFIG, PSNR, SmallStudy, psnr
from tests.tuner.page.scripting import run_script
from tests.tuner.page.test_model import page_data
from tuner.analysis.comparison import compare
from tuner.analysis.formats.document import document
from tuner.analysis.snapshot import read_snapshot
from tuner.objectives.metric import Metric
from tuner.page.analysis_data import analysis_data
from tuner.records import TrialKind, TrialState

VIEWS = """
  const model = model_js.createModel(given.data);
  const stats = ["at", "best", "last"];
  const shown = [];
  for (const key of model.studies.keys()) {
    Object.assign(state_js.view, { study: [key], stat: stats, changes: given.changes });
    Object.assign(state_js.view, { kind: given.kind, scale: "both", row: [], diff: false });
    const selection = selection_js.select(model);
    const known = catalogue_js.catalogue(selection, model);
    state_js.view.row = rows_js.rowChoices(known).flatMap((group) =>
      group.choices.filter((one) => !one.atFirst).map((one) => one.id));
    const text = (node) => typeof node === "string" ? node : node.children.map(text).join("");
    const walk = (view, node, trial, row) => {
      if (typeof node === "string") return;
      trial = node.props["data-trial"] ?? trial;
      row = node.props["data-row"] ?? row;
      const leaf = node.tag === "td" || ["gridcell", "status"].includes(node.props.role);
      if (leaf || node.props.class === "status") {
        shown.push([key, view, trial ?? null, row ?? null, text(node)]);
        return;
      }
      node.children.forEach((child) => walk(view, child, trial, row));
    };
    const draw = (name) => views_js.pageOf(model, selection, () => {})
      .filter(Boolean).forEach((node) => walk(name, node));
    for (const tab of ["compare", "trials", "curves", "search"]) {
      Object.assign(state_js.view, { tab, trial: "" });
      draw(tab);
    }
    for (const trial of selection.all) {
      Object.assign(state_js.view, { tab: "curves", aside: false, trial: trial.id });
      draw("drawer");
    }
    state_js.view.aside = true;
  }
  return shown;
"""
REFERENCES = {"first": "AS-24", "least": "L0", "own": "O0"}
NUMBER = re.compile(r"[+−-]?\d+(?:\.\d+)?(?:e[+−-]?\d+)?")


def studies(folder: Path) -> list[SmallStudy]:
    """Repeats, failed and stopped trials; a minimised metric; an objective without pictures."""
    first = SmallStudy(folder / "first", name="first")
    for name, channels, seed, value in [
        ("lucky", 8, 0, 29.125), ("steady", 16, 0, 28.0449), ("lucky-seed1", 8, 1, 27.5),
        ("lucky-seed2", 8, 2, 28.25),
    ]:  # fmt: skip
        config = {**CONFIG, "network": {"channels": channels}, "seed": seed}
        kind = TrialKind.CONFIRM if seed else TrialKind.SEARCH
        params = {"network.channels": channels, "optimizer.learning_rate": 0.00012345 * channels}
        first.trial(name, psnr(value - 3, value, value - 1.5), config=config, params=params,
                    kind=kind, static_metrics={"parameters": 1000 + channels})  # fmt: skip
    first.trial("AS-24", psnr(24.0), kind=TrialKind.BASELINE, reported={PSNR: 4.02061})
    first.trial("slow", psnr(21.5), TrialState.STOPPED, reason="scheduler")
    first.trial("broken", psnr(30.5), TrialState.FAILED, error="NonFiniteError: loss is nan")
    least = SmallStudy(folder / "least", name="least", metrics={"validation/loss": "minimize"})
    for index in range(3):
        curve = [{"validation/loss": 0.5 / (index + k), PSNR: 20.0 + index} for k in (1, 2, 3)]
        least.trial(f"L{index}", curve, params={"loss.type": "mae"})
    own = SmallStudy(folder / "own", name="own", metrics={"accuracy": "maximize"}, bicubic={})
    described = [Metric("accuracy", "maximize", unit="%", decimals=1), Metric("lr")]
    own.records.set_info("metrics_described", [metric.to_info() for metric in described])
    for index in range(3):
        curve = [{"accuracy": 70.05 + index + k / 7, "lr": 0.1**k} for k in (1, 2)]
        own.trial(f"O{index}", curve, params={"batch": 2**index, "rate": 1.5e-7 * (index + 1)})
    return [first, least, own]


def numbers_in(value: Any) -> Iterator[float]:
    """All numbers of JSON, those in texts as well."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, str):
        yield from (float(text) for text in NUMBER.findall(value.replace("−", "-")))
    else:
        for one in value.values() if isinstance(value, dict) else value:
            yield from numbers_in(one)


def is_shown(text: str, numbers: set[float]) -> bool:
    """Whether a text is one of these numbers, rounded to as many digits as it has."""
    plain = text.replace("−", "-").removeprefix("+")
    digits = len(plain.partition("e")[0].partition(".")[2])
    unit = 10.0 ** (int(plain.partition("e")[2] or 0) - digits)
    value = float(plain)
    return any(abs(abs(one) - abs(value)) <= unit * 0.5000001 for one in numbers)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """The page's data of all studies, and the JSON of each."""
    all_studies = studies(tmp_path_factory.mktemp("numbers"))
    data = page_data(*all_studies)
    for study in all_studies:
        key = study.records.folder.name
        data["studies"][key]["analysis"] = analysis_data(read_snapshot(study.records))
    return data, {
        study.records.folder.name: json.loads(
            document(compare(study.records, reference=REFERENCES[study.records.folder.name]))
        )
        for study in all_studies
    }


@pytest.mark.parametrize("kind", [[], ["confirm"]])
@pytest.mark.parametrize("changes", [False, True])
def test_every_number_of_a_trial_is_in_the_json(
    made: tuple[dict[str, Any], dict[str, Any]], changes: bool, kind: list[str]
) -> None:
    data, documents = made
    shown = run_script(VIEWS, {"data": data, "changes": changes, "kind": kind})
    checked = 0
    for key, view, trial, row, text in shown:
        study = data["studies"][key]
        name = study["trials"][int(trial.split("@")[0])]["name"] if trial else None
        rows = {one["trial"]: one for one in documents[key]["trials"]}
        reference = rows[REFERENCES[key]]
        if name is None:  # the study as a whole, and what its trials are compared with
            known = [documents[key], study["baselines"], study["planned"], len(rows)]
            differences = set(pairs(study["baselines"], reference))
        else:
            setting = [one["settings"] for one in study["trials"] if one["name"] == name]
            known = [rows[name], setting, study["common"]]
            differences = set(changed(rows[name], reference))
        numbers = set(numbers_in(known))
        if changes:
            numbers |= differences
        if view == "drawer":  # beside the trial stands the reference
            numbers |= set(numbers_in([reference, reference_settings(study, REFERENCES[key])]))
        for number in NUMBER.findall(text):
            checked += 1
            assert is_shown(number, numbers), (key, view, name, row, text, number)
    assert checked > 400


def changed(value: Any, other: Any) -> Iterator[float]:
    """The differences of the numbers that stand in the same place."""
    if isinstance(value, dict) and isinstance(other, dict):
        for key in value.keys() & other.keys():
            yield from changed(value[key], other[key])
    elif all(isinstance(one, int | float) for one in (value, other)):
        yield float(value) - float(other)


def pairs(value: Any, other: Any) -> Iterator[float]:
    """All differences of the numbers of two parts."""
    ours, theirs = set(numbers_in(value)), set(numbers_in(other))
    yield from (a - b for a in ours for b in theirs)


def reference_settings(study: dict[str, Any], name: str) -> Any:
    return [one["settings"] for one in study["trials"] if one["name"] == name]
