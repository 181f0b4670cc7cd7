"""How many CPUs there are to work with."""

import os


def usable_cpus() -> int:
    """Count the CPUs that this process may use, which in a container or a job can be few of many.

    Linux knows which CPUs a process is bound to; macOS and Windows have no such list, and there
    all CPUs count.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
