"""What one driver can feed, part by part; `docs/scale.md` says what follows from it.

    python benchmarks/scale.py

1. The study alone, which proposes, judges and records on the disk of `--folder`, on a simulated
   clock, with as many workers as one likes; epochs cost nothing.
2. Ray Tune's loop over it, with real workers whose epochs take 50 ms.
3. What is done about the machines of a cluster several times a second.
4. Checkpoints on their way from machines that do not see the results.

CPU time of the driver, not the clock: other work on the machine does not count.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, cast

import typer
import yaml
from thousand.watch import Sample, Watched

from tuner.cli import run_command
from tuner.config.parse import study_of
from tuner.core.job import Job
from tuner.core.study import Study
from tuner.executors.allocation import Allocation, Machine
from tuner.executors.ray.address import Answer
from tuner.executors.ray.crew import Crew
from tuner.executors.ray.nodes import Roster, Sighting
from tuner.executors.ray.parcels import Parcel
from tuner.executors.ray.supervisor import Supervisor
from tuner.executors.ray.watch import ClusterWatch
from tuner.executors.simulation import SimulatedClock, Simulation
from tuner.lifecycle.build import build_study
from tuner.lifecycle.create import create_study
from tuner.objectives.protocol import Epoch

EPOCHS = 20
"""Of a full trial."""
SAMPLERS = ("random", "tpe")
LOOKS = 50
MEGA = 1e6


def scale(
    folder: Annotated[Path | None, typer.Option(help="Where study.db is written.")] = None,
    workers: Annotated[list[int] | None, typer.Option(help="Simulated workers.")] = None,
    processes: Annotated[list[int] | None, typer.Option(help="Workers of Ray.")] = None,
    trials: Annotated[int, typer.Option(min=10, help="Of each study.")] = 1000,
) -> None:
    """Measure what a driver does for a trial, an epoch, a machine and a checkpoint.

    Example: python benchmarks/scale.py --trials 200 --processes 2
    """
    with tempfile.TemporaryDirectory(prefix="scale-", dir=folder) as scratch:
        place = Path(scratch)
        print("\n| study alone | trials | epochs | CPU s | ms an epoch | clock, ms an epoch |")
        print("|---|---|---|---|---|---|")
        for sampler in SAMPLERS:
            for count in workers or (10, 1000):
                print(_alone(place / f"{sampler}-{count}", sampler, count, trials), flush=True)
        print("\n| through Ray | epochs | CPU s of the driver | ms an epoch |")
        print("|---|---|---|---|")
        for count in processes or (2, 8, 24):
            print(_through_ray(place, count), flush=True)
        print("\n| a look at the cluster | ms | a job's nodes to avoid, ms |\n|---|---|---|")
        for count in (10, 100, 1000):
            print(_look(count), flush=True)
        print(f"\ncheckpoints put among the results: {_unpacked(place):.0f} MB/s")


def _alone(folder: Path, sampler: str, workers: int, trials: int) -> str:
    """A study on a simulated clock, whose records go to a disk."""
    folder.mkdir()
    config = study_of(_document("alone", sampler, trials, seconds=0.0))
    with create_study(config, folder, []) as records:
        clock = SimulatedClock()
        study = build_study(config, records, workers=workers, clock=clock)
        objective = study.state.objective

        def run(job: Job) -> Iterator[Epoch]:
            """All epochs at once, as if another machine trained them."""
            rows = objective.static_metrics(job.config)
            for number in range(job.recorded + 1, EPOCHS + 1):
                quality = rows["parameters"] / 1000 + number
                yield Epoch(number, {"validation/psnr": quality, "seconds": 1.0}, 0.0, 0.0)

        simulation = Simulation(study, run, clock, workers)
        began, busy = time.monotonic(), time.process_time()
        spent = simulation.to_the_end()
        seconds, busy = time.monotonic() - began, time.process_time() - busy
        study.close()
    each = 1000 / spent.epochs
    return (
        f"| {sampler}, {workers} workers | {trials:,} | {spent.epochs:,} | {busy:.1f} "
        f"| {busy * each:.2f} | {seconds * each:.2f} |"
    )


def _through_ray(folder: Path, workers: int) -> str:
    """A study with real workers; what its driver takes between two moments of it."""
    name = f"ray-{workers}"
    document = _document(name, "random", 10**6, seconds=0.05)
    document |= {"workers": workers, "threads": 1, "scheduler": {"type": "none"}}
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(document))
    run = Watched(file, folder, name)
    first = _at(run, 20 * workers)
    last = _at(run, first.epochs + 600)
    run.kill()
    epochs, busy = last.epochs - first.epochs, last.busy - first.busy
    return f"| {workers} workers | {epochs:,} | {busy:.1f} | {1000 * busy / epochs:.1f} |"


def _at(run: Watched, epochs: int) -> Sample:
    """The first sample with so many epochs."""
    while True:
        sample = run.sample()
        assert sample is not None, run.log.read_text()
        if sample.epochs >= epochs:
            return sample
        time.sleep(0.2)


def _look(machines: int) -> str:
    """What is done several times a second where so many machines have a job each."""
    roster = Roster(Allocation(machines, 1, 0))
    there = [
        Sighting(f"{n:056x}", f"node-{n}", Machine(1, 0), True, Answer.UP) for n in range(machines)
    ]
    roster.seen(there)
    crew = Crew(roster)
    for number, one in enumerate(there):
        roster.looked_at(one.node, {}, None)
        crew.handed_out(number)
        crew.began(number, one.node)
    state = SimpleNamespace(config=SimpleNamespace(workers=None), warn=lambda text: None)
    study = cast(Study, SimpleNamespace(state=state, workers=0))
    watch = cast(ClusterWatch, SimpleNamespace(take_in=lambda: None, head_is_gone=lambda: None))
    supervisor = Supervisor(
        study, Allocation(machines, 1, 0), roster, crew, watch, lambda _: None, lambda *_: None
    )
    supervisor.look()
    look = _milliseconds(supervisor.look)
    return f"| {machines:,} machines | {look:.2f} | {_milliseconds(lambda: crew.avoided(0)):.2f} |"


def _milliseconds(call: Callable[[], Any]) -> float:
    began = time.process_time()
    for _ in range(LOOKS):
        call()
    return (time.process_time() - began) / LOOKS * 1000


def _unpacked(folder: Path) -> float:
    """MB a second of checkpoints, put into trials' folders."""
    size, count = 20 * 10**6, 10
    content = os.urandom(size)
    began = time.monotonic()
    for number in range(count):
        Parcel({"checkpoint.pt": content}).unpack(folder / f"T{number:03d}")
    return size * count / MEGA / (time.monotonic() - began)


def _document(name: str, sampler: str, trials: int, seconds: float) -> dict[str, Any]:
    return {
        "study": name,
        "objective": {"type": "analytic", "max_epochs": EPOCHS, "seconds_per_epoch": seconds},
        "search": {
            "x": {"low": 0.0, "high": 1.0},
            "y": {"low": 0.0, "high": 1.0},
            "depth": {"low": 1, "high": 16},
        },
        "metric": "validation/psnr",
        "sampler": {"type": sampler, "seed": 0},
        "budget": {"trials": trials},
        "gpus_per_trial": 0,
    }


if __name__ == "__main__":
    run_command(scale)
