"""How long a folder of 2K photographs takes to open, and how much memory.

The folder is made up: some different photographs, and as many names for them as are asked for, as
links, since 20,000 different ones would take 220 GB decoded. Each opening is a process of its own,
as a trial's is.

    python benchmarks/large_folder.py --folder /tmp/large
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image
from rich.console import Console
from rich.table import Table

from sr_models.cli import run_command
from sr_models.cpus import usable_cpus
from sr_models.data.parallel import in_parallel

WIDTH, HEIGHT = 2040, 1356

OPEN = "--open"
"""What this script is started with to open the folder once."""


def benchmark(
    folder: Annotated[Path, typer.Option(help="Where photographs and cache are put; new.")],
    names: Annotated[int, typer.Option(min=10, help="Photographs in the folder.")] = 20_000,
    different: Annotated[int, typer.Option(min=2, help="Different ones among them.")] = 300,
) -> None:
    """Measure openings. Example: python benchmarks/large_folder.py --folder /tmp/large ."""
    folder.mkdir(parents=True)
    originals, photographs = folder / "originals", folder / "photographs"
    originals.mkdir()
    list(in_parallel(lambda number: write(originals, number), range(different)))
    for number in range(names):
        subfolder = photographs / f"{number // 1000:03}"
        subfolder.mkdir(parents=True, exist_ok=True)
        source = originals / f"{number % different}.jpg"
        (subfolder / f"{number:06}.jpg").symlink_to(source.resolve())
    heads = ("opening", "seconds", "CPU seconds", "peak memory", "usable")
    table = Table(
        *heads, title=f"{names:,} photographs of {WIDTH} x {HEIGHT}, {usable_cpus()} CPUs"
    )
    rows = [("the first", opened(folder)), ("again", opened(folder)), ("again", opened(folder))]
    first = photographs / "000"
    write(first, names)
    (first / "000000.jpg").unlink()
    (first / "000001.jpg").unlink()
    write(first, 1, "000001")
    rows.append(("one changed, one added, one gone", opened(folder)))
    for what, (seconds, busy, memory, usable) in rows:
        table.add_row(what, f"{seconds:.2f}", f"{busy:.2f}", f"{memory:.0f} MB", f"{usable:,}")
    Console().print(table)
    shutil.rmtree(folder)


def write(folder: Path, number: int, name: str = "") -> None:
    """A photograph of smooth colours and some noise, as heavy as a real one."""
    random = np.random.default_rng(number)
    coarse = random.integers(0, 256, (24, 36, 3), dtype=np.uint8)
    smooth = Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    grain = random.integers(-6, 7, (HEIGHT, WIDTH, 1), dtype=np.int16)
    pixels = (np.asarray(smooth) + grain).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(folder / f"{name or number}.jpg", quality=92)


def opened(folder: Path) -> tuple[float, float, float, int]:
    """Open the folder in another process.

    Returns:
        seconds, seconds of CPUs, peak memory in MB, usable images.
    """
    found = subprocess.run(
        [sys.executable, __file__, OPEN, str(folder)],
        env={**os.environ, "SR_TUNER_CACHE": str(folder / "cache")},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    seconds, busy, memory, usable = json.loads(found.stdout)
    return seconds, busy, memory, usable


def open_once(folder: str) -> None:
    """Open as a trial does, and print what it took."""
    from sr_models.data import DataConfig, open_data

    source = {"type": "folder", "path": f"{folder}/photographs"}
    config = DataConfig.model_validate(
        {"train": source, "validation": 0.01, "size": 48, "patches": {"steps": 1000}}
    )
    begun, busy = time.monotonic(), time.process_time()
    data = open_data(config)
    seconds, busy = time.monotonic() - begun, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([seconds, busy, peak, data.train_count + data.validation_count]))


if __name__ == "__main__":
    if sys.argv[1:2] == [OPEN]:
        open_once(sys.argv[2])
    else:
        run_command(benchmark)
