"""Where and how to compute: device, precision and memory layout, as config and hardware allow.

`auto` is what is fast on the hardware; `benchmarks/training_speed.py` measures it. bf16 means
autocast: convolutions multiply in bf16 and sum in fp32; weights, optimizer, losses and metrics stay
fp32.
"""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from sr_models.config import TrainingSettings
from sr_models.errors import UserError

Module = TypeVar("Module", bound=nn.Module)

# The x86 instructions with which bf16 is faster. AVX512-BF16 alone is not enough: on a Xeon
# without AMX, a step in bf16 takes 1.6 times as long as in fp32.
_BF16_INSTRUCTIONS = "amx_bf16"

CPU_INFORMATION = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Runtime:
    """The device, the precision and the memory layout."""

    device: torch.device
    bf16: bool
    channels_last: bool

    def __str__(self) -> str:
        """Describe it in a few words: "cpu, bf16, channels_last"."""
        layout = ", channels_last" if self.channels_last else ""
        return f"{self.device.type}, {'bf16' if self.bf16 else 'fp32'}{layout}"

    def autocast(self) -> AbstractContextManager[None]:
        """Compute the networks inside in the chosen precision."""
        context: AbstractContextManager[None] = torch.autocast(
            self.device.type, torch.bfloat16, enabled=self.bf16
        )
        return context

    @property
    def exact(self) -> "Runtime":
        """The same in fp32, for validation, where the model is scored as it will be used.

        On networks that were trained in bf16, validation in bf16 changed PSNR by 0.0001 to 0.015
        dB, which is more than some differences between trials.
        """
        return replace(self, bf16=False)

    def now(self) -> float:
        """Return the seconds of a clock, once the device has finished its work."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()

    def place(self, module: Module) -> Module:
        """Move a module to the device, in the chosen layout."""
        return module.to(self.device).to(memory_format=self._memory_format)

    def images(self, pixels: Tensor) -> Tensor:
        """Convert (N, 3, H, W) uint8 in [0, 255] to float32 in [0, 1] on the device."""
        images = pixels.to(self.device, non_blocking=True).float().div_(255)
        return images.contiguous(memory_format=self._memory_format)

    @property
    def _memory_format(self) -> torch.memory_format:
        return torch.channels_last if self.channels_last else torch.contiguous_format


def choose_runtime(settings: TrainingSettings) -> Runtime:
    """Follow the settings; `auto` is what is fast on this machine.

    A GPU if there is one. bf16 with channels_last on GPUs from Ampere on and on CPUs with AMX.
    Otherwise fp32: with channels_last on a CPU, where convolutions are faster in it, and without on
    older GPUs.

    Raises:
        UserError: a GPU, or what only a GPU can do, is asked for, and there is none.
    """
    device = _device(settings.device)
    if settings.step == "graph" and device.type != "cuda":
        raise UserError("training.step: graph, but only CUDA has graphs (`auto` uses them there)")
    bf16 = settings.precision == "bf16"
    if settings.precision == "auto":
        bf16 = multiplies_in_bf16(device)
    channels_last = settings.channels_last
    if channels_last == "auto":
        channels_last = bf16 or device.type == "cpu"
    return Runtime(device, bf16, channels_last)


def _device(asked: str) -> torch.device:
    if asked == "cuda" and not torch.cuda.is_available():
        raise UserError(
            "training.device: cuda, but PyTorch sees no CUDA GPU here "
            "(`auto` uses a GPU if there is one)"
        )
    on_gpu = asked != "cpu" and torch.cuda.is_available()
    return torch.device("cuda" if on_gpu else "cpu")


def multiplies_in_bf16(device: torch.device) -> bool:
    """Return whether the hardware has instructions for it, so that bf16 is faster."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return _BF16_INSTRUCTIONS in cpu_instructions()


@cache
def cpu_instructions() -> frozenset[str]:
    """Return the names of the CPU's instruction sets, as Linux writes them; empty if unknown."""
    if hasattr(torch.cpu, "get_capabilities"):  # PyTorch 2.12 and later, on every system
        return frozenset(name for name, has in torch.cpu.get_capabilities().items() if has is True)
    if not CPU_INFORMATION.is_file():
        return frozenset()
    lines = CPU_INFORMATION.read_text().splitlines()
    flags = [line for line in lines if line.startswith("flags")]
    return frozenset(flags[0].partition(":")[2].split()) if flags else frozenset()
