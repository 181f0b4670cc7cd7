"""How fast the product trains beside the bare loops that it is made of, on this machine.

Each way has a process of its own, for what one leaves in memory must not help another. They take
turns of a few steps, over several rounds; the best round of each counts, since other work on the
machine can only slow it down. The product trains on photographs that it decodes itself; the bare
loops on tensors that lie in memory already.

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
from speed.cases import CPU_CASES, CPU_WAYS, GPU_CASES, GPU_WAYS, PRODUCT, SAME, Case

from sr_models.cli import run_command
from sr_models.cpus import usable_cpus

Speeds = dict[str, list[float]]

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
    found = {
        case.name: measure(case, ways, place, threads, rounds, turn)
        for case in cases
        if only in case.name
    }
    show(found, ways, f"{hardware(place, threads)}; torch {torch.__version__}")


def measure(
    case: Case, ways: tuple[str, ...], device: str, threads: int, rounds: int, steps: int
) -> Speeds:
    """Give each way its turns on one case."""
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
        for ready in begun:
            ready.result()
        for _ in range(rounds):
            for way, process in processes.items():
                speeds[way].append(process.submit(turn).result())
    return speeds


def start(case: Case, way: str, device: str, threads: int, steps: int, folder: str) -> None:
    """In a process of its own: get ready."""
    global _side  # noqa: PLW0603 - the process has one
    import os

    if way != PRODUCT:
        from speed.bare import Bare

        _side = Bare(case, way, device, threads, steps)
        return
    from speed.product import Product, write_photographs

    os.environ["SR_TUNER_CACHE"] = str(Path(folder, "cache"))
    # Five in a hundred validate, and what is left is a whole number of batches.
    trained = steps * case.batch_size
    write_photographs(Path(folder, "photographs"), case, trained + round(trained / 19))
    _side = Product(case, device, threads, Path(folder, "photographs"))


def turn() -> float:
    """In a process of its own: train a few steps; images per second."""
    speed: float = _side.images_per_second()
    return speed


def show(found: dict[str, Speeds], ways: tuple[str, ...], machine: str) -> None:
    """Print one row a case, in Markdown's manner, to be copied into the README."""
    header = ["images/s", *ways, "product / same", "product / best"]
    table = Table(*header, title=machine, title_justify="left")
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for name, speeds in found.items():
        best = {way: max(values) for way, values in speeds.items()}
        fastest = max(speed for way, speed in best.items() if way != PRODUCT)
        shares = (best[PRODUCT] / best[SAME], best[PRODUCT] / fastest)
        cells = [name, *(f"{best[way]:.1f}" for way in ways), *(f"{s:.0%}" for s in shares)]
        table.add_row(*cells)
        lines.append("| " + " | ".join(cells) + " |")
    Console(width=160).print(table)
    typer.echo("\n".join(lines))


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
