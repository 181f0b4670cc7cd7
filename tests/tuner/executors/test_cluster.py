"""What becomes of a run whose Ray is killed under it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

KILLED_IN_A_CALL = """
import sys, tempfile
from pathlib import Path
import psutil
from tuner.executors.ray import cluster
from tuner.executors.ray.cluster import connected
from tuner.executors.allocation import Allocation

cluster._PATIENCE = 1.0
with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as scratch:
    with connected(Allocation(workers=1, threads=1, gpus=0), None, Path(scratch)):
        from ray.experimental.internal_kv import _internal_kv_get

        for process in psutil.Process().children(recursive=True):
            if any(name in " ".join(process.cmdline()) for name in ("gcs_server", "raylet")):
                process.kill()
        _internal_kv_get(b"key")  # waits for its answer, as Ray does all the time
        print("unreachable")
"""


def test_a_driver_that_waits_for_a_dead_ray_ends_and_says_so() -> None:
    """Left alone, Ray ends the process after 60 s, without a word of what to do."""
    command = [sys.executable, "-c", KILLED_IN_A_CALL]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False
    )
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout == ""
    assert "error: Ray has died (gcs_server, raylet)" in ended.stderr
    assert "go on with --resume" in ended.stderr
