"""A worker follows its parent into death, even while it computes."""

import subprocess
import sys
import time
from pathlib import Path

CHILD = (
    "from tuner.executors.ray.parent_watchdog import die_with_parent\n"
    "die_with_parent()\n"
    "print('up', flush=True)\n"
    "while True: sum(range(10000))\n"
)
PARENT = (
    "import subprocess, sys\n"
    f"child = subprocess.Popen([sys.executable, '-c', {CHILD!r}], stdout=subprocess.PIPE)\n"
    "child.stdout.readline()\n"
    "print(child.pid, flush=True)\n"
    "import time; time.sleep(600)\n"
)


def test_the_child_of_a_killed_parent_ends() -> None:
    root = Path(__file__).parents[3]
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, cwd=root)
    assert parent.stdout is not None
    child = Path("/proc") / parent.stdout.readline().decode().strip()
    assert child.exists()
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 30
    while child.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not child.exists()
