"""Kill it anywhere, fill its disk, take its locks away: a study is not lost."""

import contextlib
import errno
import fcntl
import os
import random
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.tuner.processes import ROOT, Run
from tests.tuner.simulated import (
    SimulatedEngine,
    history,
    new_study,
    run_jobs,
    run_tuner,
    study_config,
    study_file,
    trained,
)
from tuner.records import Records, TrialState
from tuner.records.lock import has_locks, lock_study

SECTIONS: dict[str, Any] = {
    "objective": {"max_epochs": 9, "seconds_per_epoch": 0.15},
    "baselines": {"AS-1": {"set": {"x": 0.5}}},
    "scheduler": {"type": "asha", "grace_period": 2, "mode": "promote"},
    "budget": {"trials": 6},
    "workers": 1,
    "threads": 1,
    "gpus_per_trial": 0,  # so that no driver needs torch, which takes long to import
}


def uninterrupted(root: Path, **sections: Any) -> Path:
    """The same study, run to its end at once and without Ray."""
    root.mkdir()
    sections["objective"] = sections.get("objective", {}) | {"seconds_per_epoch": 0.0}
    config = study_config(root, **sections)
    new_study(config, root / "study").close()
    run_jobs(config, root / "study")
    return root / "study"


def integrity(folder: Path) -> str:
    with contextlib.closing(sqlite3.connect(folder / "study.db")) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def states(folder: Path) -> dict[str, TrialState]:
    with Records.open(folder) as records:
        return {trial.name: trial.state for trial in records.trials()}


@pytest.mark.timeout(900)  # three starts of Ray, on whatever else runs there
def test_killed_again_and_again_it_equals_one_that_was_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    """Kill -9 of the driver, of all of Ray, and Ctrl-C; a second run in between is refused.

    Each start of Ray takes 10 s, so the end of the study is simulated.
    """
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    moment = random.Random(seed)
    file = study_file(tmp_path, **SECTIONS)
    folder = tmp_path / "results" / "toy"
    command = (file, "--results", tmp_path / "results")

    run = Run(*command)
    run.wait_for(folder, moment.randint(1, 6))
    assert run_tuner(*command, "--resume") == 2
    assert "is being run by another process" in capsys.readouterr().err
    time.sleep(moment.random() * 0.3)
    run.kill()
    assert integrity(folder) == "ok"

    run = Run(*command, "--resume")
    run.wait_for(folder, 8 + moment.randint(1, 6))
    time.sleep(moment.random() * 0.3)
    run.kill_ray()
    code, said = run.wait()
    assert code == 1
    assert "Ray has died" in said
    assert "--resume" in said
    assert TrialState.RUNNING not in states(folder).values()

    run = Run(*command, "--resume")
    run.wait_for(folder, 16 + moment.randint(1, 6))
    run.press_ctrl_c()
    code, said = run.wait()
    assert code == 130
    assert "interrupted; nothing is lost" in said
    assert "study.yaml --resume" in said
    assert "Traceback" not in said
    assert TrialState.RUNNING not in states(folder).values()

    request.getfixturevalue("engine")
    assert run_tuner(*command, "--resume") == 0
    whole = uninterrupted(tmp_path / "whole", **SECTIONS)
    assert history(folder) == history(whole)
    lines = trained(folder)
    assert set(lines) == set(trained(whole)), "no epoch is lost"
    assert len(lines) <= len(set(lines)) + 3, "but for those under way, none was trained twice"


@dataclass
class SmallDisk:
    """A disk that is full soon, until it is `freed`."""

    folder: Path
    freed: Callable[[], None]
    engine: SimulatedEngine | None  # in place of Ray, whose workers a process's limit would miss


KIB = 1024
DISK_ERRORS = ("No space left on device", "the disk is full", "File too large", "disk did not")
MakeDisk = Callable[[int, int], SmallDisk]


def mounted(folder: Path, *options: str) -> bool:
    """Whether a file system in memory could be mounted there."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def small_disk(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeDisk]:
    """Makes a disk with so much room: a real one, or else a limit on the size of any file.

    The limit hits what the room does: large checkpoints, or study.db as it grows.
    """
    folder = tmp_path / "disk"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def make(room: int, limit: int) -> SmallDisk:
        if mounted(folder, "-o", "size=16m"):
            request.getfixturevalue("ray_started")
            ballast = folder / "ballast"
            with contextlib.suppress(OSError), ballast.open("wb") as file:
                file.write(b"0" * (16 * 2**20 - room))
            return SmallDisk(folder, ballast.unlink, None)
        monkeypatch.setattr("tests.tuner.simulated.hurry", lambda _: None)
        engine: SimulatedEngine = request.getfixturevalue("engine")
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        return SmallDisk(folder, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before), engine)

    yield make
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


class TestFullDisk:
    @pytest.mark.parametrize(
        ("room", "limit", "weights"),
        [(600 * KIB, 400 * KIB, 500), (120 * KIB, 36 * KIB, 0)],
        ids=["worker", "driver"],
    )
    def test_interrupts_the_study_and_damages_nothing(
        self,
        tmp_path: Path,
        small_disk: MakeDisk,
        capsys: pytest.CaptureFixture[str],
        room: int,
        limit: int,
        weights: int,
    ) -> None:
        """A worker with large checkpoints hits it first, a driver with many records."""
        sections = SECTIONS | {"objective": {"max_epochs": 9, "weights": weights}}
        file = study_file(tmp_path, **sections, retries=0)
        disk = small_disk(room, limit)
        folder = disk.folder / "toy"
        assert run_tuner(file, "--results", disk.folder) == 1
        error = capsys.readouterr().err
        assert "error: " in error
        assert any(text in error for text in DISK_ERRORS), error
        assert "go on with --resume" in error
        assert "Traceback" not in error
        assert integrity(folder) == "ok"
        assert TrialState.FAILED not in states(folder).values(), "no trial is to blame"
        disk.freed()
        assert run_tuner(file, "--results", disk.folder, "--resume") == 0
        whole = uninterrupted(tmp_path / "whole", **sections)
        assert history(folder) == history(whole)
        lines = trained(folder)
        assert len(lines) <= len(set(lines)) + 1

    def test_at_the_very_start(
        self,
        tmp_path: Path,
        small_disk: MakeDisk,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        file = study_file(tmp_path, **SECTIONS | {"objective": {"max_epochs": 1}})
        disk = small_disk(4 * KIB, 4 * KIB)
        assert run_tuner(file, "--results", disk.folder) == 1
        error = capsys.readouterr().err
        assert "Traceback" not in error
        assert str(disk.folder) in error
        disk.freed()
        assert run_tuner(file, "--results", disk.folder) == 0, "it leaves nothing in the way"

    def test_before_the_study_is_made_nothing_is_there_to_resume(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], engine: SimulatedEngine
    ) -> None:
        """So the advice is to give the command again, and that works."""
        file = study_file(tmp_path, **SECTIONS)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8 * KIB, before[1]))
        try:
            assert run_tuner(file, "--results", tmp_path / "results") == 1
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        error = capsys.readouterr().err
        assert any(text in error for text in DISK_ERRORS), error
        assert error.endswith("then give the same command again\n")
        assert run_tuner(file, "--results", tmp_path / "results") == 0


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder one that cannot be written, for root too."""
    bound = subprocess.run(
        ["mount", "--bind", str(folder), str(folder)], capture_output=True, check=False
    )
    if bound.returncode == 0:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    user, mode = os.geteuid(), folder.stat().st_mode
    folder.chmod(0o555)
    if user == 0:
        os.seteuid(65534)  # nobody, since root may write everywhere
    try:
        yield
    finally:
        os.seteuid(user)
        folder.chmod(mode)


@pytest.mark.parametrize("options", [["--resume"], ["--name", "other"]], ids=str)
def test_a_read_only_folder_is_said_to_be(
    tmp_path: Path,
    engine: SimulatedEngine,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)  # pytest's are for their owner only
    results = tmp_path / "results"
    file = study_file(tmp_path, **SECTIONS)
    engine.epochs = 5
    assert run_tuner(file, "--results", results) == 130
    capsys.readouterr()
    with read_only(results):
        assert run_tuner(file, "--results", results, *options) == 2
    error = capsys.readouterr().err
    assert "cannot be written" in error
    assert "Traceback" not in error


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


KILLED_AT_ITS_START = """
import os, sys
from unittest.mock import patch
from tests.tuner.simulated import run_tuner

for place in sys.argv[3:]:
    child = os.fork()
    if child == 0:
        with patch(place, lambda *_: os._exit(9)):
            run_tuner(sys.argv[1], "--results", os.path.join(sys.argv[2], place))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_killed_while_it_is_made_it_can_be_made_again(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    file = study_file(tmp_path, **SECTIONS)
    places = [
        "tuner.lifecycle.create.write_environment",
        "tuner.records.Records.set_info",
        "pathlib.Path.rename",
        "tuner.records.Records.add_event",
    ]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT_ITS_START, str(file), str(tmp_path), *places],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert killed.stdout.split() == ["9"] * 4, killed.stderr
    for place in places:
        assert run_tuner(file, "--results", tmp_path / place) == 0, place
        assert len(states(tmp_path / place / "toy")) == 7
