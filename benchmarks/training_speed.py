"""What bf16, channels_last and kept memory gain in training, on this machine.

Trains a network like the report's step 4 on made-up images in each way in turn, each time in a
fresh process, over several rounds; prints images per second (the best round of each, for other
work on the machine can only slow it down) and how many times as fast as plain PyTorch that is.

    python benchmarks/training_speed.py --threads 2
"""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from sr_models.cli import run_command
from sr_models.config import TrainConfig, TrainingSettings
from sr_models.data import Batch
from sr_models.losses import MseConfig
from sr_models.networks import PRESETS


@dataclass(frozen=True)
class Way:
    """One way to train."""

    name: str
    settings: dict[str, Any]
    keeps_memory: bool = True


WAYS = [
    Way("fp32, as PyTorch comes", {"precision": "fp32", "channels_last": False}, False),
    Way("fp32", {"precision": "fp32", "channels_last": False}),
    Way("fp32, channels_last", {"precision": "fp32", "channels_last": True}),
    Way("bf16, channels_last", {"precision": "bf16", "channels_last": True}),
]


@dataclass(frozen=True)
class MadeUpImages:
    """The same random batch again and again: reading is not what is measured."""

    size: int
    batches: int
    batch_size: int
    fingerprint = "made up"
    validation_count = 0
    validation_names: tuple[str, ...] = ()

    @property
    def train_count(self) -> int:
        return self.batches * self.batch_size

    def train_batches(self, batch_size: int, *, seed: int, epoch: int) -> Iterator[Batch]:
        import torch

        random = torch.Generator().manual_seed(0)
        x, mid, large = (
            torch.randint(0, 256, (batch_size, side, side, 3), generator=random).to(torch.uint8)
            for side in (self.size, 2 * self.size, 4 * self.size)
        )
        batch = Batch(*(images.permute(0, 3, 1, 2) for images in (x, mid, large)))
        return iter([batch] * self.batches)


def benchmark(
    threads: Annotated[int, typer.Option(min=1, help="CPU threads for PyTorch.")] = 2,
    channels: Annotated[int, typer.Option(min=1, help="Feature maps of the network.")] = 64,
    size: Annotated[int, typer.Option(min=8, help="Side of x in pixels.")] = 72,
    batch_size: Annotated[int, typer.Option(min=1, help="Images in a step.")] = 10,
    steps: Annotated[int, typer.Option(min=1, help="Steps that are timed at once.")] = 4,
    rounds: Annotated[int, typer.Option(min=1, help="How often each way has its turn.")] = 3,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Compare ways to train. Example: python benchmarks/training_speed.py --threads 2 ."""
    shape = {"channels": channels, "size": size, "batch_size": batch_size, "steps": steps}
    speeds: dict[str, list[float]] = {way.name: [] for way in WAYS}
    for turn in range(rounds):
        for way in WAYS:
            typer.echo(f"round {turn + 1} of {rounds}: {way.name}", err=True)
            # A fresh process each: what one way leaves in memory must not help another.
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                task = process.submit(images_per_second, way, threads, device, **shape)
                speeds[way.name].append(task.result())
    show(speeds, f"{channels} channels, x {size} px, batch {batch_size}, {threads} threads")
    typer.echo(f"precision: auto is, on this machine: {what_auto_is(device)}")


def images_per_second(
    way: Way, threads: int, device: str, *, channels: int, size: int, batch_size: int, steps: int
) -> float:
    """Train a few steps."""
    from sr_models.training import run as training

    if not way.keeps_memory:
        training.keep_freed_memory = lambda: None
    config = TrainConfig(
        network=PRESETS["step4"].model_copy(update={"channels": channels}),
        loss=MseConfig(),
        training=TrainingSettings(batch_size=batch_size, device=device, **way.settings),
    )
    no_baseline = {"validation/psnr_mid": 0.0, "validation/psnr_large": 0.0}
    run = training.TrainingRun(
        config, data=MadeUpImages(size, 1, batch_size), baseline=no_baseline, threads=threads
    )
    run.train(1)  # the first step also chooses and compiles kernels
    run.data = MadeUpImages(size, steps, batch_size)
    start = time.perf_counter()
    run.train(2)  # waits for the device: the means of the epoch are numbers on the host
    return steps * batch_size / (time.perf_counter() - start)


def what_auto_is(device: str) -> str:
    from sr_models.training.runtime import choose_runtime

    return str(choose_runtime(TrainingSettings.model_validate({"device": device})))


def show(speeds: dict[str, list[float]], title: str) -> None:
    """Print one row a way."""
    table = Table(title=title, caption="images/s of the best round; in brackets, of all rounds")
    for column in ("way", "images/s", "times as fast"):
        table.add_column(column, justify="left" if column == "way" else "right", no_wrap=True)
    plain = max(speeds[WAYS[0].name])
    for name, found in speeds.items():
        rounds = ", ".join(f"{speed:.1f}" for speed in found)
        best = max(found)
        table.add_row(name, f"{best:.1f} ({rounds})", f"{best / plain:.2f}")
    Console().print(table)


if __name__ == "__main__":
    run_command(benchmark)
