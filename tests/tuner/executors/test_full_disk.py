"""Fill its disk, or let it not be written: a study is not lost."""

import contextlib
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tuner.crashes import SECTIONS, integrity, states, uninterrupted
from tests.tuner.simulated import SimulatedEngine, history, run_tuner, study_file, trained
from tuner.records import TrialState


@dataclass
class SmallDisk:
    """A disk that is full soon, until it is `freed`."""

    folder: Path
    freed: Callable[[], None]
    engine: SimulatedEngine | None  # in place of Ray, whose workers a process's limit would miss


KIB = 1024
DISK_ERRORS = ("No space left on device", "the disk is full", "File too large", "the disk failed")
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
        assert "continue with --resume" in error
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
