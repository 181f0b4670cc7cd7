"""A study keeps in step with its cluster."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tuner.core.job import WORKER_DIED, Outcome
from tuner.core.study import Study
from tuner.executors.allocation import Allocation, Machine
from tuner.executors.ray.address import Answer
from tuner.executors.ray.crew import Crew
from tuner.executors.ray.nodes import Roster, Sighting
from tuner.executors.ray.supervisor import Supervisor
from tuner.executors.ray.watch import ClusterWatch

SHARE = Allocation(workers=2, threads=1, gpus=0)


@dataclass
class Listening:
    """What of a study hears of its cluster."""

    wanted: int | None = None
    workers: int = 2
    blocked: str | None = None
    told: list[str] = field(default_factory=list)

    @property
    def state(self) -> Any:
        return SimpleNamespace(config=SimpleNamespace(workers=self.wanted), warn=self.told.append)

    def block(self, trouble: str) -> None:
        self.blocked = trouble


class Cluster:
    """A study of two machines, `a` and `b`, of two cores each."""

    def __init__(self, wanted: int | None = None) -> None:
        self.study = Listening(wanted)
        self.roster = Roster(SHARE)
        self.crew = Crew(self.roster)
        self.head_gone: str | None = None
        self.given_up: list[int] = []
        self.met: dict[str, Any] = {}
        watch = SimpleNamespace(take_in=lambda: None, head_is_gone=lambda: self.head_gone)
        self.supervisor = Supervisor(
            cast(Study, self.study),
            SHARE,
            self.roster,
            self.crew,
            cast(ClusterWatch, watch),
            self.given_up.extend,
            self.met.__setitem__,
        )
        for node in "ab":
            self.join(node)

    def join(self, node: str) -> None:
        self.roster.seen([Sighting(node, f"host-{node}", Machine(2, 0), True, Answer.UP)])
        self.roster.looked_at(node, {"python": "3.12"}, None)
        self.supervisor.look()


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def test_as_many_trials_run_as_there_is_room_for(cluster: Cluster) -> None:
    assert cluster.study.workers == 4
    cluster.join("c")
    assert cluster.study.workers == 6
    cluster.roster.lose("a", "gone")
    cluster.supervisor.look()
    assert cluster.study.workers == 4
    assert list(cluster.met) == ["host-a", "host-b", "host-c"]
    assert cluster.met["host-c"]["python"] == "3.12"
    assert cluster.met["host-c"]["cores"] == 2


def test_a_number_of_workers_that_was_asked_for_stays() -> None:
    cluster = Cluster(wanted=2)
    cluster.join("c")
    assert cluster.study.workers == 2


def test_jobs_of_a_lost_machine_are_given_up_and_that_is_told_once(cluster: Cluster) -> None:
    cluster.crew.handed_out(7)
    cluster.crew.began(7, "a")
    cluster.study.told.clear()
    cluster.roster.lose("a", "no answer for 15 s")
    cluster.supervisor.look()
    assert cluster.given_up == [7]
    cluster.supervisor.look()
    assert cluster.study.told == [
        "host-a is lost: no answer for 15 s; its trials continue elsewhere"
    ]


def test_jobs_of_a_machine_that_is_set_aside_are_given_up(cluster: Cluster) -> None:
    cluster.crew.handed_out(7)
    cluster.crew.began(7, "a")
    cluster.roster.set_aside("a", "it has numpy 0.0.1")
    cluster.supervisor.look()
    assert cluster.given_up == [7]


def test_where_no_machine_can_train_the_study_ends_with_every_reason(cluster: Cluster) -> None:
    cluster.roster.set_aside("a", "no disk")
    cluster.supervisor.look()
    assert cluster.study.blocked is None
    cluster.roster.set_aside("b", "old numpy")
    cluster.supervisor.look()
    assert "host-a: no disk; host-b: old numpy" in str(cluster.study.blocked)


def test_where_workers_never_begin_the_study_ends_with_the_reason(cluster: Cluster) -> None:
    for _ in range(3):
        cluster.crew.handed_out(7)
        cluster.crew.judged(7, Outcome("no such actor", WORKER_DIED))
    cluster.supervisor.look()
    assert "3 times so far: no such actor; fix that, then continue" in str(cluster.study.blocked)


def test_where_the_head_is_gone_the_study_ends(cluster: Cluster) -> None:
    cluster.head_gone = "the head has not answered"
    cluster.supervisor.look()
    assert cluster.study.blocked == "the head has not answered"
    assert cluster.study.told.count("host-b takes part (2 cores)") == 1
