import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tuner.analysis.small_study import SmallStudy, example, psnr
from tuner.analysis.load import open_named, open_snapshots
from tuner.analysis.snapshot import open_snapshot, read_snapshot
from tuner.records import RecordsError

KILLED = """
import os, sys
from pathlib import Path
from tuner.records import Records
records = Records.open(Path(sys.argv[1]), write=True)
connection = records._connection
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
for number in range(300):
    row = (100 + number, 1.0, "warning", None, '"' + "z" * 1000 + '"')
    connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?)", row)
connection.execute("UPDATE trials SET name = name || 'half'")
os.kill(os.getpid(), 9)
"""


def test_everything_is_read_in_order(tmp_path: Path) -> None:
    snapshot = read_snapshot(example(tmp_path / "s"))
    assert [trial.name for trial in snapshot.trials] == [
        "AS-24", "AS-26", "T002", "T003", "T004", "T005",
    ]  # fmt: skip
    assert [epoch.epoch for epoch in snapshot.epochs[2]] == [1, 2, 3]
    assert snapshot.epochs[5] == ()
    assert snapshot.metrics == ("validation/psnr",)
    assert snapshot.describe("validation/psnr").direction == "maximize"
    assert snapshot.events[0].kind == "started"
    assert snapshot.revision > 0


def test_a_driver_killed_in_mid_write_leaves_a_readable_study(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    example(folder).close()
    before = open_snapshot(folder)
    subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False)
    assert (folder / "study.db-journal").is_file()
    assert open_snapshot(folder) == before


def test_a_damaged_study_beside_a_journal_is_still_damaged(tmp_path: Path) -> None:
    (tmp_path / "study.db").write_bytes(b"no database" * 100)
    (tmp_path / "study.db-journal").write_bytes(b"no journal")
    with pytest.raises(RecordsError, match=r"study\.db.*damaged or not a study"):
        open_snapshot(tmp_path)


def test_a_file_cut_short_is_one_clear_message(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    study = SmallStudy(folder)
    with study.records.transaction():
        for number in range(200):
            study.trial(f"T{number}", psnr(26.0, 27.0))
    study.records.close()
    path = folder / "study.db"
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(RecordsError, match="damaged"):
        open_snapshot(folder)


def test_a_running_study_is_read_while_it_is_written(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(26.0))
    with study.records.transaction():
        study.trial("b", psnr(27.0))
        seen = open_snapshot(tmp_path / "s")
    assert [trial.name for trial in seen.trials] == ["a"]
    assert [trial.name for trial in open_snapshot(tmp_path / "s").trials] == ["a", "b"]


def test_a_read_only_folder_is_read_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    example(folder).close()
    (folder / "study.db").chmod(0o444)
    folder.chmod(0o555)
    try:
        assert len(open_snapshot(folder).trials) == 6
        assert [path.name for path in folder.iterdir()] == ["study.db"]
    finally:
        folder.chmod(0o755)


def test_each_study_once(tmp_path: Path) -> None:
    example(tmp_path / "a").close()
    example(tmp_path / "b").close()
    (tmp_path / "x").mkdir()
    folders = [tmp_path / "b", tmp_path / "a", tmp_path / "x" / ".." / "b"]
    assert [one.folder for one in open_snapshots(folders)] == [tmp_path / "b", tmp_path / "a"]


def test_the_file_itself_names_its_study(tmp_path: Path) -> None:
    example(tmp_path / "a").close()
    assert open_named(tmp_path / "a" / "study.db").folder == tmp_path / "a"


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("stepp4", "there is no study {0}/stepp4; did you mean {0}/step4?"),
        ("", "{0} is not a study: it holds no study.db; it holds the studies {0}/step4, {0}/vgg"),
        ("zz", "there is no study {0}/zz; {0} holds {0}/step4, {0}/vgg"),
        ("none/zz", "there is no study {0}/none/zz"),
        (
            "step4.zip",
            "{0}/step4.zip is packed: unpack it, and name the folder that holds study.db",
        ),
        ("step4/notes.txt", "{0}/step4/notes.txt is not a study: it holds no study.db"),
    ],
)
def test_no_study_there(tmp_path: Path, folder: str, message: str) -> None:
    example(tmp_path / "step4").close()
    shutil.copytree(tmp_path / "step4", tmp_path / "vgg")
    (tmp_path / "step4" / "notes.txt").write_text("")
    (tmp_path / "step4.zip").write_text("")
    with pytest.raises(RecordsError) as raised:
        open_named(tmp_path / folder)
    assert str(raised.value) == message.format(tmp_path)


@pytest.mark.parametrize("typed", ["mine", "mien"])
def test_a_study_is_found_where_runs_land(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    """Who named a run `mine` types that, and not where it lies."""
    monkeypatch.chdir(tmp_path)
    example(tmp_path / "results" / "mine").close()
    with pytest.raises(RecordsError) as raised:
        open_named(Path(typed))
    assert str(raised.value) == f"there is no study {typed}; did you mean results/mine?"
    Path("mine").mkdir()
    with pytest.raises(RecordsError, match=r"mine is not a study.*; did you mean results/mine\?"):
        open_named(Path("mine"))
