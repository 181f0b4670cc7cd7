"""The same numbers for the same seeds: in a fresh process, or after other training."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor
from torch.utils import deterministic

_memory: Any = deterministic  # a module that sets its attributes dynamically, unknown to mypy


class Reproducible(AbstractContextManager["Reproducible"]):
    """A context in which the same seeds on the same hardware give the same numbers.

    Random numbers inside are drawn from a separate state; the caller's state is restored at the
    end. Whatever is done with (seed, epoch) as seeds can be resumed at any epoch without storing a
    random state.

    Args:
        device: the device of the computation.
        seeds: any number of seeds.
    """

    def __init__(self, device: torch.device, *seeds: int) -> None:
        self._device = device
        self._seed = _mixed(seeds)
        self._outside = ExitStack()

    def __enter__(self) -> Self:
        """Save the caller's state, and start with the seeds."""
        self._inside()
        torch.manual_seed(self._seed)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Restore the caller's state."""
        self._outside.close()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the caller draw its own numbers meanwhile; then continue as if it had not."""
        ours = _random_state(self._device)
        self._outside.close()
        try:
            yield
        finally:
            self._inside()
            _set_random_state(self._device, ours)

    def _inside(self) -> None:
        self._outside.callback(_set_random_state, self._device, _random_state(self._device))
        if self._device.type == "cuda":  # on CPUs, the kernels used here are deterministic already
            self._outside.enter_context(_deterministic_kernels())


def _random_state(device: torch.device) -> tuple[Tensor, Tensor | None]:
    on_gpu = device.type == "cuda"
    return torch.get_rng_state(), torch.cuda.get_rng_state(device) if on_gpu else None


def _set_random_state(device: torch.device, state: tuple[Tensor, Tensor | None]) -> None:
    on_cpu, on_gpu = state
    torch.set_rng_state(on_cpu)
    if on_gpu is not None:
        torch.cuda.set_rng_state(on_gpu, device)


@contextmanager
def _deterministic_kernels() -> Iterator[None]:
    """Restrict cuDNN and PyTorch to kernels that sum in a fixed order.

    Otherwise cuDNN may choose algorithms by timing (`benchmark`), differently each time.
    Reproducible comparisons are worth the few percent. An operation without a deterministic form
    warns instead of failing.
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
        # Filling only helps to find reads of uninitialised memory, and writes all of it.
        _memory.fill_uninitialized_memory = False
        yield
    finally:
        torch.use_deterministic_algorithms(asked, warn_only=warned)
        torch.backends.cudnn.benchmark = benchmark
        _memory.fill_uninitialized_memory = filled


def _mixed(seeds: tuple[int, ...]) -> int:
    """A seed from several seeds, such that (1, 2) and (2, 1) are unrelated."""
    return int(np.random.SeedSequence(seeds).generate_state(1, np.uint64)[0] >> 1)
