"""The allocation of a machine or a cluster: how many trials run at once, and what each gets."""

import math
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from sr_models.cpus import usable_cpus
from sr_models.errors import UserError

if TYPE_CHECKING:
    from tuner.config import StudyConfig

MEMORY = 2 * 10**9
"""Bytes of main memory for each trial that runs at once: a guess, as it is not known beforehand."""

GPU_DRIVERS = ("/dev/nvidiactl", "/dev/nvmap", "/dev/nvhost-gpu", "/dev/kfd", "/dev/dxg")
"""Device files on Linux if torch may find GPUs: of NVIDIA, its Jetson, AMD, Windows' subsystem."""


@dataclass(frozen=True)
class Machine:
    """The cores, GPUs, and bytes of main memory of a machine."""

    cores: int
    gpus: int
    memory: int = 2**60


@dataclass(frozen=True)
class Allocation:
    """What a study takes: `workers` trials at once, each with `threads` and `gpus`."""

    workers: int
    threads: int
    gpus: float


def planned_trials(config: "StudyConfig") -> int | None:
    """Return how many trials a study file asks for; None if only its time is limited."""
    proposals = config.budget.trials
    return None if proposals is None else proposals + len(config.baselines)


def this_machine(*, gpus_per_trial: float | str | None = None) -> Machine:
    """Return the cores that this process may use, and the GPUs that torch sees.

    If trials want none, or no GPU driver is loaded, torch is not imported, which would take seconds
    and half a gigabyte.
    """
    gpus = 0
    if gpus_per_trial != 0 and _may_have_gpus():
        import torch

        gpus = torch.cuda.device_count()
    return Machine(usable_cpus(), gpus, psutil.virtual_memory().total)


def _may_have_gpus() -> bool:
    """Whether a GPU driver is loaded, as far as device files tell."""
    return sys.platform != "linux" or any(map(os.path.exists, GPU_DRIVERS))


def share(
    machine: Machine,
    *,
    workers: int | None = None,
    threads: int | None = None,
    gpus_per_trial: float | None = None,
    trials: int | None = None,
) -> Allocation:
    """Divide a machine among trials, such that it is used fully and without contention.

    On a CPU, several trials use the cores better than several threads of a trial, which wait for
    each other after every operation, and for long if something else runs on the machine. So there
    are as many workers as cores, unless there are fewer `trials` or too little memory, and more
    threads only if cores are left over.

    Args:
        machine: the machine to divide.
        workers: trials at once; None to choose.
        threads: threads of each trial; None to choose.
        gpus_per_trial: GPUs of each trial, fractions allowed; None for 1 if there is a GPU.
        trials: how many trials there will be; None if that is not known.

    Raises:
        UserError: more is asked for than there is.
    """
    gpus = gpus_per_trial if gpus_per_trial is not None else float(machine.gpus > 0)
    if gpus > machine.gpus:
        raise UserError(
            f"gpus_per_trial is {gpus:g}, but there are {machine.gpus} GPUs here: set it to 0 "
            "to train on the CPU"
        )
    if workers is None:
        limits = [
            machine.cores // (threads or 1),
            machine.memory // MEMORY,
            trials or machine.cores,
        ]
        if gpus:
            limits.append(_per_gpus(machine.gpus, gpus))
        workers = max(1, min(limits))
    elif gpus and workers > _per_gpus(machine.gpus, gpus):
        raise UserError(
            f"workers is {workers}, but {machine.gpus} GPUs hold only "
            f"{_per_gpus(machine.gpus, gpus)} trials of gpus_per_trial {gpus:g}"
        )
    return Allocation(workers, threads or max(1, machine.cores // workers), gpus)


def share_cluster(
    machines: Sequence[Machine],
    *,
    workers: int | None = None,
    threads: int | None = None,
    gpus_per_trial: float | None = None,
    trials: int | None = None,
) -> Allocation:
    """Divide a cluster, machine by machine, because a trial runs on a single machine.

    Args:
        machines: the machines of the cluster.
        workers: as for `share`, but may be more than there is room for now: the others wait,
            because a cluster may grow.
        threads: as for `share`.
        gpus_per_trial: as for `share`.
        trials: as for `share`.

    Raises:
        UserError: no machine has room for a single trial.
    """
    any_gpu = any(machine.gpus for machine in machines)
    gpus = gpus_per_trial if gpus_per_trial is not None else float(any_gpu)
    most = max((machine.cores for machine in machines), default=0)
    if threads is None:
        wanted = workers or min(trials or 2**60, room(machines, 1, gpus))
        fitting = (n for n in range(most, 0, -1) if room(machines, n, gpus) >= wanted)
        threads = next(fitting, 1)
    there = room(machines, threads, gpus)
    if not there:
        raise UserError(
            f"no machine of the cluster holds a trial of threads {threads} and gpus_per_trial "
            f"{gpus:g}: the largest has {most} cores and "
            f"{max((machine.gpus for machine in machines), default=0)} GPUs"
        )
    return Allocation(workers or min(there, trials or there), threads, gpus)


def room(machines: Iterable[Machine], threads: int, gpus: float) -> int:
    """Return how many trials of so many threads and GPUs some machines can run at once."""
    found = 0
    for machine in machines:
        limits = [machine.cores // threads, max(1, machine.memory // MEMORY)]
        if gpus:
            limits.append(_per_gpus(machine.gpus, gpus))
        found += min(limits)
    return found


def _per_gpus(gpus: int, each: float) -> int:
    """How many trials fit: several on a GPU, or whole GPUs for each."""
    return gpus * math.floor(1 / each + 1e-9) if each < 1 else math.floor(gpus / each)
