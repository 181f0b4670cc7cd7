"""Keeping freed memory for the next step, which saves a third of the time of CPU training.

glibc returns large tensors to the kernel when they are freed and requests new pages in the next
step, which the kernel has to zero again. If it keeps them, a bf16 step of the report's step 4 is
1.4 times as fast (2 cores), and the peak memory about a sixth higher.
"""

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8  # of malloc.h
_MOST = 2**31 - 1


def keep_freed_memory() -> None:
    """Allocate tensors from the process's heap, and do not shrink the heap.

    Only glibc on Linux has these settings; on other systems nothing happens.
    """
    libc = _glibc()
    if libc is None:
        return
    libc.mallopt(_M_MMAP_MAX, 0)
    libc.mallopt(_M_TRIM_THRESHOLD, _MOST)
    # Other threads' heaps are too small for tensors: trials may not run in the main thread.
    libc.mallopt(_M_ARENA_MAX, 1)


def release_freed_memory() -> None:
    """Return free memory to the kernel, because the next training here may need less."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None
