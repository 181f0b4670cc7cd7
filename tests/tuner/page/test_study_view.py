"""What the views of the study and the search and the drawer say, without a browser."""

import shlex
from pathlib import Path

import pytest

from tests.studies import HOSTILE_NAMES
from tests.tuner.analysis.small_study import CONFIG, SmallStudy, psnr
from tests.tuner.page.scripting import run_script
from tests.tuner.page.test_model import page_data
from tuner.records import EventKind, TrialKind, TrialState

TEXT = """
  const text = (node) => typeof node === "string" ? node : node.children.map(text).join("");
  const found = (node, name) => typeof node === "string" ? [] : [
    ...(node.props.class === name ? [node] : []),
    ...node.children.flatMap((child) => found(child, name)),
  ];
"""


def test_equal_failures_stand_together(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for number, error in enumerate(["loss is nan at 3", "out of memory", "loss is nan at 14"]):
        study.trial(f"T{number}", psnr(20.0), TrialState.FAILED, error=f"Error: {error}")
    code = f"""{TEXT}
      const model = model_js.createModel(given);
      const node = study_js.studyView(selection_js.select(model));
      const [list] = found(node, "failures");
      return list.children.map(text);
    """
    both, alone = run_script(code, page_data(study))
    assert both == ("Error: loss is nan at 32 trials: T0 after 1 epoch, T2 after 1 epoch")
    assert alone == "Error: out of memoryT1 after 1 epoch"


def test_what_happened_is_said_in_words(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    number = study.trial("T9", psnr(20.0))
    repeat = {"kind": TrialKind.CONFIRM, "config": {**CONFIG, "seed": 1}}
    study.trial("T9-seed1", psnr(19.5), **repeat)
    study.records.add_event(study.clock, EventKind.CONFIRMING)
    study.records.add_event(study.clock, EventKind.SEARCHING)
    study.records.add_event(study.clock, EventKind.RETRIED, number, error="lost")
    code = f"""{TEXT}
      const model = model_js.createModel(given);
      const node = study_js.studyView(selection_js.select(model));
      return found(node, "facts").map((table) =>
        table.children[0].children.map((row) => text(row.children[1])));
    """
    overview, happened, *_ = run_script(code, page_data(study))
    assert overview[-1] == "T9: mean 19.50 dB over 1 other seed"
    assert happened == [
        "study started",
        "confirm started: the best trials again, with other seeds",
        "training began",
        "T9 retried error: lost",
    ]


def test_every_kind_of_event_has_words() -> None:
    told = {kind.value for kind in EventKind} - {"promoted"}  # which are too many to be listed
    assert set(run_script("return Object.keys(study_js.HAPPENED);")) == told


def test_what_says_nothing_has_no_row(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(20.0))
    data = page_data(study)
    environment = {"gpus": [], "cuda": None, "cpu": "4 cores", "seeds": [1, 2]}
    data["studies"]["s"]["files"]["environment"] = environment
    code = f"""{TEXT}
      const model = model_js.createModel(given);
      const node = study_js.studyView(selection_js.select(model));
      return found(node, "facts").at(-1).children[0].children.map((row) => row.children.map(text));
    """
    assert run_script(code, data) == [["cpu", "4 cores"], ["seeds", "1, 2"]]


@pytest.mark.parametrize("word", [*HOSTILE_NAMES, "results/a b", "it's", "plain-1.safetensors", ""])
def test_a_command_of_the_drawer_can_be_pasted(word: str) -> None:
    written = run_script("return drawer_js.quoted(given);", word)
    assert shlex.split(f"x {written}") == ["x", word]
    assert (written == word) == (word == "plain-1.safetensors")


def test_importance_is_drawn_to_the_scale_of_all() -> None:
    shares = {"rate": 0.86, "depth": 0.14}
    importance = {"metric": "m", "epoch": 1, "trials": 12, "fit": 0.9, "shares": shares}
    importance["spread"] = {"rate": 0.1, "depth": 0.1}
    code = f"""{TEXT}
      const node = importance_js.importanceChart({{ study: {{ key: "s", analysis: given }} }});
      return found(node, "bar").map((bar) => bar.props.style.width);
    """
    given = {"importance": importance}
    assert run_script(code, given) == ["86.0%", "14.0%"]


def test_of_many_settings_the_important_ones_are_drawn_at_once() -> None:
    shares = {f"s{number:02}": 0.05 for number in range(20)}
    importance = {"metric": "m", "epoch": 1, "trials": 12, "fit": 0.9, "shares": shares}
    importance["spread"] = shares
    code = f"""{TEXT}
      const node = importance_js.importanceChart({{ study: {{ key: "s", analysis: given }} }});
      const details = node.children.find((child) => child.tag === "details");
      return [found(node, "bars").map((bars) => bars.children.length), text(details.children[0])];
    """
    bars, rest = run_script(code, {"importance": importance})
    assert bars == [12, 8]
    assert rest == "8 other settings, 40.0 % together"


SEARCH = f"""{TEXT}
  const model = model_js.createModel(given);
  const selection = selection_js.select(model);
  const known = catalogue_js.catalogue(selection, model);
  const nodes = search_js.searchView(selection, known, model).flat(Infinity).filter(Boolean);
  const all = (name) => nodes.flatMap((node) => found(node, name)).map(text);
  return [all("plot-title"), all("empty")];
"""


def test_each_study_is_weighed_against_a_cost_of_its_own(tmp_path: Path) -> None:
    """And not against the first one's second goal, which the other has not measured."""
    goals = {"accuracy": "maximize", "latency": "minimize"}
    one = SmallStudy(tmp_path / "one", metrics=goals, bicubic={})
    two = SmallStudy(tmp_path / "two")
    for number in range(2):
        one.trial(f"O{number}", [{"accuracy": 0.5 + number / 10, "latency": 3.0 + number}])
        facts = {"parameters": 100 + 50 * number}
        two.trial(f"T{number}", psnr(20.0 + number), static_metrics=facts)
    titles, _ = run_script(SEARCH, page_data(one, two))
    assert "accuracy against latency" in titles
    assert "validation/psnr against parameters" in titles


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([], "No trials yet. They appear here as soon as they start."),
        ([TrialState.RUNNING], "No shown trial of this study has a result yet."),
        ([TrialState.FAILED], "The shown trial failed; Study has the errors."),
        ([TrialState.FAILED] * 3, "All 3 shown trials failed; Study has the errors."),
    ],
)
def test_a_search_without_a_result_says_why(
    tmp_path: Path, states: list[TrialState], said: str
) -> None:
    study = SmallStudy(tmp_path / "s")
    for number, state in enumerate(states):
        study.trial(f"T{number}", (), state, error="boom")
    titles, empty = run_script(SEARCH, page_data(study))
    assert (titles, empty) == ([], [said])
