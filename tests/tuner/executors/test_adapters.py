"""What Ray Tune is told of a job, and what it tells."""

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
from tuner.schedulers import Decision


@pytest.fixture
def roster() -> Roster:
    roster = Roster(Allocation(2, 1, 0))
    roster.seen(Sighting(one, f"host-{one}", Machine(1, 0), True, Answer.UP) for one in "ab")
    for node in "ab":
        roster.looked_at(node, {}, None)
    return roster


def test_a_worker_whose_machine_leaves_is_ended_between_two_epochs(
    roster: Roster, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[Any] = []
    monkeypatch.setattr(adapters, "end_worker", ended.append)
    epochs: list[int] = []

    def report(trial: int, epoch: int, worker: str) -> Decision:
        epochs.append(epoch)
        return Decision.CONTINUE

    crew = Crew(roster)
    study = cast(Study, SimpleNamespace(stopping=None, report=report))
    scheduler = JobScheduler(study, crew, Interruption())
    job: Any = SimpleNamespace(config={"trial": 7}, is_finished=lambda: False)
    crew.handed_out(7)
    results: list[dict[str, Any]] = [{"began": "a"}, {"epoch": 1, "worker": "w"}]
    for result in results:
        assert scheduler.on_trial_result(None, job, result) == TrialScheduler.CONTINUE
    assert not ended
    roster.leaves("a")
    scheduler.on_trial_result(None, job, {"epoch": 2, "worker": "w"})
    assert ended == [job]
    assert epochs == [1, 2], "the epoch that was under way is kept"
