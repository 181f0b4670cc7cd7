"""One process at a time."""

import subprocess
import sys

import pytest
from filelock import FileLock, Timeout

from sr_models.file_lock import locked

HOLD = """
import sys, time
from pathlib import Path
from sr_models.file_lock import locked

with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_is_held_until_the_end_and_free_after_it(tmp_path):
    path = tmp_path / "a.lock"
    with locked(path) as alone:
        assert alone
        with pytest.raises(Timeout):
            FileLock(path).acquire(timeout=0)
    FileLock(path).acquire(timeout=0)


def test_a_killed_process_lets_go(tmp_path):
    path = tmp_path / "a.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(Timeout):
        FileLock(path).acquire(timeout=0)
    holder.kill()
    holder.wait()
    with locked(path) as alone:
        assert alone


def test_an_error_inside_frees_the_lock(tmp_path):
    path = tmp_path / "a.lock"
    with pytest.raises(KeyError), locked(path):
        raise KeyError
    FileLock(path).acquire(timeout=0)


@pytest.mark.parametrize("error", [OSError(37, "No locks available"), NotImplementedError()])
def test_where_there_are_no_locks_the_work_is_done_all_the_same(tmp_path, monkeypatch, error):
    def refuse(self, *arguments, **options):
        raise error

    monkeypatch.setattr(FileLock, "acquire", refuse)
    with locked(tmp_path / "a.lock") as alone:
        assert not alone
