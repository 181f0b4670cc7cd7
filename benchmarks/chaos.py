"""Breaks a cluster under running studies, again and again, and sees that nothing is lost.

    python benchmarks/chaos.py --count 20 --seed 1 --record chaos.jsonl

The cluster is a head and two nodes on this machine, each with its own name and network; that needs
Linux, root and `ip`. Faults hit at random moments. Every study must end with each trial complete,
each epoch once, none tried again, and what became of each machine told of once.
"""

import json
import random
import shutil
import signal
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from cluster.faults import NODES, Breaker, Kind
from cluster.nodes import cluster, possible
from cluster.run import EPOCHS

from sr_models.errors import UserError
from tuner.cli import run_command


def chaos(
    count: Annotated[int, typer.Option(min=1, help="Faults of each kind.")] = 20,
    seed: Annotated[int, typer.Option(help="Of moments and victims.")] = 1,
    kinds: Annotated[
        list[Kind] | None, typer.Option("--kind", help="Only these kinds of faults.")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Of each study.")] = 100,
    record: Annotated[
        Path, typer.Option(help="File to which is added what was seen; what it has is not redone.")
    ] = Path("chaos.jsonl"),
) -> None:
    """Break a cluster under studies; exit code 1 if anything is lost.

    Example: python benchmarks/chaos.py --count 2 --kind node-kill --kind link-down
    """
    if not possible():
        raise UserError("this needs Linux, root, `ip netns` and `unshare`")
    folder = Path(tempfile.mkdtemp(prefix="c-", dir="/tmp"))
    print(f"in {folder}", flush=True)
    for kind in kinds or list(Kind):
        done = sum(row["faults"] for row in _rows(record) if row["kind"] == kind)
        if done < count:
            place = folder / kind
            with cluster(place / "r", place / "results") as made:
                for name in NODES:
                    made.start_node(name).wait()
                breaker = Breaker(made, place, random.Random(f"{kind} {seed} {done}"), trials)
                try:
                    _break(breaker, kind, count - done, record, seed)
                finally:
                    breaker.stop()
    shutil.rmtree(folder, ignore_errors=True)
    print(_table(_rows(record)))


def _break(breaker: Breaker, kind: Kind, count: int, record: Path, seed: int) -> None:
    """Break the same thing so many times, and note each study that was whole at its end."""
    made = 0
    while made < count:
        if breaker.break_once(kind):
            made += 1
            told = breaker.faults[-1]
            print(f"{kind} {made} of {count}: told after {told:.1f} s", flush=True)
        else:
            _note(breaker, kind, record, seed)
    _note(breaker, kind, record, seed)


def _note(breaker: Breaker, kind: Kind, record: Path, seed: int) -> None:
    moved = breaker.see_whole()
    row = {
        "kind": kind,
        "seed": seed,
        "faults": len(breaker.faults),
        "told": [round(seconds, 1) for seconds in breaker.faults],
        "trials": breaker.trials,
        "moved": moved,
    }
    print(f"a study is whole after {len(breaker.faults)} faults", flush=True)
    with record.open("a") as file:
        file.write(json.dumps(row) + "\n")


def _rows(record: Path) -> list[dict[str, Any]]:
    if not record.exists():
        return []
    return [json.loads(line) for line in record.read_text().splitlines()]


def _table(rows: list[dict[str, Any]]) -> str:
    """What was seen, a line for each kind."""
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        kinds[row["kind"]].append(row)
    lines = ["| fault | times | told after, s (median, most) | studies | epochs | moved |"]
    lines.append("|---|---|---|---|---|---|")
    for kind, own in kinds.items():
        told = [seconds for row in own for seconds in row["told"]]
        epochs = sum(row["trials"] for row in own) * EPOCHS
        lines.append(
            f"| {kind} | {len(told)} | {median(told):.0f}, {max(told):.0f} | {len(own)} "
            f"| {epochs:,} | {sum(row['moved'] for row in own)} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the nodes are ended too
    run_command(chaos)
