"""A worker that was given up publishes nothing more, and ends."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tuner.executors.ray.fence import Fence, FencedOffError

GUARDED = """
import sys, time
from pathlib import Path
from tuner.executors.ray.fence import Fence
with Fence(Path(sys.argv[1]), sys.argv[2]).guarded():
    print("on", flush=True)
    time.sleep(60)
"""


def test_only_the_latest_fence_of_a_trial_stands(tmp_path: Path) -> None:
    first = Fence.put_up(tmp_path / "fences", 3)
    other = Fence.put_up(tmp_path / "fences", 4)
    first.check()
    second = Fence.put_up(tmp_path / "fences", 3)
    assert [first.stands(), second.stands(), other.stands()] == [False, True, True]
    with pytest.raises(FencedOffError, match="job 3 has been given to another worker"):
        first.check()


def test_a_run_that_has_ended_wants_nothing_more(tmp_path: Path) -> None:
    fence = Fence.put_up(tmp_path / "fences", 3)
    fence.file.unlink()
    assert not fence.stands()


def test_a_folder_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert Fence(tmp_path / "file" / "3", "word").stands()


def test_the_process_of_a_job_that_does_not_count_ends(tmp_path: Path) -> None:
    fence = Fence.put_up(tmp_path / "fences", 3)
    command = [sys.executable, "-c", GUARDED, str(fence.file), fence.word]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        began = time.monotonic()
        Fence.put_up(tmp_path / "fences", 3)
        assert process.wait(20) == 1
        assert time.monotonic() - began < 10
