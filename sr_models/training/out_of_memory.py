"""Running out of memory, as an error that says what to change."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from sr_models.config import TrainConfig
from sr_models.training.runtime import Runtime

# Messages of PyTorch's CPU allocator, depending on the system; it has no exception of its own.
_CPU_MESSAGES = ("can't allocate memory", "not enough memory")


class OutOfMemoryError(RuntimeError):
    """Training with a setting needs more memory than there is: the trial has failed."""


@contextmanager
def explaining_out_of_memory(config: TrainConfig, runtime: Runtime) -> Iterator[None]:
    """Say which settings to lower when memory runs out inside.

    Raises:
        OutOfMemoryError: memory ran out.
    """
    try:
        yield
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise OutOfMemoryError(_advice(config, runtime, error)) from error


def is_out_of_memory(error: RuntimeError) -> bool:
    """Return whether an error of PyTorch means that memory ran out, on a GPU or not."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    return any(message in str(error) for message in _CPU_MESSAGES)


def _advice(config: TrainConfig, runtime: Runtime, error: RuntimeError) -> str:
    where = "GPU" if runtime.device.type == "cuda" else "main"
    ways = [f"training.batch_size (now {config.training.batch_size})"]
    channels = getattr(config.network, "channels", None)
    if channels is not None:
        ways.append(f"network.channels (now {channels})")
    ways.append(f"data.size (now {config.data.size})")
    precision = "" if runtime.bf16 else ", or set training.precision: bf16"
    first_line = str(error).partition("\n")[0]
    return (
        f"out of {where} memory ({runtime}): lower {' or '.join(ways)}{precision}; "
        f"or run fewer trials at once. {first_line}"
    )
