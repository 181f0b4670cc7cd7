"""The same seeds, the same numbers: in a fresh process or one that has trained before."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.utils import deterministic

_memory: Any = deterministic  # a module that sets its attributes by a trick, unknown to mypy


@contextmanager
def reproducible(device: torch.device, *seeds: int) -> Iterator[None]:
    """Compute so that the same seeds on the same hardware give the same numbers.

    Random numbers inside are drawn from a state of the seeds' own; the caller's state comes back
    at the end. Whatever is done in here with (seed, epoch) as seeds can be resumed at any epoch
    without a stored random state.
    """
    on_gpu = device.type == "cuda"
    with torch.random.fork_rng(devices=[device] if on_gpu else []):
        torch.manual_seed(_mixed(seeds))
        if on_gpu:
            with _deterministic_kernels():
                yield
        else:
            yield  # on CPUs, the kernels that networks here use are deterministic already


@contextmanager
def _deterministic_kernels() -> Iterator[None]:
    """Keep cuDNN and PyTorch to kernels that sum in a fixed order.

    Without this cuDNN may choose algorithms by stopwatch (`benchmark`), differently each time.
    Comparisons that can be repeated are worth the few percent. An operation that has no
    deterministic form warns instead of failing.
    """
    asked, warned = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    benchmark, filled = torch.backends.cudnn.benchmark, _memory.fill_uninitialized_memory
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS asks for
    try:
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.backends.cudnn.benchmark = False
        # Filling helps to find reads of uninitialised memory, and costs a write of all of it.
        _memory.fill_uninitialized_memory = False
        yield
    finally:
        torch.use_deterministic_algorithms(asked, warn_only=warned)
        torch.backends.cudnn.benchmark = benchmark
        _memory.fill_uninitialized_memory = filled


def _mixed(seeds: tuple[int, ...]) -> int:
    """One seed out of several, such that (1, 2) and (2, 1) have nothing in common."""
    return int(np.random.SeedSequence(seeds).generate_state(1, np.uint64)[0] >> 1)
