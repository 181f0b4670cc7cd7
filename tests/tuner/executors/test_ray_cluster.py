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
import yaml

from tuner.records import Records

ROOT = Path(__file__).parents[3] / "benchmarks"
TRIALS = 6
CODE = {
    "train.py": """
from helper import epoch
def train(params, trial):
    number = trial.load() or 0
    for number in range(number + 1, 7):
        metrics = epoch(params, number)
        trial.save(number)
        yield metrics
""",
    "helper.py": """
import time
def epoch(params, number):
    time.sleep(0.5)
    return {"validation/psnr": params["x"] + params["y"] + number}
""",
}


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


def write_study(chaos: Any, file: Path, code: Path) -> None:
    """A study that trains code of one's own."""
    chaos.run.write_study(file, seed=1, trials=TRIALS)
    code.mkdir()
    for name, text in CODE.items():
        (code / name).write_text(text)
    own = {
        "objective": {"type": f"{code.name}/train.py:train"},
        "metric": {"name": "validation/psnr", "direction": "maximize"},
    }
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | own))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_command_and_a_machine_without_results_and_code_die_and_no_trial_pays(
    chaos: Any, folder: Path
) -> None:
    results, code = folder / "results", folder / "code"
    file = folder / "two.yaml"
    write_study(chaos, file, code)
    with chaos.nodes.cluster(folder / "ray", results, code) as machines:
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
