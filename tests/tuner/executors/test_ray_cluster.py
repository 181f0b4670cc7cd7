"""A study on a real cluster of two machines under which one thing after another breaks.

Each machine has its own name, network and files; that needs Linux and root, and is skipped without.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tuner.simulated import SimulatedEngine, run_tuner
from tuner.records import Records, TrialState
from tuner.records.status import StudyStatus, study_status

ROOT = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture(scope="module")
def chaos() -> Iterator[Any]:
    """The benchmark's modules that make clusters and run studies on them."""
    sys.path.insert(0, str(ROOT))
    try:
        import cluster.nodes
        import cluster.run
    finally:
        sys.path.remove(str(ROOT))
    if not cluster.nodes.possible():
        pytest.skip("needs root, and network namespaces")
    yield cluster
    for name in [name for name in sys.modules if name.split(".")[0] == "cluster"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="c-", dir="/tmp") as folder:  # sockets want it short
        yield Path(folder)


@pytest.fixture(scope="module")
def machines(chaos: Any, folder: Path) -> Iterator[Any]:
    """A head, and a node named north."""
    with chaos.nodes.cluster(folder / "cluster") as made:
        made.start_node("north").wait()
        yield made


def events(folder: Path, kind: str) -> list[Any]:
    with Records.open(folder) as records:
        return [event for event in records.events() if event.kind == kind]


TRIALS = 90


def workers(folder: Path) -> set[str]:
    """The hosts that have trained an epoch."""
    with Records.open(folder) as records:
        return {epoch.worker.partition(":")[0] for epoch in records.epochs()}


@pytest.mark.timeout(500)
def test_no_trial_pays_for_what_a_machine_does(
    chaos: Any, machines: Any, folder: Path, engine: SimulatedEngine
) -> None:
    """Two machines join, one without the results; a cable is pulled; the head is killed."""
    run = chaos.run.Run(folder, machines.address, 1, TRIALS)
    run.wait_for(3)
    machines.start_node("blind", blind=folder / "results").wait()
    machines.start_node("old", old=True).wait()
    machines.nodes["north"].unplug()
    assert run.wait_to_say("north is lost") < 40
    run.wait_to_say("blind takes part (1 cores; it does not see the results")
    run.wait_to_say("old is set aside: it has numpy 0.0.1, the driver has")
    while "blind" not in workers(run.folder):
        assert run.wait_for(1), "it goes on"
    machines.nodes["head"].kill()
    assert run.process.wait(70) == 1
    assert "--resume" in run.said
    assert "Traceback" not in run.said
    for text in ("north is lost", "blind takes part", "old is set aside"):
        assert run.said.count(text) == 1

    with Records.open(run.folder) as records:
        assert study_status(records.events()) is StudyStatus.INTERRUPTED
        trials = records.trials()
    assert {trial.state for trial in trials} <= {TrialState.COMPLETE, TrialState.INTERRUPTED}
    assert not any(trial.retries for trial in trials)
    assert events(run.folder, "moved")
    assert not events(run.folder, "retried")
    environment = json.loads((run.folder / "environment.json").read_text())
    assert set(environment["machines"]) == {"head", "north", "blind"}

    assert run_tuner(run.file, "--results", run.folder.parent, "--resume") == 0
    chaos.run.require_whole(run.folder, TRIALS)
