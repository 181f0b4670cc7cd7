"""A study on a real cluster of two machines, whose command is killed, and then one of them.

Each machine has its own name, network and files. That needs Linux, root, `ip` and `unshare`.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tuner.records import Records

ROOT = Path(__file__).parents[3] / "benchmarks"
TRIALS = 6


@pytest.fixture
def chaos(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The benchmark's modules that make clusters and run studies on them."""
    monkeypatch.syspath_prepend(ROOT)
    import cluster.nodes
    import cluster.run

    if not cluster.nodes.possible():
        pytest.skip("machines with networks of their own need root, `ip netns` and `unshare`")
    yield cluster
    for name in [name for name in sys.modules if name.split(".")[0] in ("cluster", "thousand")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="c-", dir="/tmp") as folder:  # sockets want it short
        yield Path(folder)


def trained_there(folder: Path, host: str) -> list[int]:
    """The trials of which a host has trained an epoch."""
    if not (folder / "study.db").exists():
        return []
    with Records.open(folder) as records:
        return [row.trial for row in records.epochs() if row.worker.partition(":")[0] == host]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_command_and_a_machine_without_the_results_die_and_no_trial_pays(
    chaos: Any, folder: Path
) -> None:
    results = folder / "results"
    file = folder / "two.yaml"
    chaos.run.write_study(file, seed=1, trials=TRIALS)
    with chaos.nodes.cluster(folder / "ray", results) as machines:
        run = chaos.run.Run(file, results, machines.address)
        blind = machines.start_node("blind", chaos.nodes.Flaw.BLIND)
        run.wait_until(lambda: bool(trained_there(run.folder, "blind")), "trains on both")
        run.process.kill()  # the command, while the machine that sees no results trains
        run.process.wait()
        before = len(trained_there(run.folder, "blind"))
        run = chaos.run.Run(file, results, machines.address)
        run.wait_until(lambda: len(trained_there(run.folder, "blind")) > before, "goes on there")
        blind.kill()
        assert run.ends() == 0, run.said
    moved = chaos.run.require_whole(run.folder, TRIALS, Counter({"blind is lost": 1}))
    assert moved == 1
    assert run.said.count("blind takes part (1 core; it does not see the results") == 1
    assert run.said.count("blind is lost") == 1
    assert "Traceback" not in run.said
    environment = json.loads((run.folder / "environment.json").read_text())
    assert set(environment["machines"]) == {"head", "blind"}
