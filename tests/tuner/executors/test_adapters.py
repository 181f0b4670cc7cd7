"""What Ray Tune is told of a job, and what it tells."""

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ray.tune.schedulers import TrialScheduler

from tuner.core.study import Study
from tuner.executors.allocation import Allocation, Machine
from tuner.executors.ray import adapters
from tuner.executors.ray.adapters import JobScheduler
from tuner.executors.ray.address import Answer
from tuner.executors.ray.crew import Crew
from tuner.executors.ray.nodes import Roster, Sighting
from tuner.executors.signals import Interruption
from tuner.objectives.protocol import Epoch
from tuner.schedulers import Decision


@pytest.fixture
def roster() -> Roster:
    roster = Roster(Allocation(2, 1, 0))
    roster.seen(Sighting(one, f"host-{one}", Machine(1, 0), True, Answer.UP) for one in "ab")
    for node in "ab":
        roster.looked_at(node, {}, None)
    return roster


def told(number: int, clock: float | None = None) -> dict[str, Any]:
    """What a worker tells of an epoch, whose clock may be off."""
    now = clock or time.time()
    return {"epoch": Epoch(number, {}, now - 1, now), "worker": "w", "sent": now}


def test_a_worker_whose_machine_leaves_is_ended_between_two_epochs(
    roster: Roster, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[Any] = []
    monkeypatch.setattr(adapters, "end_worker", ended.append)
    epochs: list[Epoch] = []

    def report(trial: int, epoch: Epoch, worker: str) -> Decision:
        epochs.append(epoch)
        return Decision.CONTINUE

    crew = Crew(roster)
    study = cast(Study, SimpleNamespace(stopping=None, report=report))
    scheduler = JobScheduler(study, crew, Interruption())
    job: Any = SimpleNamespace(config={"trial": 7}, is_finished=lambda: False)
    crew.handed_out(7)
    for result in ({"began": "a"}, told(1)):
        assert scheduler.on_trial_result(None, job, result) == TrialScheduler.CONTINUE
    assert not ended
    roster.leaves("a")
    scheduler.on_trial_result(None, job, told(2, clock=time.time() + 3600))
    assert ended == [job]
    assert [one.number for one in epochs] == [1, 2], "the epoch that was under way is kept"
    assert max(one.ended for one in epochs) <= time.time(), "a clock an hour ahead is put right"
