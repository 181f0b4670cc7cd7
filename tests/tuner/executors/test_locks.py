"""Take its locks away: a study is run by one process all the same."""

import errno
import fcntl
import os
import subprocess
import threading
from pathlib import Path

import pytest

from tests.tuner.crashes import SECTIONS, uninterrupted
from tests.tuner.simulated import (
    SimulatedEngine,
    history,
    new_study,
    run_tuner,
    study_config,
    study_file,
)
from tuner.records import Records
from tuner.records.lock import has_locks, lock_study


class TestWithoutLocks:
    @pytest.fixture(autouse=True)
    def no_locks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As on a network file system whose server knows none."""

        def refuse(*_: object) -> None:
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(fcntl, "flock", refuse)
        monkeypatch.setattr(fcntl, "lockf", refuse)

    def test_a_study_runs_and_can_be_read(self, tmp_path: Path, engine: SimulatedEngine) -> None:
        file = study_file(tmp_path, **SECTIONS)
        engine.epochs = 12
        assert run_tuner(file, "--results", tmp_path) == 130
        engine.epochs = None
        assert run_tuner(file, "--results", tmp_path, "--resume") == 0
        assert history(tmp_path / "toy") == history(uninterrupted(tmp_path / "w", **SECTIONS))

    def test_sqlite_asks_for_none(self, tmp_path: Path) -> None:
        """It would refuse to read and write where the system cannot lock."""
        new_study(study_config(tmp_path), tmp_path / "study").close()
        with lock_study(tmp_path / "study"):
            assert not has_locks(tmp_path / "study")
            with Records.open(tmp_path / "study", write=True) as records, records.transaction():
                records.set_info("key", "value")
                assert not locked(tmp_path / "study" / "study.db")

    def test_two_runs_at_once_are_refused_all_the_same(self, tmp_path: Path) -> None:
        with lock_study(tmp_path):
            said: list[str] = []

            def second() -> None:
                try:
                    with lock_study(tmp_path):
                        said.append("both run")
                except ValueError as error:
                    said.append(str(error))

            # Of another host, since a process of this one that has our number is us.
            (tmp_path / "study.lock").write_text("elsewhere 4711\n")
            other = threading.Thread(target=second)
            other.start()
            other.join()
        assert "is being run by another process (process 4711 on elsewhere)" in said[0]
        assert "If it has died, delete" in said[0]

    def test_what_a_dead_process_of_this_machine_left_is_taken_over(self, tmp_path: Path) -> None:
        process = subprocess.Popen(["true"])
        process.wait()
        (tmp_path / "study.lock").write_text(f"{os.uname().nodename} {process.pid}\n")
        with lock_study(tmp_path):
            pass


def locked(file: Path) -> bool:
    """Whether the system knows of a lock on a file."""
    inode = file.stat().st_ino
    return any(f":{inode} " in line for line in Path("/proc/locks").read_text().splitlines())


def test_with_locks_sqlite_uses_them(tmp_path: Path) -> None:
    new_study(study_config(tmp_path), tmp_path / "study").close()
    with (
        lock_study(tmp_path / "study"),
        Records.open(tmp_path / "study", write=True) as records,
        records.transaction(),
    ):
        assert locked(tmp_path / "study" / "study.db")
