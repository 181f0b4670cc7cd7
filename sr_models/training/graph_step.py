"""A training step as a CUDA graph, without the launch overhead that dominates small networks.

A graph uses the memory that it was captured with. So a batch is copied into the graph's own
tensors, and everything that changes from step to step (learning rate, weight of the moving average)
is read from the device's memory.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor
from torch.optim import Optimizer

from sr_models.data import Batch
from sr_models.errors import UserError
from sr_models.training.compiled import with_compiled_network
from sr_models.training.snapshot import Snapshot, train_once
from sr_models.training.step import EagerStep, Step

Mode = Literal["auto", "eager", "graph", "compile"]

Capture = Callable[[Callable[[], None]], Callable[[], None]]
"""Records what a function does on the device, without running it; returns how to replay it."""

WORTH_IT = 100
"""Number of steps below which capturing and checking (a second or two) would not pay off."""

WARM_UP = 3
"""Steps before the capture, in which libraries choose and load their kernels."""


class GraphStep:
    """Replays a captured step; batches of another shape use the eager step."""

    def __init__(self, eager: EagerStep, batch: Batch, capture: Capture) -> None:
        self._eager = eager
        self._batch = batch.map(Tensor.clone)
        eager.state.optimizer.zero_grad()  # new gradients are in the graph's memory
        self._replay = capture(lambda: eager(self._batch))

    def __call__(self, batch: Batch) -> None:
        """Train on a batch, uint8 and on the device."""
        if batch.shapes != self._batch.shapes:
            self._eager(batch)
            return
        self._batch.x.copy_(batch.x)
        for own, images in zip(self._batch.targets.values(), batch.targets.values(), strict=True):
            own.copy_(images)
        self._replay()


def choose_step(
    mode: Mode, eager: EagerStep, batch: Batch, *, steps: int, capture: Capture | None = None
) -> Step:
    """Return the graph if it is available and computes the same as the eager step.

    Both train on `batch` from the same state, which is restored at the end.

    Args:
        mode: `auto` uses the eager step if the graph fails, with a warning; `graph` raises.
            `compile` first compiles the network, and is then like `auto`.
        eager: the step to capture.
        batch: a typical batch.
        steps: how many are to come.
        capture: how to capture; by default with CUDA.

    Raises:
        UserError: `graph` was requested, but differs or is not available.
    """
    if mode == "compile":
        eager = with_compiled_network(eager, batch)
    if mode == "eager" or (mode == "auto" and steps < WORTH_IT):
        return eager
    if capture is None and not batch.x.is_cuda:
        return eager
    try:
        if batch.x.is_cuda and not reads_rates_from_memory(eager.state.optimizer):
            raise _DiffersError("the optimizer takes its learning rate from the host")
        return _checked(eager, batch, capture or cuda_graph)
    except (_DiffersError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        if mode == "graph":
            raise UserError(f"training.step: graph: {reason}") from error
        logging.getLogger(__name__).warning("trained without a CUDA graph: %s", reason)
        return eager


def reads_rates_from_memory(optimizer: Optimizer) -> bool:
    """Return whether the learning rates are tensors; otherwise a graph would repeat the first."""
    return all(isinstance(group["lr"], Tensor) for group in optimizer.param_groups)


def cuda_graph(run: Callable[[], None]) -> Callable[[], None]:
    """Capture with CUDA."""
    graph = torch.cuda.CUDAGraph()
    # Other threads may pin memory meanwhile, which the stricter modes treat as an error.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        run()
    return graph.replay


class _DiffersError(Exception):
    """A captured step computes something else than the eager step."""


def _checked(eager: EagerStep, batch: Batch, capture: Capture) -> Step:
    before = Snapshot.of(eager)
    try:
        with _side_stream(batch.x.device):
            for _ in range(WARM_UP):
                train_once(eager, eager.state, batch)
            wanted, again = (_after(eager, eager, batch, before) for _ in range(2))
            before.restore(eager)
        graphed = GraphStep(eager, batch, capture)
        found = _after(graphed, eager, batch, before)
        different = wanted.difference(found, again)
    finally:
        before.restore(eager)
    if different is not None:
        raise _DiffersError(f"{different} would differ after it")
    return graphed


def _after(step: Step, eager: EagerStep, batch: Batch, before: "Snapshot") -> "Snapshot":
    """The state after a step from the state before."""
    before.restore(eager)
    train_once(step, eager.state, batch)
    return Snapshot.of(eager)


@contextmanager
def _side_stream(device: torch.device) -> Iterator[None]:
    """Work on another stream, which CUDA requires before a capture."""
    if device.type != "cuda":
        yield
        return
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(stream):
        yield
    torch.cuda.current_stream(device).wait_stream(stream)
