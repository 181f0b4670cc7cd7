"""The part of the machine, or of the cluster, that a study gets."""

import math
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tuner.config import StudyConfig
from tuner.config.checks import buildable
from tuner.records import Records

if TYPE_CHECKING:
    from tuner.executors.allocation import Allocation, Machine
    from tuner.executors.gpu_share import Choice

AUTO = "auto"


def allocate(config: StudyConfig, address: str | None) -> "Allocation":
    """Divide this machine, or the Ray cluster at an address, among the trials.

    With `gpus_per_trial: auto`, this is the largest number of trials that ever share a GPU; see
    `share_gpus`.

    Raises:
        UserError: the study asks for more than there is.
    """
    from tuner.executors.allocation import share, share_cluster, this_machine
    from tuner.executors.gpu_share import MOST
    from tuner.executors.ray.cluster import cluster_machines

    gpus = config.gpus_per_trial
    if address:
        wanted = _wanted(config) | {"gpus_per_trial": None if gpus == AUTO else gpus}
        return share_cluster(cluster_machines(address), **wanted)
    machine = this_machine(gpus_per_trial=gpus)
    if gpus == "auto":
        return _shared(config, machine, 1 / MOST)
    return share(machine, **_wanted(config), gpus_per_trial=gpus)


def share_gpus(
    config: StudyConfig,
    allocation: "Allocation",
    address: str | None,
    records: Records,
    say: Callable[[str], None],
) -> "Allocation":
    """Find out, once a study, how many trials share a GPU with `gpus_per_trial: auto`.

    On a cluster, whose machines may differ, nothing is measured: each trial has a GPU of its own.

    Args:
        config: the study.
        allocation: the result of `allocate`.
        address: of a Ray cluster; None for this machine.
        records: where the result is stored; the data must be prepared.
        say: called with the result in words.

    Returns:
        The allocation for the trials.
    """
    from tuner.executors.allocation import this_machine
    from tuner.executors.gpu_share import GPU_SHARE

    if config.gpus_per_trial != AUTO or not allocation.gpus or address:
        return allocation
    machine = this_machine()
    known = records.info.get(GPU_SHARE)
    if known is None:
        choice = _measured(config, allocation, machine, records)
        records.set_info(GPU_SHARE, known := choice.gpus)
        say(f"gpus_per_trial: auto: {choice.trials} on each GPU at once ({choice.why})")
    return _shared(config, machine, float(known))


def _measured(
    config: StudyConfig, allocation: "Allocation", machine: "Machine", records: Records
) -> "Choice":
    """Run the first trial for a while, alone and beside copies of itself."""
    import tempfile
    from pathlib import Path

    from tuner.core.job import shared_info
    from tuner.executors.gpu_pace import Sample, measure_pace
    from tuner.executors.gpu_share import choose
    from tuner.objectives.shipping import ship

    first = next((baseline.set for baseline in config.baselines.values()), None)
    setting = buildable(config) if first is None else config.space().build(first)
    with tempfile.TemporaryDirectory(prefix="sr-tuner-") as folder:
        objective = ship(config.objective, Path(folder))
        shared = shared_info(records.info)
        sample = Sample(objective, setting.model_dump(mode="json"), allocation.threads, shared)
        most = math.ceil(allocation.workers / machine.gpus)
        return choose(lambda count: measure_pace(sample, count), most)


def _shared(config: StudyConfig, machine: "Machine", gpus: float) -> "Allocation":
    """The allocation of this machine if each trial has so much of a GPU, if there is a GPU."""
    from tuner.executors.allocation import room, share

    gpus = gpus if machine.gpus else 0.0
    wanted = _wanted(config)
    if gpus and config.workers is not None:  # an upper limit: with auto, fewer may be better
        wanted["workers"] = min(config.workers, room([machine], 1, gpus))
    return share(machine, **wanted, gpus_per_trial=gpus)


def _wanted(config: StudyConfig) -> dict[str, Any]:
    from tuner.executors.allocation import planned_trials

    return {
        "workers": config.workers,
        "threads": config.threads,
        "trials": planned_trials(config),
    }


def cluster_address(given: str | None) -> str | None:
    """Return the address of the cluster to run on; None for this machine.

    Without an address that is `given`, it is Ray's own RAY_ADDRESS, which `ray job submit` and
    KubeRay set.
    """
    return given or os.environ.get("RAY_ADDRESS") or None
