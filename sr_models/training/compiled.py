"""The network compiled by PyTorch: fewer and larger kernels, after some seconds of compiling."""

import copy
import logging
import os

import torch

from sr_models.data import Batch
from sr_models.data.paths import cache_root
from sr_models.training.snapshot import Snapshot, train_once
from sr_models.training.step import EagerStep

_CLOSE = 1e-2
"""Relative difference of a step's loss and PSNR; bf16 rounded elsewhere differs by 0.1 %."""

_CACHE = "TORCHINDUCTOR_CACHE_DIR"


def with_compiled_network(eager: EagerStep, batch: Batch) -> EagerStep:
    """Return the step with a compiled network, or unchanged, with a warning, if that fails.

    A step of each is trained on `batch` from the same state, which is restored at the end. Compiled
    code is reused by other trials and later studies from the cache beside the decoded images,
    unless TORCHINDUCTOR_CACHE_DIR names another folder.
    """
    os.environ.setdefault(_CACHE, str(cache_root() / "inductor"))
    compiled = copy.copy(eager)
    compiled.forward = torch.compile(eager.state.network, dynamic=False)
    before = Snapshot.of(eager)
    try:
        wanted, found = (_metered(step, eager, batch, before) for step in (eager, compiled))
        reason = f"it computes {found} for {wanted}"
        close = torch.allclose(torch.tensor(found), torch.tensor(wanted), rtol=_CLOSE)
    except RuntimeError as error:  # the compiler failed, or there is none
        reason, close = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}", False
    finally:
        before.restore(eager)
    if not close:
        logging.getLogger(__name__).warning("trained without a compiled network: %s", reason)
    return compiled if close else eager


def clear_compiled() -> None:
    """Start anew in a process that has trained before: PyTorch keeps few compiled networks."""
    torch.compiler.reset()


def _metered(step: EagerStep, eager: EagerStep, batch: Batch, before: Snapshot) -> list[float]:
    """Loss and PSNR of the step, both summed over the batch."""
    before.restore(eager)
    for _ in range(2):  # the second step shows what the gradients of the first have changed
        train_once(step, eager.state, batch)
    sums: list[float] = eager.meter.sums.tolist()
    return sums
