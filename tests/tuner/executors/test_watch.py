"""The machines of a cluster are looked at from inside, and what keeps that from being done."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
import ray
from ray.exceptions import TaskUnschedulableError

from tuner.executors.allocation import Allocation, Machine
from tuner.executors.ray.address import Answer
from tuner.executors.ray.nodes import Roster, Sighting, Standing
from tuner.executors.ray.watch import ClusterWatch


class Submitted:
    """A pool whose work is done at once."""

    def __init__(self) -> None:
        self.done = 0

    def submit(self, work: Any, *arguments: Any) -> None:
        self.done += 1
        work(*arguments)

    def shutdown(self, **_: Any) -> None:
        """Nothing runs."""


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClusterWatch:
    """Of a cluster with the node `a`, which has not been looked at."""
    context = SimpleNamespace(gcs_address="127.0.0.1:1")
    monkeypatch.setattr(ray, "get_runtime_context", lambda: context)
    roster = Roster(Allocation(1, 1, 0))
    roster.seen([Sighting("a", "host-a", Machine(1, 0), True, Answer.UP)])
    watch = ClusterWatch(roster, tmp_path)
    monkeypatch.setattr(watch, "_lookers", Submitted())
    return watch


def fails(error: Exception) -> Any:
    def probe(node: str) -> None:
        raise error

    return probe


GIVEN_UP = TaskUnschedulableError("the node doesn't exist any more")
DIED = RuntimeError("the node has died")


@pytest.mark.parametrize(
    ("error", "there", "standing"),
    [
        (DIED, True, Standing.BAD),
        (DIED, False, Standing.LOST),
        (GIVEN_UP, True, Standing.LOST),
    ],
)
def test_a_machine_that_dies_while_it_is_looked_at_is_lost_not_bad(
    watch: ClusterWatch,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    there: bool,
    standing: Standing,
) -> None:
    monkeypatch.setattr(watch, "_probe", fails(error))
    monkeypatch.setattr(watch, "still_there", lambda node: there)
    watch.take_in()
    watch.take_in()
    assert watch._roster.nodes["a"].standing is standing
    assert len(watch._roster.tell()) == 1


def test_a_machine_that_is_slow_is_asked_again_and_told_of_once(
    watch: ClusterWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy machine is no bad one."""
    answers: Iterator[Any] = iter([None, None, dict(watch.here)])
    monkeypatch.setattr(watch, "_probe", lambda node: next(answers))
    for _ in range(3):
        watch.take_in()
    assert watch._roster.nodes["a"].standing is Standing.NEW
    watch.take_in()
    assert watch._roster.nodes["a"].standing is Standing.GOOD
    assert watch._roster.tell() == [
        "host-a has started no worker for 90 s; it gets no trials until it has"
    ]


def test_a_machine_that_comes_back_is_looked_at_again(
    watch: ClusterWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_probe", lambda node: dict(watch.here))
    watch.take_in()
    watch.take_in()
    watch._roster.lose("a", "no answer for 15 s")
    watch._roster.seen([Sighting("a", "host-a", Machine(1, 0), True, Answer.UP)])
    watch.take_in()
    watch.take_in()
    assert watch._roster.nodes["a"].standing is Standing.GOOD
    pool: Any = watch._lookers
    assert pool.done == 2


def test_a_head_that_dies_under_a_look_is_missed_all_the_same(
    watch: ClusterWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ray does not come back from a call to a dead head, and ends the process after a minute."""
    asked, over, exited = Event(), Event(), Event()
    looks = iter([lambda: None])

    def look() -> Any:
        found = next(looks, None)
        if found is None:
            asked.set()
            over.wait(30)
        return found

    monkeypatch.setattr(watch, "_look", look)
    monkeypatch.setattr(watch, "_probe", lambda node: dict(watch.here))
    for name in ("EVERY", "HEAD_SILENCE", "_PATIENCE"):
        monkeypatch.setattr(f"tuner.executors.ray.watch.{name}", 0.01)
    monkeypatch.setattr("tuner.executors.ray.watch.os._exit", lambda code: exited.set())
    with watch.watching():
        assert asked.wait(30)
        assert exited.wait(30)
        watch.end()
    over.set()
