"""Comparisons as Markdown, CSV and JSON."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.studies import HOSTILE_NAMES, write_study
from tests.tuner.analysis.small_study import PSNR, SmallStudy, example, psnr
from tuner.analysis.comparison import Comparison, compare, compare_studies
from tuner.analysis.formats.document import document
from tuner.analysis.formats.markdown import escape, markdown
from tuner.analysis.formats.spreadsheet import spreadsheet
from tuner.analysis.snapshot import Snapshot
from tuner.records import Records, TrialKind, TrialRecord, TrialState


def named(name: str) -> Comparison:
    """A study of one trial with this name."""
    trial = TrialRecord(0, name, TrialKind.SEARCH, TrialState.FAILED, {}, {}, error=name)
    info = {"study": "s", "metrics": [PSNR], "directions": ["maximize"]}
    return compare(Snapshot(Path("s"), info, (trial,), {0: ()}, ()))


def test_markdown(tmp_path: Path) -> None:
    comparison = compare(example(tmp_path / "s"), reference="AS-24", diff_only=True)
    lines = markdown(comparison).splitlines()
    assert lines[:5] == [
        "| trial | state | loss.type | optimizer.learning_rate | optimizer.betas "
        "| validation/psnr max dB | validation/psnr_mid dB | validation/psnr_large dB | gain dB "
        "| report's scale | validation/psnr reported | epochs | time | validation/loss |",
        "|---|---|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        "| bicubic | - | - | - | - | 26.00 (-1.00) | 28.00 (-1.00) | 24.00 (-1.00) | 0.00 "
        "| 5.200 | - | - | - | - |",
        "| T002 | complete | **mae** | **0.002** | [0.9, 0.999] | 28.50 (+1.50) | 30.50 (+1.50) "
        "| 26.50 (+1.50) | +2.50 | 5.700 | - | 3 | 30.0 s | 0.001413 (-0.000582) |",
        "| AS-24 (ref) | complete | mse | 0.001 | [0.9, 0.999] | 27.00 | 29.00 | 25.00 | +1.00 "
        "| 5.400 | 4.02061 | 2 | 20.0 s | 0.001995 |",
    ]
    assert lines[-1] == (
        "in brackets the difference from AS-24; bold where a setting differs from it"
    )


@pytest.mark.parametrize("name", [*HOSTILE_NAMES, "a|b\nc", "`x` *y* _z_ [a](b) # ~ $m$ \\"])
def test_no_name_breaks_a_markdown_table(name: str) -> None:
    head, rule, row = markdown(named(name)).strip().splitlines()
    count = [len(_cells(line)) for line in (head, rule, row)]
    assert count[0] == count[1] == count[2]
    assert "<script" not in row.replace("\\<script", "")


def _cells(line: str) -> list[str]:
    """The cells of a Markdown row, by its unescaped pipes."""
    unescaped = line.replace("\\\\", "").replace("\\|", "")
    return unescaped.strip().strip("|").split("|")


def test_words_with_underscores_need_no_escape() -> None:
    assert escape("learning_rate") == "learning_rate"
    assert escape("_x_") == "\\_x\\_"


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_holds_exact_values(tmp_path: Path) -> None:
    rows = read(spreadsheet(compare(example(tmp_path / "s"))))
    assert [row["trial"] for row in rows][:2] == ["bicubic", "T002"]
    winner = rows[1]
    assert winner["optimizer.betas"] == "[0.9, 0.999]"
    assert float(winner[f"{PSNR} best"]) == 28.5
    assert winner["validation/loss best"] == "0.001413"
    assert winner[f"reported {PSNR}"] == ""
    assert rows[-1]["error"] == "NonFiniteError: loss is nan"
    assert rows[0]["state"] == ""


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_csv_gives_any_name_back_and_no_formula(name: str) -> None:
    with_name = spreadsheet(named(name))
    [row] = list(csv.reader(io.StringIO(with_name, newline="")))[1:]
    found = row[0]
    assert found.removeprefix("'") == name.removeprefix("'") or found == name
    assert not found.lstrip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"])
def test_csv_text_that_would_run_is_quoted(name: str) -> None:
    rows = list(csv.reader(io.StringIO(spreadsheet(named(name)), newline="")))
    assert rows[1][0] == f"'{name}"


def test_csv_leaves_negative_numbers_alone(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", [{PSNR: -1.5}], params={"x": -2})
    row = read(spreadsheet(compare(study.records)))[-1]
    assert (row["x"], row[f"{PSNR} best"]) == ("-2", "-1.5")


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def check_contract(found: dict[str, Any], *, reference: bool = False) -> None:
    keys = {"study", "metric", "baseline_bicubic", "trials"}
    joined = {"metrics", "directions", "baselines", "front"}
    assert set(found) == keys | joined | ({"reference"} if reference else set())
    assert isinstance(found["study"], str)
    assert all(isinstance(value, float) for value in found["baseline_bicubic"].values())
    for trial in found["trials"]:
        shape = {"trial", "state", "params", "epochs", "seconds", "metrics", "error"}
        joined = {"kind", "best_epoch", "gain", "scales", "reported", "repeats"}
        joined |= {"static_metrics", "reason"}
        assert set(trial) - {"changes"} == shape | joined
        assert trial["state"] in set(TrialState)
        assert isinstance(trial["params"], dict)
        assert isinstance(trial["epochs"], int)
        assert isinstance(trial["seconds"], float)
        assert trial["error"] is None or isinstance(trial["error"], str)
        for metric in trial["metrics"].values():
            assert set(metric) == {"best", "last", "best_epoch", "at_best"}
            assert metric["best"] is None or isinstance(metric["best"], float)


def test_json_is_the_contract(tmp_path: Path) -> None:
    found = strict(document(compare(example(tmp_path / "s"))))
    check_contract(found)
    assert (found["study"], found["metric"]) == ("step4", PSNR)
    assert found["baseline_bicubic"][PSNR] == 26.0
    assert found["baselines"] == {"bicubic": found["baseline_bicubic"]}
    assert found["directions"]["validation/loss"] == "minimize"
    assert found["trials"][0] == {
        "trial": "T002",
        "kind": "search",
        "state": "complete",
        "params": {
            "loss.type": "mae", "optimizer.learning_rate": 0.002, "optimizer.betas": [0.9, 0.999]
        },
        "epochs": 3,
        "seconds": 30.0,
        "best_epoch": 2,
        "metrics": {
            "validation/loss": {
                "best": 0.001413, "last": 0.001585, "best_epoch": 2, "at_best": 0.001413
            },
            "validation/psnr": {"best": 28.5, "last": 28.0, "best_epoch": 2, "at_best": 28.5},
            "validation/psnr_mid": {"best": 30.5, "last": 30.0, "best_epoch": 2, "at_best": 30.5},
            "validation/psnr_large": {"best": 26.5, "last": 26.0, "best_epoch": 2, "at_best": 26.5},
        },
        "gain": 2.5,
        "scales": {"report_scale": {PSNR: 5.7}},
        "reported": {},
        "repeats": None,
        "static_metrics": {},
        "reason": None,
        "error": None,
    }  # fmt: skip
    assert found["trials"][-1]["error"] == "NonFiniteError: loss is nan"


@pytest.mark.parametrize("hostile", [False, True])
def test_json_of_a_realistic_study_is_the_contract(tmp_path: Path, hostile: bool) -> None:
    write_study(tmp_path / "s", trials=20, epochs=6, hostile=hostile, running=2)
    with Records.open(tmp_path / "s") as records:
        check_contract(strict(document(compare(records))))


def test_json_of_an_empty_study(tmp_path: Path) -> None:
    found = strict(document(compare(SmallStudy(tmp_path / "s", bicubic={}).records)))
    assert found.pop("directions") == {}
    assert found == {
        "study": "step4", "metric": PSNR, "metrics": [PSNR], "baseline_bicubic": {},
        "baselines": {}, "front": [], "trials": [],
    }  # fmt: skip


def test_json_has_what_csv_has(tmp_path: Path) -> None:
    goals = {PSNR: "maximize", "parameters": "minimize"}
    study = SmallStudy(tmp_path / "s", metrics=goals)
    baseline = {"kind": TrialKind.BASELINE, "reported": {PSNR: 4.0}, "reason": "scheduler"}
    facts = {"parameters": 2000}
    study.trial("a", psnr(28.0, 27.0), TrialState.STOPPED, static_metrics=facts, **baseline)
    study.trial("b", psnr(27.0), static_metrics={"parameters": 1000})
    study.trial("c", psnr(26.0), static_metrics={"parameters": 1500})
    comparison = compare(study.records, reference="b")
    found = strict(document(comparison))
    assert (found["metrics"], found["front"]) == (list(goals), ["a", "b"])
    assert {name: found["directions"][name] for name in goals} == goals
    rows = {row["trial"]: row for row in read(spreadsheet(comparison))}
    for trial in found["trials"]:
        row = rows[trial["trial"]]
        assert (row["kind"], row["state"]) == (trial["kind"], trial["state"])
        assert row["reason"] == (trial["reason"] or "")
        assert float(row["gain"]) == trial["gain"]
        assert float(row[f"report_scale {PSNR}"]) == trial["scales"]["report_scale"][PSNR]
        assert row[f"reported {PSNR}"] == str(trial["reported"].get(PSNR, ""))
        assert float(row["parameters"]) == trial["static_metrics"]["parameters"]
        for name, metric in trial["metrics"].items():
            for statistic, value in metric.items():
                text = row[f"{name} {statistic}"]
                assert text == "" if value is None else float(text) == value
            changes = trial.get("changes", {"metrics": {}})["metrics"]
            assert row[f"{name} change"] == str(changes.get(name, ""))


def test_json_against_a_reference_says_what_changed(tmp_path: Path) -> None:
    found = strict(document(compare(example(tmp_path / "s"), reference="AS-24")))
    check_contract(found, reference=True)
    assert found["reference"] == "AS-24"
    changes = {trial["trial"]: trial.get("changes") for trial in found["trials"]}
    assert changes["AS-24"] is None
    assert changes["T002"]["params"] == ["loss.type", "optimizer.learning_rate"]
    assert changes["T002"]["metrics"][PSNR] == 1.5


def test_json_of_several_studies_is_a_list(tmp_path: Path) -> None:
    one, two = example(tmp_path / "one"), example(tmp_path / "two")
    found = strict(document(compare_studies([one, two])))
    assert [study["study"] for study in found] == ["one", "two"]
    for study in found:
        check_contract(study)


def test_json_has_null_for_what_is_not_finite(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s", bicubic={PSNR: math.nan})
    study.trial("a", [{PSNR: math.nan, "train/loss": math.inf}], params={"x": [math.inf, 1]})
    found = strict(document(compare(study.records)))
    assert found["trials"][0]["metrics"][PSNR] == dict.fromkeys(
        ("best", "last", "best_epoch", "at_best")
    )
    assert found["trials"][0]["params"] == {"x": [None, 1]}
    assert found["baseline_bicubic"] == {}


@given(st.text())
def test_json_gives_any_name_back(name: str) -> None:
    content = document(named(name)).encode("utf-8", errors="backslashreplace")
    assert strict(content.decode())["trials"][0]["trial"] == name


def test_one_output_is_never_mistaken_for_two(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", [{PSNR: 29.0, "validation/psnr_mid": 29.0}])
    study.trial("b", psnr(27.0), TrialState.INTERRUPTED)
    rows = read(spreadsheet(compare(study.records)))
    scales = {row["trial"]: float(row[f"report_scale {PSNR}"]) for row in rows}
    assert scales == {"bicubic": pytest.approx(5.2), "a": pytest.approx(2.9), "b": 5.4}
