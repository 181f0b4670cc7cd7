"""study.db: what is written is read, in order, whole, and by others while it grows."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tuner.records import (
    EpochRecord,
    EventKind,
    Records,
    RecordsError,
    TrialKind,
    TrialRecord,
    TrialState,
)

TRIAL = TrialRecord(
    number=0,
    name="AS-24",
    kind=TrialKind.BASELINE,
    state=TrialState.RUNNING,
    params={"optimizer.betas": [0.9, 0.95], "loss.type": "mae"},
    config={"loss": {"type": "mae"}},
    reported={"validation/psnr": 4.02061},
    static_metrics={"parameters": 1234},
    created=10.0,
)


def epoch(number: int, trial: int = 0) -> EpochRecord:
    return EpochRecord(trial, number, {"validation/psnr": float(number)}, 1.0, 2.0, "host:1")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    with Records.create(tmp_path) as records:
        records.set_info("study", "step4")
        records.add_trial(TRIAL)
        records.add_epoch(epoch(1), started=1.0)
        records.add_event(5.0, EventKind.RETRIED, 0, error="it broke: \u202e<script>")
    with Records.open(tmp_path) as records:
        assert records.info["study"] == "step4"
        (trial,) = records.trials()
        assert trial == replace(TRIAL, started=1.0, revision=trial.revision)
        assert records.trial("AS-24") == trial
        assert [replace(row, revision=0) for row in records.epochs(0)] == [epoch(1)]
        (event,) = records.events()
        assert (event.kind, event.trial, event.data["error"]) == (
            "retried", 0, "it broke: \u202e<script>",
        )  # fmt: skip


def test_changes_are_what_came_after_a_revision(tmp_path: Path) -> None:
    with Records.create(tmp_path) as records:
        records.add_trial(TRIAL)
        records.add_epoch(epoch(1))
        seen = records.changes().revision
        records.add_epoch(epoch(2))
        records.update_trial(0, state=TrialState.COMPLETE)
        changes = records.changes(seen)
    assert [row.epoch for row in changes.epochs] == [2]
    assert [trial.state for trial in changes.trials] == [TrialState.COMPLETE]
    assert changes.revision > seen


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    with Records.create(tmp_path) as records:
        records.add_trial(TRIAL)

        def half() -> None:
            with records.transaction():
                records.add_epoch(epoch(1))
                records.update_trial(0, state=TrialState.FAILED)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            half()
        assert records.epochs() == []
        assert records.trial("AS-24").state is TrialState.RUNNING


def test_an_epoch_is_recorded_once(tmp_path: Path) -> None:
    import sqlite3

    with Records.create(tmp_path) as records:
        records.add_trial(TRIAL)
        records.add_epoch(epoch(1))
        with pytest.raises(sqlite3.IntegrityError):
            records.add_epoch(epoch(1))


def test_a_reader_sees_a_study_that_is_being_written(tmp_path: Path) -> None:
    with Records.create(tmp_path) as writer, Records.open(tmp_path) as reader:
        writer.add_trial(TRIAL)
        assert len(reader.trials()) == 1
        writer.add_epoch(epoch(1))
        assert len(reader.epochs()) == 1


def test_never_overwritten(tmp_path: Path) -> None:
    Records.create(tmp_path).close()
    with pytest.raises(RecordsError, match="never overwritten"):
        Records.create(tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"not a database, but long enough to be one" * 99])
def test_what_is_no_study_is_said(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "study.db").write_bytes(content)
    with pytest.raises(RecordsError, match=r"study\.db"):
        Records.open(tmp_path)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    with Records.create(tmp_path) as records:
        records.set_info("format", 99)
    with pytest.raises(RecordsError, match="format 99"):
        Records.open(tmp_path)


def test_a_program_that_keeps_it_locked_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a database browser; the study's own lock keeps a second run out."""
    connect = sqlite3.connect

    def impatient(*args: Any, **more: Any) -> sqlite3.Connection:
        return connect(*args, **(more | {"timeout": 0}))

    monkeypatch.setattr(sqlite3, "connect", impatient)
    with Records.create(tmp_path) as records, closing(connect(records.path)) as browser:
        browser.execute("BEGIN")
        browser.execute("SELECT * FROM trials").fetchall()
        with pytest.raises(RecordsError, match=r"database browser or a notebook, and resume"):
            records.set_info("key", 1)


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    Records.create(tmp_path).close()
    with Records.open(tmp_path) as records, pytest.raises(RecordsError):
        records.set_info("study", "mine")


WRITER = """
import sys
from pathlib import Path
from tuner.records import EpochRecord, Records
with Records.open(Path(sys.argv[1]), write=True) as records:
    first = len(records.epochs()) + 1
    print("ready", flush=True)
    for number in range(first, 100_000):
        with records.transaction():
            records.add_epoch(EpochRecord(0, number, {"m": 1.0}, 0, 1))
            records.update_trial(0, static_metrics={"epochs": number})
"""


def test_killed_while_writing_it_is_whole(tmp_path: Path) -> None:
    with Records.create(tmp_path) as records:
        records.add_trial(TRIAL)
    for wait in (0.05, 0.13, 0.21):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with Records.open(tmp_path) as records:
            epochs = records.epochs()
            assert [row.epoch for row in epochs] == list(range(1, len(epochs) + 1))
            known = records.trial("AS-24").static_metrics
            assert known == ({"epochs": len(epochs)} if epochs else TRIAL.static_metrics)
    assert epochs


def half_written(folder: Path) -> None:
    """A study whose writer was killed within a transaction: the journal lies beside the file."""
    with Records.create(folder) as records:
        records.add_trial(TRIAL)
        records.add_epoch(epoch(1))
    code = (
        "import os, sys; from pathlib import Path; from tuner.records import *\n"
        "records = Records.open(Path(sys.argv[1]), write=True)\n"
        "records._connection.execute('PRAGMA cache_size = 1')\n"
        "with records.transaction():\n"
        "    for n in range(2, 900): records.add_epoch(EpochRecord(0, n, {'m': 1.0}, 0, 1))\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(folder)], cwd=Path(__file__).parents[3], check=False
    )
    assert (folder / "study.db-journal").stat().st_size > 0


@pytest.mark.parametrize("writable", [True, False])
def test_what_a_killed_writer_left_half_done_is_undone_for_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writable: bool
) -> None:
    half_written(tmp_path)
    # Root may write anywhere, so a folder that cannot be written is played by os.access.
    monkeypatch.setattr("tuner.records.sqlite_file.os.access", lambda *_: writable)
    with Records.open(tmp_path) as records:
        assert [row.epoch for row in records.epochs()] == [1]
    assert (tmp_path / "study.db-journal").exists() is not writable
