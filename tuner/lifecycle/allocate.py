"""What a study gets of the machine, or of the cluster, that it is to run on."""

from typing import TYPE_CHECKING

from tuner.config import StudyConfig

if TYPE_CHECKING:
    from tuner.executors.allocation import Allocation


def allocate(config: StudyConfig, address: str | None) -> "Allocation":
    """Share out this machine, or the Ray cluster at an address.

    Raises:
        UserError: more is asked for than there is.
    """
    from tuner.executors.allocation import planned_trials, share, this_machine
    from tuner.executors.ray.cluster import cluster_machine

    gpus = config.gpus_per_trial
    machine = cluster_machine(address) if address else this_machine(gpus_per_trial=gpus)
    return share(
        machine,
        workers=config.workers,
        threads=config.threads,
        gpus_per_trial=gpus,
        trials=planned_trials(config),
    )
