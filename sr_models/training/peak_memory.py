"""The peak of memory use."""

import sys
from contextlib import suppress
from pathlib import Path

import torch


def reset_peak_memory() -> None:
    """Measure from now on, if the system can; otherwise, from the start of the process."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # Linux: resets the peak to the current use


def peak_memory(device: torch.device) -> int:
    """Return the peak in bytes: on a GPU what PyTorch has reserved, else of the whole process."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_reserved(device))
    status = Path("/proc/self/status")
    if status.is_file():
        kibibytes = status.read_text().partition("VmHWM:")[2].split()[0]
        return int(kibibytes) * 1024
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        used = psutil.Process().memory_info()
        return int(getattr(used, "peak_wset", used.rss))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
