"""What becomes of the machines of a cluster, and what is told of it: each thing once."""

from dataclasses import replace

import pytest

from tuner.executors.allocation import Allocation, Machine
from tuner.executors.ray.address import Answer
from tuner.executors.ray.nodes import SILENCE, Roster, Sighting, Standing

SHARE = Allocation(workers=2, threads=2, gpus=0)


class Cluster:
    """Machines that come and go under a roster."""

    def __init__(self) -> None:
        self.now = 0.0
        self.roster = Roster(SHARE, clock=lambda: self.now)
        self.there: dict[str, Sighting] = {}

    def join(self, node: str, *, cores: int = 2, good: bool = True, name: str = "") -> None:
        machine = Machine(cores, 0)
        self.there[node] = Sighting(node, name or f"host-{node}", machine, True, Answer.UP)
        self.look()
        if good and node in self.roster.nodes:
            self.roster.looked_at(node, {}, None)

    def change(self, node: str, *, alive: bool = True, answer: Answer = Answer.UP) -> None:
        before = self.there[node]
        self.there[node] = Sighting(node, before.name, before.machine, alive, answer)
        self.look()

    def look(self, seconds: float = 3.0) -> None:
        self.now += seconds
        self.roster.seen(self.there.values())

    def standing(self, node: str) -> Standing:
        return self.roster.nodes[node].standing


@pytest.fixture
def cluster() -> Cluster:
    cluster = Cluster()
    cluster.join("a")
    cluster.join("b")
    cluster.roster.tell()
    return cluster


def test_a_machine_that_joins_late_is_used_and_told_of(cluster: Cluster) -> None:
    assert cluster.roster.room == 2
    cluster.join("c", cores=5)
    assert cluster.roster.room == 4
    assert cluster.roster.tell() == ["host-c takes part (5 cores)"]
    assert cluster.roster.tell() == []


def test_all_machines_are_told_of_where_there_is_more_than_one() -> None:
    cluster = Cluster()
    cluster.join("a")
    assert cluster.roster.tell() == []
    cluster.join("b", cores=2)
    assert cluster.roster.tell() == ["host-a takes part (2 cores)", "host-b takes part (2 cores)"]


def test_that_a_machine_does_not_see_the_results_is_told(cluster: Cluster) -> None:
    cluster.join("c", good=False)
    cluster.roster.looked_at("c", {"sees_results": False}, None)
    (told,) = cluster.roster.tell()
    assert told.startswith("host-c takes part (2 cores; it does not see the results")
    assert "c" in cluster.roster.usable


def test_a_machine_that_holds_no_trial_does_not_matter(cluster: Cluster) -> None:
    cluster.join("head", cores=1)
    assert "head" not in cluster.roster.nodes


def test_a_machine_that_cannot_train_is_set_aside_for_good(cluster: Cluster) -> None:
    cluster.join("c", good=False)
    cluster.roster.looked_at("c", {}, "it does not see the results")
    cluster.roster.set_aside("c", "again")
    assert cluster.roster.avoided == ("c",)
    assert cluster.roster.usable == ["a", "b"]
    assert cluster.roster.hopeless is None
    (told,) = cluster.roster.tell()
    assert told.startswith("host-c is set aside: it does not see the results;")
    cluster.change("c", answer=Answer.SILENT)
    cluster.look(seconds=99)
    assert cluster.standing("c") is Standing.BAD
    assert cluster.roster.tell() == []


def test_an_outage_is_noticed_and_told_and_so_is_its_end(cluster: Cluster) -> None:
    cluster.change("b", answer=Answer.SILENT)
    assert cluster.standing("b") is Standing.GOOD, "a moment is no outage"
    cluster.look(seconds=SILENCE)
    assert cluster.standing("b") is Standing.LOST
    assert cluster.roster.avoided == ("b",)
    assert cluster.roster.room == 1
    cluster.look()
    assert cluster.roster.tell() == [
        f"host-b is lost: no answer for {SILENCE:.0f} s; its trials continue elsewhere"
    ]
    cluster.change("b")
    assert cluster.roster.tell() == [], "it is looked at first: its mounts may be gone"
    assert cluster.roster.avoided == ("b",)
    cluster.roster.looked_at("b", {}, None)
    assert cluster.standing("b") is Standing.GOOD
    assert cluster.roster.tell() == ["host-b is back"]


def test_a_machine_that_answers_once_more_and_dies_is_told_of_once(cluster: Cluster) -> None:
    """As after an outage that was nearly long enough for Ray."""
    cluster.change("b", answer=Answer.SILENT)
    cluster.look(seconds=SILENCE)
    cluster.change("b")
    cluster.change("b", alive=False)
    cluster.roster.looked_at("b", {}, "no worker runs there")
    assert len(cluster.roster.tell()) == 1
    assert cluster.standing("b") is Standing.LOST


def test_a_machine_that_leaves_gets_nothing_more_and_is_told_of_once(cluster: Cluster) -> None:
    there = cluster.there["b"]
    cluster.there["b"] = replace(there, leaving=True)
    cluster.look()
    cluster.look()
    assert cluster.standing("b") is Standing.LEAVING
    assert cluster.roster.avoided == ("b",)
    assert cluster.roster.room == 1
    cluster.change("b", alive=False)
    assert cluster.roster.tell() == [
        "host-b leaves; its trials continue elsewhere after their epochs"
    ]
    assert cluster.standing("b") is Standing.LOST


def test_a_new_machine_gets_nothing_until_it_was_looked_at(cluster: Cluster) -> None:
    cluster.join("c", good=False)
    assert cluster.roster.room == 2
    assert cluster.roster.avoided == ("c",)
    cluster.roster.looked_at("c", {}, None)
    assert cluster.roster.room == 3
    assert cluster.roster.avoided == ()


def test_the_first_machines_are_used_before_they_were_looked_at() -> None:
    """Each job looks for itself, and so does a machine whose look takes long."""
    cluster = Cluster()
    cluster.join("a", good=False)
    assert cluster.roster.room == 1
    assert cluster.roster.avoided == ()


def test_a_short_silence_is_forgotten(cluster: Cluster) -> None:
    cluster.change("b", answer=Answer.SILENT)
    cluster.change("b")
    cluster.change("b", answer=Answer.SILENT)
    cluster.look(seconds=SILENCE - 1)
    assert cluster.standing("b") is Standing.GOOD
    assert cluster.roster.tell() == []


def test_a_machine_whose_ray_was_killed_is_lost_within_two_looks(cluster: Cluster) -> None:
    cluster.change("b", answer=Answer.REFUSED)
    cluster.look()
    assert cluster.standing("b") is Standing.LOST
    cluster.change("b", alive=False, answer=Answer.REFUSED)
    assert cluster.roster.avoided == (), "Ray knows by now, and sends nothing there"
    assert len(cluster.roster.tell()) == 1


def test_no_machine_is_left_only_where_all_are_bad(cluster: Cluster) -> None:
    cluster.roster.set_aside("a", "no disk")
    cluster.change("b", answer=Answer.SILENT)
    cluster.look(seconds=SILENCE)
    assert cluster.roster.hopeless is None, "it may come back"
    cluster.change("b", alive=False)
    assert cluster.roster.hopeless == "host-a: no disk"


def test_machines_of_one_name_are_told_apart(cluster: Cluster) -> None:
    cluster.join("0123456789", name="host-a")
    assert cluster.roster.nodes["0123456789"].name == "host-a (012345)"


@pytest.mark.parametrize("seen", [True, False])
def test_a_machine_that_comes_back_has_its_name_again(cluster: Cluster, seen: bool) -> None:
    cluster.change("b", answer=Answer.REFUSED)
    if seen:  # Ray may not know yet that the first one is gone
        cluster.change("b", alive=False)
    cluster.join("b2", name="host-b")
    cluster.look()
    assert [one for one in cluster.roster.tell() if "takes part" in one] == [
        "host-b takes part (2 cores)"
    ]
