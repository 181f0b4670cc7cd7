"""How fast the product trains beside the bare loops that it is made of, on this machine.

Each way has a process of its own, for what one leaves in memory must not help another. They take
turns of a few steps, over several rounds; the best round of each counts, since other work on the
machine can only slow it down. The product trains on photographs that it decodes itself; the bare
loops on tensors that lie in memory already. On a GPU the product has three ways to run a step; the
losses that their first epochs end with are shown beside their speeds, and an error ends the
benchmark where they differ by more than one in a hundred.

    python benchmarks/training_speed.py                  on a GPU where there is one
    python benchmarks/training_speed.py --device cpu --threads 2
"""

import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from speed.cases import CPU_CASES, CPU_WAYS, GPU_CASES, GPU_WAYS, PRODUCTS, SAME, Case

from sr_models.cli import run_command
from sr_models.cpus import usable_cpus
from sr_models.errors import WorkFailedError

Speeds = dict[str, list[float]]
Losses = dict[str, float]

_CLOSE = 0.01
"""Relative; bf16 that is rounded at other places differs by 0.1 %."""

_side: Any = None
"""What this process trains with."""


def benchmark(
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    threads: Annotated[int, typer.Option(min=1, help="CPU threads for PyTorch.")] = usable_cpus(),
    rounds: Annotated[int, typer.Option(min=1, help="How often each way has its turn.")] = 5,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of a turn.")] = None,
    only: Annotated[str, typer.Option(help="Cases whose name has this in it.")] = "",
) -> None:
    """Measure training. Example: python benchmarks/training_speed.py --device cpu ."""
    import torch

    on_gpu = device != "cpu" and torch.cuda.is_available()
    cases = GPU_CASES if on_gpu else CPU_CASES
    ways = GPU_WAYS if on_gpu else CPU_WAYS
    turn = steps or (40 if on_gpu else 4)
    place = "cuda" if on_gpu else "cpu"
    found: dict[str, Speeds] = {}
    losses: dict[str, Losses] = {}
    for case in cases:
        if only in case.name:
            found[case.name], losses[case.name] = measure(case, ways, place, threads, rounds, turn)
    show(found, ways, f"{hardware(place, threads)}; torch {torch.__version__}")
    check(losses)


def measure(
    case: Case, ways: tuple[str, ...], device: str, threads: int, rounds: int, steps: int
) -> tuple[Speeds, Losses]:
    """Give each way its turns on one case; also returns the losses of the product's ways."""
    speeds: Speeds = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        context = get_context("forkserver")
        context.set_forkserver_preload(["torch", "sr_models.training"])  # imported once for all
        processes = {way: stack.enter_context(ProcessPoolExecutor(1, context)) for way in ways}
        typer.echo(f"{case.name}: getting {len(ways)} ways ready", err=True)
        begun = [
            process.submit(start, case, way, device, threads, steps, folder)
            for way, process in processes.items()
        ]
        ended = {way: ready.result() for way, ready in zip(processes, begun, strict=True)}
        for _ in range(rounds):
            for way, process in processes.items():
                speeds[way].append(process.submit(turn).result())
    return speeds, {way: loss for way, loss in ended.items() if loss is not None}


def start(case: Case, way: str, device: str, threads: int, steps: int, folder: str) -> float | None:
    """In a process of its own: get ready; returns the loss of the product's first epoch."""
    global _side  # noqa: PLW0603 - the process has one
    import os

    if way not in PRODUCTS:
        from speed.bare import Bare

        _side = Bare(case, way, device, threads, steps)
        return None
    from speed.product import Product, write_photographs

    place = Path(folder, PRODUCTS[way])
    os.environ["SR_TUNER_CACHE"] = str(place / "cache")
    # Five in a hundred validate, and what is left is a whole number of batches.
    trained = steps * case.batch_size
    write_photographs(place / "photographs", case, trained + round(trained / 19))
    _side = Product(case, PRODUCTS[way], device, threads, place / "photographs")
    loss: float = _side.loss
    return loss


def turn() -> float:
    """In a process of its own: train a few steps; images per second."""
    speed: float = _side.images_per_second()
    return speed


def show(found: dict[str, Speeds], ways: tuple[str, ...], machine: str) -> None:
    """Print one row a case, in Markdown's manner, to be copied into the README."""
    header = ["images/s", *ways, "best product / same", "best product / best"]
    table = Table(*header, title=machine, title_justify="left")
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for name, speeds in found.items():
        best = {way: max(values) for way, values in speeds.items()}
        ours = max(speed for way, speed in best.items() if way in PRODUCTS)
        fastest = max(speed for way, speed in best.items() if way not in PRODUCTS)
        shares = (ours / best[SAME], ours / fastest)
        cells = [name, *(f"{best[way]:.1f}" for way in ways), *(f"{s:.0%}" for s in shares)]
        table.add_row(*cells)
        lines.append("| " + " | ".join(cells) + " |")
    Console(width=160).print(table)
    typer.echo("\n".join(lines))


def check(losses: dict[str, Losses]) -> None:
    """Show the losses that the product's ways came to; they must agree.

    Raises:
        WorkFailedError: they do not.
    """
    for name, found in losses.items():
        if len(found) < 2:
            continue
        lowest, highest = min(found.values()), max(found.values())
        shown = ", ".join(f"{way} {loss:.6f}" for way, loss in found.items())
        typer.echo(f"loss of {name}: {shown}")
        if not highest - lowest <= _CLOSE * highest:
            raise WorkFailedError(f"{name}: the ways to run a step come to different losses")


def hardware(device: str, threads: int) -> str:
    """Name the machine."""
    if device == "cuda":
        import torch

        return torch.cuda.get_device_name()
    information = Path("/proc/cpuinfo")
    text = information.read_text() if information.is_file() else ""
    name = text.partition("model name")[2].partition("\n")[0].lstrip("\t: ") or "a CPU"
    amx = "with AMX" if "amx_bf16" in text else "without AMX"
    return f"{name}, {amx}, {threads} threads"


if __name__ == "__main__":
    run_command(benchmark)
