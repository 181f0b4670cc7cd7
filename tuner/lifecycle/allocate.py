"""What a study gets of the machine, or of the cluster, that it is to run on."""

import os
from typing import TYPE_CHECKING, Any

from tuner.config import StudyConfig

if TYPE_CHECKING:
    from tuner.executors.allocation import Allocation


def allocate(config: StudyConfig, address: str | None) -> "Allocation":
    """Share out this machine, or the Ray cluster at an address.

    Raises:
        UserError: more is asked for than there is.
    """
    from tuner.executors.allocation import planned_trials, share, share_cluster, this_machine
    from tuner.executors.ray.cluster import cluster_machines

    gpus = config.gpus_per_trial
    wanted: dict[str, Any] = {
        "workers": config.workers,
        "threads": config.threads,
        "gpus_per_trial": gpus,
        "trials": planned_trials(config),
    }
    if address:
        return share_cluster(cluster_machines(address), **wanted)
    return share(this_machine(gpus_per_trial=gpus), **wanted)


def cluster_address(given: str | None) -> str | None:
    """The cluster to run on: the one given, or the one that Ray's own RAY_ADDRESS names.

    `ray job submit` and KubeRay set it for what they start. None for this machine.
    """
    return given or os.environ.get("RAY_ADDRESS") or None
