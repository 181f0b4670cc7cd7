"""What is used of Ray beyond its public interface is still there, and is left as it was."""

import importlib
import importlib.util
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest
import ray
from ray._private import worker

from tuner.executors.allocation import Allocation
from tuner.executors.ray.cluster import _start
from tuner.executors.ray.private import (
    LOCAL,
    MODE,
    SETTINGS,
    SLOW_IMPORT,
    TOKEN,
    WITHOUT,
    dead_processes,
    environment,
    quick_import,
    quick_import_in_children,
    undo_quick_import,
    without_raylets_words,
)

MOVED = "Ray has moved {}: mend tuner/executors/ray/private.py, or keep ray below this version"


@pytest.mark.parametrize("name", [*SETTINGS, *LOCAL, MODE, TOKEN])
def test_ray_still_reads_the_variable(name: str) -> None:
    """In its Python code, or in what is compiled."""
    root = Path(ray.__file__).parent
    key = name.removeprefix("RAY_").encode() if name[4:5].islower() else name.encode()
    files = [*root.rglob("*.py"), root / "_raylet.so"]
    assert any(key in file.read_bytes() for file in files if file.is_file()), MOVED.format(name)


def test_the_function_that_prints_is_there() -> None:
    assert callable(getattr(worker, "print_to_stdstream", None)), MOVED.format("print_to_stdstream")
    module = inspect.getsource(worker)
    assert module.count("print_to_stdstream") > 1, MOVED.format("the calls of print_to_stdstream")


def test_the_function_that_prints_is_put_back() -> None:
    before = worker.print_to_stdstream
    with without_raylets_words():
        assert worker.print_to_stdstream is not before
    assert worker.print_to_stdstream is before


def test_a_head_can_be_asked_for_its_id() -> None:
    raylet = importlib.import_module("ray._raylet")
    assert hasattr(raylet, "GcsClient"), MOVED.format("GcsClient")


def test_nodes_that_leave_can_be_asked_for() -> None:
    state = importlib.import_module("ray._private.state").state
    assert callable(getattr(state, "get_draining_nodes", None)), MOVED.format("get_draining_nodes")


def test_the_processes_of_a_node_can_be_asked_for() -> None:
    assert hasattr(worker, "_global_node"), MOVED.format("_global_node")
    node = importlib.import_module("ray._private.node")
    assert hasattr(node.Node, "dead_processes"), MOVED.format("Node.dead_processes")
    assert dead_processes() == []


def test_the_environment_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("RAY_DEDUP_LOGS", "mine")
    before = dict(os.environ)
    with environment(threads=2, local=True):
        assert os.environ["OMP_NUM_THREADS"] == "2"
        assert os.environ["RAY_DEDUP_LOGS"] == "mine", "what the user has set is left"
        assert os.environ["TUNE_DISABLE_SIGINT_HANDLER"] == "1"
    assert dict(os.environ) == before


def test_nothing_needs_what_only_one_system_has() -> None:
    """macOS and Windows lack some of these; that the modules can be imported says no more."""
    code = (
        "import os, sys\n"
        "import filelock, pandas, psutil, pydantic, rich, torch, typer, yaml  # not ours\n"
        "for name in ('sched_getaffinity', 'sysconf', 'uname', 'fork', 'killpg', 'getppid'):\n"
        "    if hasattr(os, name) and name != 'getppid': delattr(os, name)\n"
        "sys.modules.update(dict.fromkeys(('fcntl', 'resource', 'termios', 'pwd', 'grp')))\n"
        "import tuner.run, tuner.report, tuner.records, tuner.lifecycle.environment\n"
        "import tuner.trackers.sync.manager, tuner.records.lock, sr_models.training.peak_memory\n"
        "from tuner.executors.allocation import this_machine\n"
        "print(this_machine(gpus_per_trial=0).cores)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 1


def test_ray_is_imported_without_what_makes_it_slow() -> None:
    """In the driver, and in what a Ray of our own starts."""
    code = f"import sys, ray; sys.exit({SLOW_IMPORT!r} in sys.modules)"
    with quick_import_in_children():
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    driver = f"""
import sys
from tuner.executors.ray.private import quick_import
with quick_import():
    import ray
sys.exit({SLOW_IMPORT!r} in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", driver], check=False).returncode == 0


def test_what_is_imported_later_finds_all_that_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "path", [WITHOUT, *sys.path])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([WITHOUT, "/mine"]))
    sys.modules.pop(SLOW_IMPORT, None)
    with quick_import(), pytest.raises(ImportError):
        importlib.import_module(SLOW_IMPORT)
    with pytest.raises(ImportError, match="left out"):
        importlib.import_module(SLOW_IMPORT)
    undo_quick_import()
    assert os.environ["PYTHONPATH"] == "/mine"
    found = importlib.util.find_spec(SLOW_IMPORT)
    assert found is None or WITHOUT not in str(found.origin)


def test_no_other_user_sees_what_ray_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "init", lambda **_: tmp_path.chmod(0o777))  # as Ray does
    _start(Allocation(workers=1, threads=1, gpus=0), tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o700
