"""The number of CPUs that are available."""

import os


def usable_cpus() -> int:
    """Return the number of CPUs that this process may use; a container or a job may restrict them.

    Linux knows which CPUs a process is bound to; on macOS and Windows all CPUs count.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
