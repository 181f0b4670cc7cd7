"""How well does a search spend its epochs? Ours against others, on the surrogate of LCBench.

    python benchmarks/search_efficiency.py --data ../shared/data/lcbench

Every method gets the same number of epochs on the same simulated workers. Ours are real studies:
the same sampler, scheduler, state machine and records as `tuner.run` uses; Ray Tune's and Syne
Tune's are their own classes (efficiency/rivals.py). A trial's score is the best validation accuracy
that any epoch of it showed, a search's the best of its trials; regret is what is missing to the
best that any method ever found on the task, as a part of the way there from the median random
setting.

Half of the tasks served to choose our defaults; the other half was kept out of that choice.
"""

import json
import logging
import os
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from efficiency import tables
from efficiency.chart import Curve, write_chart
from efficiency.figures import Figures, Scales
from efficiency.methods import ABLATIONS, METHODS, Run, run_one, scale
from efficiency.rivals import INSTALL

from tuner.cli import run_command
from tuner.objectives.surrogate import MAX_EPOCHS, TASKS

Job = tuple[str, str, int, str, int]
HALVES = {"held out": TASKS[1::2], "development": TASKS[0::2]}
BUDGETS = tuple(count * MAX_EPOCHS for count in (2, 5, 10, 20))
STEP = 17
"""Epochs between the points of a curve."""


def search_efficiency(
    data: Annotated[Path, typer.Option(help="Folder of the surrogate: model.onnx, encoding.json.")],
    output: Annotated[Path, typer.Option(help="Where runs, tables and charts go.")] = Path(
        "results/search-efficiency"
    ),
    tasks: Annotated[int, typer.Option(min=2, max=34, help="Tasks, half of them held out.")] = 34,
    seeds: Annotated[int, typer.Option(min=1)] = 5,
    processes: Annotated[int, typer.Option(min=1)] = os.cpu_count() or 1,
    methods: Annotated[list[str] | None, typer.Option("--method", help="Only these.")] = None,
    reuse: Annotated[bool, typer.Option("--reuse", help="Keep the runs in --output.")] = False,
) -> None:
    """Compare searches on equal epochs; prints tables, writes them and two charts.

    With --reuse the runs that --output holds are not run again: after an interruption, or to add
    a method. The code and its defaults must be as they were.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    output.mkdir(parents=True, exist_ok=True)
    chosen = [one for one in METHODS if one in (methods or METHODS) and _can_run(one)]
    halves = {name: half[: tasks // 2] for name, half in HALVES.items()}
    jobs = [
        (method, task, seed, str(data.absolute()), BUDGETS[-1])
        for half in halves.values()
        for task in half
        for seed in range(seeds)
        for method in chosen
    ]
    store = output / "runs.jsonl"
    if not reuse:
        store.unlink(missing_ok=True)
    started = time.monotonic()
    runs, scales = _run_all(jobs, store, processes)
    texts = [*_halves(runs, scales, halves, output), tables.costs(runs)]
    texts.append(tables.setting(seeds, processes, time.monotonic() - started))
    text = "\n\n".join(texts)
    (output / "tables.md").write_text(text + "\n")
    typer.echo(text)


def _can_run(method: str) -> bool:
    if not method.startswith("Syne"):
        return True
    try:
        import syne_tune  # noqa: F401
    except ImportError:
        typer.echo(f"without {method}: install Syne Tune with {INSTALL}", err=True)
        return False
    return True


def _run_all(jobs: Sequence[Job], store: Path, processes: int) -> tuple[list[Run], Scales]:
    """All runs, those that `store` holds and those that are added to it; and each task's scale."""
    lines = store.read_text().splitlines() if store.is_file() else []
    known = {(r.method, r.task, r.seed): r for r in (Run(**json.loads(line)) for line in lines)}
    missing = [job for job in jobs if job[:3] not in known]
    tasks, data = list(dict.fromkeys(job[1] for job in jobs)), jobs[0][3]
    workers = ProcessPoolExecutor(processes, get_context("spawn"), _quietly)
    with workers as pool, store.open("a") as file:
        scales = dict(zip(tasks, pool.map(scale, tasks, [data] * len(tasks)), strict=True))
        for count, run in enumerate(pool.map(run_one, missing), 1):
            known[run.method, run.task, run.seed] = run
            file.write(json.dumps(vars(run)) + "\n")
            file.flush()
            typer.echo(f"\r{count} of {len(missing)} searches", nl=count == len(missing), err=True)
    return [known[job[:3]] for job in jobs], scales


def _quietly() -> None:
    """The rivals log each of their steps."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")


def _halves(
    runs: Sequence[Run], scales: Scales, halves: dict[str, Sequence[str]], output: Path
) -> Iterator[str]:
    """The table of each half of the tasks; writes its chart."""
    steps = sorted({*range(MAX_EPOCHS, BUDGETS[-1], STEP), *BUDGETS})
    for name, tasks in halves.items():
        own = [run for run in runs if run.task in tasks]
        figures = Figures.of(own, tasks, scales, steps)
        curves = {
            method: Curve(
                steps,
                [figures.regret(method, step) for step in steps],
                [figures.error(method, step) for step in steps],
            )
            for method in figures.methods
            if method not in ABLATIONS
        }
        title = f"{name.capitalize()} tasks: {len(tasks)}, {figures.seeds} seeds each"
        write_chart(output / f"{name.replace(' ', '-')}.svg", title, curves, MAX_EPOCHS)
        yield tables.regrets(name, figures, BUDGETS)


if __name__ == "__main__":
    run_command(search_efficiency)
