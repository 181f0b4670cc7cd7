"""Sharing a machine out: nothing idle, nothing fought over, nothing that is not there."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sr_models.errors import UserError
from tuner.executors.allocation import Allocation, Machine, share, this_machine


@pytest.mark.parametrize(
    ("machine", "wanted", "got"),
    [
        (Machine(4, 0), {}, Allocation(4, 1, 0.0)),
        (Machine(1, 0), {}, Allocation(1, 1, 0.0)),
        (Machine(8, 0, memory=7 * 10**9), {}, Allocation(3, 2, 0.0)),
        (Machine(64, 0), {"trials": 20}, Allocation(20, 3, 0.0)),
        (Machine(8, 0), {"workers": 8}, Allocation(8, 1, 0.0)),
        (Machine(8, 0), {"threads": 4}, Allocation(2, 4, 0.0)),
        (Machine(16, 1), {}, Allocation(1, 16, 1.0)),
        (Machine(16, 1), {"gpus_per_trial": 0.25}, Allocation(4, 4, 0.25)),
        (Machine(64, 8), {"gpus_per_trial": 2}, Allocation(4, 16, 2)),
        (Machine(4, 8), {}, Allocation(4, 1, 1.0)),
        (Machine(16, 2), {"gpus_per_trial": 0}, Allocation(16, 1, 0)),
    ],
)
def test_shares(machine: Machine, wanted: dict[str, float], got: Allocation) -> None:
    assert share(machine, **wanted) == got  # type: ignore[arg-type]


@given(cores=st.integers(1, 256), gpus=st.integers(0, 16))
def test_never_more_threads_than_cores(cores: int, gpus: int) -> None:
    got = share(Machine(cores, gpus))
    assert 1 <= got.workers * got.threads <= cores
    assert got.workers * got.gpus <= gpus


def test_gpus_that_are_not_there() -> None:
    with pytest.raises(UserError, match="gpus_per_trial is 1, but there are 0 GPUs"):
        share(Machine(8, 0), gpus_per_trial=1)


def test_more_workers_than_the_gpus_hold() -> None:
    with pytest.raises(UserError, match="hold only 2 trials"):
        share(Machine(8, 2), workers=3)


def test_where_there_are_no_gpus_the_driver_needs_no_torch() -> None:
    """Nor where trials want none."""
    code = (
        "import sys; from tuner.executors import allocation as a;"
        "a.GPU_DRIVERS = sys.argv[1:];"
        "print(a.this_machine(gpus_per_trial=0).gpus, a.this_machine().gpus)\n"
        "print('torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, "/dev/there-is-no-such-driver"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told == "0 0\nFalse\n"


def test_torch_is_asked_where_there_may_be_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuner.executors.allocation.GPU_DRIVERS", ("/dev/null",))
    monkeypatch.setattr("torch.cuda.device_count", lambda: 3)
    assert this_machine().gpus == 3
    assert this_machine(gpus_per_trial=0).cores == len(os.sched_getaffinity(0))
