"""How many trials run at once, and what each of them gets."""

import math
import os
from dataclasses import dataclass

from sr_models.errors import UserError

THREADS = 2
"""Threads of a trial on a CPU, unless the study says otherwise.

Fewer threads waste less on waiting for each other, but a lone last trial takes longer.
"""


@dataclass(frozen=True)
class Machine:
    """What there is to share out."""

    cores: int
    gpus: int


@dataclass(frozen=True)
class Share:
    """What one study takes: `workers` trials at once, each with `threads` and `gpus`."""

    workers: int
    threads: int
    gpus: float


def this_machine() -> Machine:
    """The cores that this process may use, and the GPUs that torch sees."""
    import torch

    return Machine(len(os.sched_getaffinity(0)), torch.cuda.device_count())


def cluster_machine(address: str) -> Machine:
    """What a Ray cluster has in all, as one machine."""
    import ray

    ray.init(address=address, logging_level="ERROR", log_to_driver=False, ignore_reinit_error=True)
    found = ray.cluster_resources()
    return Machine(int(found.get("CPU", 0)), int(found.get("GPU", 0)))


def share(
    machine: Machine,
    *,
    workers: int | None = None,
    threads: int | None = None,
    gpus_per_trial: float | None = None,
) -> Share:
    """Share a machine out; what is not given is chosen so that nothing is idle or fought over.

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
        by_cores = max(1, machine.cores // (threads or THREADS))
        by_gpus = _per_gpus(machine.gpus, gpus) if gpus else machine.cores
        workers = max(1, min(by_cores, by_gpus))
    elif gpus and workers > _per_gpus(machine.gpus, gpus):
        raise UserError(
            f"workers is {workers}, but {machine.gpus} GPUs hold only "
            f"{_per_gpus(machine.gpus, gpus)} trials of gpus_per_trial {gpus:g}"
        )
    return Share(workers, threads or max(1, machine.cores // workers), gpus)


def _per_gpus(gpus: int, each: float) -> int:
    """How many trials fit: several on one GPU, or whole GPUs for each."""
    return gpus * math.floor(1 / each + 1e-9) if each < 1 else math.floor(gpus / each)
