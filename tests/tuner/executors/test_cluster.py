"""What becomes of a run whose Ray is killed under it."""

import subprocess
import sys
import threading
from pathlib import Path

from tests.tuner.crashes import states
from tuner.executors.ray.run import _record_interruption
from tuner.records import Records, TrialKind, TrialRecord, TrialState

ROOT = Path(__file__).parents[3]

KILLED_IN_A_CALL = """
import sys, tempfile
from functools import partial
from pathlib import Path
import psutil
from tuner.executors.ray import cluster, lean
from tuner.executors.ray.cluster import connected
from tuner.executors.allocation import Allocation

cluster._PATIENCE = 1.0
commands, as_made = [], lean.raylet_command
def broken_once(command, workers):
    commands.append(command)
    command = as_made(command, workers)
    return command if len(commands) > 1 else [*command, "--there_is_no_such_option=1"]
lean.raylet_command = broken_once
with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as scratch:
    share = Allocation(workers=1, threads=1, gpus=0)
    with connected(share, None, Path(scratch), partial(print, "last words", flush=True)):
        from ray.experimental.internal_kv import _internal_kv_get

        found = psutil.Process().children(recursive=True)
        names = [process.name() for process in found]
        print("starts", len(commands), names.count("raylet"), names.count("gcs_server"), flush=True)
        for process in found:
            if any(name in " ".join(process.cmdline()) for name in ("gcs_server", "raylet")):
                process.kill()
        _internal_kv_get(b"key")  # waits for its answer, as Ray does all the time
        print("unreachable")
"""


def test_a_driver_that_waits_for_a_dead_ray_ends_and_says_so() -> None:
    """Left alone, Ray ends the process after 60 s, without a word of what to do.

    Its first start fails here: it leaves nothing, and another one follows.
    """
    command = [sys.executable, "-c", KILLED_IN_A_CALL]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False
    )
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout == "starts 2 1 1\nlast words\n"
    assert "error: Ray has died (gcs_server, raylet)" in ended.stderr
    assert "continue with --resume" in ended.stderr


def test_last_words_leave_no_trial_as_running(tmp_path: Path) -> None:
    """From another thread, while the study's own connection is open."""
    records = Records.create(tmp_path)
    for number, state in enumerate((TrialState.COMPLETE, TrialState.RUNNING)):
        records.add_trial(
            TrialRecord(number, f"T{number:03}", TrialKind.SEARCH, state, {}, {}, created=1.0)
        )

    watch = threading.Thread(target=_record_interruption, args=(records,))
    watch.start()
    watch.join()

    assert states(tmp_path) == {"T000": TrialState.COMPLETE, "T001": TrialState.INTERRUPTED}
    assert records.events()[-1].data["reason"] == "interrupted"
    records.close()
