"""A process and all that it starts end together, whatever dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from tests.tuner.processes import ROOT
from tuner.objectives.command.process import CommandFailedError, Process
from tuner.objectives.errors import ObjectiveError

FAMILY = """
    import os, signal, subprocess, sys, time
    def stopped(number, frame):
        print("saving", flush=True)
        if "deaf" not in sys.argv:
            sys.exit(0)
    signal.signal(signal.SIGTERM, stopped)
    sleeper = [sys.executable, "-c", "import time; time.sleep(99)"]
    child = subprocess.Popen(sleeper)
    apart = subprocess.Popen(sleeper, start_new_session=True)  # as torchrun starts its workers
    print(os.getpid(), child.pid, apart.pid, flush=True)
    while True:
        time.sleep(0.05)
"""


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def family(output: Path) -> list[int]:
    """The process ids that the script has printed."""
    until(lambda: output.exists() and output.read_text().count("\n") >= 1)
    return [int(word) for word in output.read_text().split("\n")[0].split()]


def start(folder: Path, code: str, *arguments: str, grace: float = 10.0) -> Process:
    command = [sys.executable, "-c", dedent(code), *arguments]
    return Process(command, os.environ, folder / "output.txt", grace)


def test_stopping_lets_it_save(tmp_path: Path) -> None:
    began = time.monotonic()
    with start(tmp_path, FAMILY):
        pids = family(tmp_path / "output.txt")
        assert all(map(alive, pids))
    assert "saving" in (tmp_path / "output.txt").read_text()
    assert not any(map(alive, pids))
    assert time.monotonic() - began < 9, "no longer than it takes"


def test_what_does_not_stop_is_killed_after_the_grace(tmp_path: Path) -> None:
    with start(tmp_path, FAMILY, "deaf", grace=0.5):
        pids = family(tmp_path / "output.txt")
        began = time.monotonic()
    assert 0.5 <= time.monotonic() - began < 5
    assert "saving" in (tmp_path / "output.txt").read_text()
    assert not any(map(alive, pids))


def test_what_it_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    code = """
        import subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"])
        print(child.pid, flush=True)
    """
    with start(tmp_path, code) as process:
        assert process.wait(20)
        (pid,) = family(tmp_path / "output.txt")
        assert alive(pid)
    assert not alive(pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_when_the_worker_dies_nothing_is_left(tmp_path: Path, number: int) -> None:
    worker = f"""
import os, sys, time
from pathlib import Path
from tuner.objectives.command.process import Process
code = {dedent(FAMILY)!r}
with Process([sys.executable, "-c", code, "deaf"], os.environ, Path("output.txt"), 60.0):
    time.sleep(99)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", worker], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    pids = family(tmp_path / "output.txt")
    process.send_signal(number)
    process.wait()
    until(lambda: not any(map(alive, pids)), seconds=5)


def test_nothing_watches_on(tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children()}
    with start(tmp_path, "print(1)") as process:
        process.wait(20)
    assert {child.pid for child in psutil.Process().children()} <= before


class TestFailure:
    def test_is_told_with_the_last_lines(self, tmp_path: Path) -> None:
        code = "for i in range(100): print('line', i)\nraise ValueError('no such layer')"
        with start(tmp_path, code) as process:
            process.wait(20)
            with pytest.raises(CommandFailedError, match=r"failed \(exit code 1\)") as caught:
                process.check()
        lines = str(caught.value).splitlines()
        assert lines[-1] == "  ValueError: no such layer"
        assert len(lines) == 21
        assert "line 99" in str(caught.value)
        assert "line 50" not in str(caught.value)

    def test_tells_the_beginning_of_a_long_line(self, tmp_path: Path) -> None:
        with start(tmp_path, "print('x' * 100_000); raise SystemExit(1)") as process:
            process.wait(20)
            with pytest.raises(CommandFailedError) as caught:
                process.check()
        assert str(caught.value).splitlines()[1:] == [f"  {'x' * 500}"]

    def test_tells_only_of_this_run(self, tmp_path: Path) -> None:
        (tmp_path / "output.txt").write_text("of the run before\n")
        with start(tmp_path, "import sys; sys.exit(3)") as process:
            process.wait(20)
            with pytest.raises(CommandFailedError, match=r"exit code 3\); it has printed nothing"):
                process.check()
        assert (tmp_path / "output.txt").read_text() == "of the run before\n"

    def test_by_a_signal_is_told_so(self, tmp_path: Path) -> None:
        code = "import os; os.kill(os.getpid(), 9)"
        with start(tmp_path, code) as process:
            process.wait(20)
            with pytest.raises(CommandFailedError, match="killed by SIGKILL, perhaps out of mem"):
                process.check()

    def test_to_start_is_the_studys(self, tmp_path: Path) -> None:
        with pytest.raises(ObjectiveError, match="no-such-program cannot be started: No such file"):
            Process(["no-such-program"], os.environ, tmp_path / "output.txt", 1.0)
