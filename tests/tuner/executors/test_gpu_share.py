"""How many trials share a GPU: by memory, and by what is gained."""

import sys

import pytest

from tuner.executors.gpu_pace import Sample, measure_pace
from tuner.executors.gpu_share import CONTEXT, NoPaceError, Pace, Sharing, choose
from tuner.objectives.shipping import Shipment

GB = 10**9


class Gpu:
    """A GPU on which so many trials at once train so many epochs a second."""

    def __init__(self, speeds: dict[int, float], memory: int = GB, free: int = 80 * GB) -> None:
        self.tried: list[int] = []
        self._speeds, self._memory, self._free = speeds, memory, free

    def __call__(self, count: int) -> Pace:
        self.tried.append(count)
        if count not in self._speeds:
            raise NoPaceError("out of memory")
        return Pace(self._speeds[count], self._memory, self._free)


@pytest.mark.parametrize(
    ("speeds", "most", "trials", "tried"),
    [
        ({1: 1, 2: 1.9, 4: 3.0, 8: 3.1}, 8, 4, [1, 2, 4, 8]),  # eight gain 3 %
        ({1: 1, 2: 1.05}, 8, 1, [1, 2]),  # one fills the GPU
        ({1: 1, 2: 2, 4: 4, 8: 8}, 16, 8, [1, 2, 4, 8]),
        ({1: 1, 2: 2, 4: 4}, 5, 4, [1, 2, 4]),  # five cores
        ({1: 1, 2: 2}, 8, 2, [1, 2, 4]),  # four cannot be run
        ({}, 8, 1, [1]),
        ({1: 1}, 1, 1, []),
    ],
)
def test_as_many_as_gain(
    speeds: dict[int, float], most: int, trials: int, tried: list[int]
) -> None:
    gpu = Gpu(speeds)
    choice = choose(gpu, most)
    assert (choice.trials, gpu.tried) == (trials, tried)
    assert choice.gpus == 1 / trials
    assert choice.why


def test_what_does_not_fit_is_not_tried() -> None:
    gpu = Gpu({1: 1, 2: 2, 4: 4, 8: 8}, memory=5 * GB - CONTEXT, free=24 * GB)
    choice = choose(gpu, 8)
    assert (choice.trials, gpu.tried) == (4, [1, 2, 4]), "0.9 of 24 GB hold four of 5 GB"
    assert "each takes 5.0 of 24.0 GB" in choice.why


def test_each_time_that_memory_runs_out_one_fewer_shares_a_gpu() -> None:
    sharing = Sharing(gpus=0.25, workers=4)
    for gpus, workers in [(1 / 3, 3), (1 / 2, 2), (1, 1)]:
        sharing.ran_out(sharing.gpus)
        assert (sharing.gpus, sharing.workers) == (gpus, workers)
    assert sharing.tell()[-1].startswith("out of memory with 2 trials on a GPU: one trial at a")


def sample(**config: object) -> Sample:
    return Sample(Shipment("analytic"), {"max_epochs": 3, **config}, 1, {})


def test_trials_are_run_at_once_in_processes_of_their_own() -> None:
    pace = measure_pace(sample(seconds_per_epoch=0.1), 2)
    assert 10 < pace.epochs_per_second < 2 / 0.1 + 1


def test_a_trial_that_fails_says_why() -> None:
    with pytest.raises(NoPaceError, match="RuntimeError: epoch 1 fails, as fail_at asks"):
        measure_pace(sample(fail_at=1), 1)


def test_epochs_that_take_too_long_are_not_waited_for() -> None:
    silent = (sys.executable, "-c", "import sys; sys.stdin.read()")
    with pytest.raises(NoPaceError, match="too long"):
        measure_pace(sample(), 1, command=silent, patience=0.2)
