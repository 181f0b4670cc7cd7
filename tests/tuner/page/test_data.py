"""The page's JSON: what it holds of a study, and that it is documented."""

import json
import math
import re
from pathlib import Path

import pytest

from tests.studies import FakeStudy, write_study
from tuner.analysis.comparison import compare
from tuner.analysis.settings import flatten
from tuner.analysis.snapshot import open_snapshot, read_snapshot
from tuner.page import build_page
from tuner.page.builder import place, script_json, unique
from tuner.page.epoch_columns import epoch_columns
from tuner.page.study_data import command_lines, shared_settings, study_data, update_data
from tuner.records import EpochRecord, Records

DOCUMENT = Path(__file__).parents[3] / "docs" / "page-data.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("data") / "step4", pictures=1, picture_sizes=(8, 16))


@pytest.fixture(scope="module")
def data(folder: Path) -> dict:
    html = build_page([folder])
    return json.loads(html.split('id="page-data">')[1].split("</script>")[0])


def test_every_key_is_documented(data: dict) -> None:
    study = data["studies"]["step4"]
    text = DOCUMENT.read_text()
    parts = [
        data,
        data["index"][0],
        study,
        *study["trials"],
        *study["epochs"].values(),
        *study["events"],
        *study["columns"].values(),
        study["gain"],
        *study["baselines"],
        *(one for line in study["baselines"] for one in line["by_parts"].values()),
        *study["stats"].values(),
        {"repeats": None, "mean": None, "deviation": None, "count": None},
        study["files"],
        study["analysis"],
        study["analysis"]["importance"],
        study["pictures"],
        *study["pictures"]["images"],
        *study["pictures"]["outputs"],
        *study["pictures"]["given"],
        *(one for epochs in study["pictures"]["trials"].values() for one in epochs),
    ]
    keys = {key for part in parts for key in part}
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []


def test_best_values_are_those_of_the_tables(folder: Path, data: dict) -> None:
    stats = data["studies"]["step4"]["stats"]
    for row in compare(open_snapshot(folder)).rows:
        if not row.epochs:
            assert str(row.number) not in stats
            continue
        found = stats[str(row.number)]
        assert (found["epoch"], found["parts"]) == (row.best_epoch, list(row.parts))
        assert found["gain"] == [row.gain.at_best, row.gain.best]
        for name, one in row.metrics.items():
            best, epoch, last, other, *at = found["metrics"][name]
            assert (best, epoch, last) == (one.best, one.best_epoch, one.last)
            assert {best, other} == {one.least, one.greatest}
            assert (at or [best]) == [one.at_best]


def test_settings_are_whole_again_when_the_common_ones_are_added(folder: Path, data: dict) -> None:
    study = data["studies"]["step4"]
    assert study["common"]["training.batch_size"] == 10
    configs = {trial.number: flatten(trial.config) for trial in open_snapshot(folder).trials}
    for trial in study["trials"]:
        whole = study["common"] | trial["settings"] | trial["params"]
        assert whole == configs[trial["number"]]
        assert not set(trial["settings"]) & set(study["common"])


def test_updates_hold_what_came_after_a_revision(tmp_path: Path) -> None:
    study = FakeStudy(tmp_path / "s")
    trial = study.start("one")
    study.report(trial)
    seen = study.records.revision
    study.report(trial)
    study.end(trial)
    with Records.open(study.folder) as records:
        update = update_data(records.changes(seen), read_snapshot(records))
    study.close()
    assert update["epochs"][trial]["epoch"] == [2]
    assert update["trials"][0]["state"] == "complete"
    assert update["trials"][0]["settings"]["training.batch_size"] == 10
    assert update["events"] == []
    metrics = update["stats"][trial]["metrics"]
    assert metrics["validation/psnr"][1] == 2  # the best epoch, of all epochs of the trial


def test_epochs_by_column() -> None:
    rows = [
        EpochRecord(0, 1, {"a": 1 / 3, "b": math.nan}, 100.0, 101.5, "w0"),
        EpochRecord(0, 2, {"a": math.inf}, 101.5, 103.004, "w0"),
        EpochRecord(0, 3, {"a": 1e-12, "b": 26.814999612, "c": True}, 103.0, 104.0, "w1"),
    ]
    assert epoch_columns(rows, 100.0) == {
        "epoch": [1, 2, 3],
        "started": [0.0, 1.5, 3.0],
        "ended": [1.5, 3.0, 4.0],
        "worker": [("w0", 2), ("w1", 1)],
        "metrics": {
            "a": [0.333333, None, 1e-12],
            "b": [None, None, 26.814999612],
            "c": [None, None, 1.0],
        },
        "broken": {"a": [1], "b": [0]},
    }


def test_only_what_all_trials_share_is_common() -> None:
    assert shared_settings([{"a": 1, "b": 2}, {"a": 1, "b": 3}, {"a": 1}]) == {"a": 1}
    assert shared_settings([]) == {}
    assert flatten({"a": {"b": {"c": [1]}}, "d": {}}) == {"a.b.c": [1], "d": {}}


def test_json_can_stand_in_a_script_element() -> None:
    hostile = {"a": "</script><!--", "b": [math.nan, -math.inf], "c": "\u2028\ud800 &"}
    text = script_json(hostile)
    assert not re.search(r"[<>&\u2028]", text)
    read = json.loads(text)
    assert read["a"] == hostile["a"]
    assert read["b"] == ["nan", "-inf"]


def test_studies_of_one_name_are_told_apart(tmp_path: Path) -> None:
    assert unique(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]
    one, two = (write_study(tmp_path / part / "step4", trials=2) for part in "ab")
    html = build_page([one, two])
    found = json.loads(html.split('id="page-data">')[1].split("</script>")[0])
    assert list(found["studies"]) == ["a/step4", "b/step4"]


def test_a_page_is_called_as_its_folder_is(tmp_path: Path) -> None:
    """Under `--name live`, say: commands name the folder."""
    html = build_page([write_study(tmp_path / "live", name="step4", trials=2)])
    assert "<title>live</title>" in html
    found = json.loads(html.split('id="page-data">')[1].split("</script>")[0])
    assert list(found["studies"]) == ["live"]


def test_no_absolute_path_is_in_the_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert place(folder) == "results/step4"
    assert str(folder.parent) not in build_page([folder])
    monkeypatch.chdir(folder.parent.parent)
    assert place(folder) == f"{folder.parent.name}/step4"


def test_a_study_without_trials_files_or_goals(tmp_path: Path) -> None:
    with Records.create(tmp_path):
        pass
    snapshot = open_snapshot(tmp_path)
    found = study_data(snapshot, key="k", place="p", revision=0)
    assert (found["trials"], found["goals"], found["files"]["yaml"]) == ([], [], None)
    assert "page-data" in build_page([tmp_path])


@pytest.mark.parametrize("failures", [True, False])
def test_resuming_is_offered_where_something_was_interrupted(
    tmp_path: Path, failures: bool
) -> None:
    """`failures` leaves a trial that was interrupted; otherwise the study has ended."""
    snapshot = open_snapshot(write_study(tmp_path / "s", trials=14, failures=failures))
    offered = [what for what, _ in command_lines(snapshot)]
    assert ("Resume where it was interrupted" in offered) == failures
    assert "Export the best model" in offered
