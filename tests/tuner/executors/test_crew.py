"""Whose fault it is that a job has ended: the trial's, or its machine's."""

import pytest

from tuner.core.job import MACHINE_LOST, WORKER_DIED, Outcome
from tuner.executors.allocation import Allocation, Machine
from tuner.executors.gpu_share import Sharing
from tuner.executors.ray.address import Answer
from tuner.executors.ray.crew import WAIT, Crew
from tuner.executors.ray.nodes import Roster, Sighting, Standing

DIED = Outcome("the worker process died", WORKER_DIED)
MISSING = Outcome("FileNotFoundError: /data", "FileNotFoundError", suspect=True)
BROKEN = Outcome("RuntimeError: a bug", "RuntimeError")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def crew(clock: Clock) -> Crew:
    """Of two machines of one core each, with trial 7 on `a`."""
    roster = Roster(Allocation(2, 1, 0), clock)
    roster.seen(Sighting(one, f"host-{one}", Machine(1, 0), True, Answer.UP) for one in "ab")
    for node in "ab":
        roster.looked_at(node, {}, None)
    roster.tell()
    crew = Crew(roster, clock)
    crew.handed_out(7)
    crew.began(7, "a")
    return crew


def roster_of(crew: Crew) -> Roster:
    assert crew.roster is not None
    return crew.roster


def again(crew: Crew, node: str) -> None:
    crew.handed_out(7)
    crew.began(7, node)


def test_a_worker_that_dies_is_nobodys_fault_but_the_trials(crew: Crew) -> None:
    assert crew.judged(7, DIED) == DIED
    assert crew.on_node("a") == []


@pytest.mark.parametrize("outcome", [DIED, MISSING, Outcome("old", MACHINE_LOST)])
def test_a_job_may_run_on_a_machine_that_was_not_seen_yet(crew: Crew, outcome: Outcome) -> None:
    again(crew, "just-joined")
    assert not crew.leaves(7)
    crew.trained(7)
    assert crew.judged(7, outcome).error is not None
    assert roster_of(crew).name("just-joined") == "a machine that has just joined"
    assert roster_of(crew).tell() == []


def test_where_a_gpu_was_too_full_fewer_share_one(crew: Crew) -> None:
    crew.sharing = Sharing(gpus=0.25, workers=8)
    full = Outcome("out of memory", "OutOfMemoryError", gpu_share=0.25)
    assert crew.judged(7, full) is full, "no fault of the machine either"
    assert (crew.sharing.gpus, crew.sharing.workers) == (1 / 3, 6)
    (line,) = crew.sharing.tell()
    assert line.startswith("out of memory with 4 trials on a GPU: at most 3 trials at once")
    again(crew, "a")
    crew.judged(7, full)  # it had begun beside the other one
    assert crew.sharing.gpus == 1 / 3
    assert not crew.sharing.tell()


def test_a_lost_machine_is_no_fault_of_the_trial(crew: Crew) -> None:
    crew.still_there = lambda node: node != "a"
    assert crew.judged(7, DIED).blameless
    assert roster_of(crew).nodes["a"].standing is Standing.LOST
    assert crew.avoided(7) == ("a",)


def test_a_machine_that_does_not_see_the_results_is_set_aside(crew: Crew) -> None:
    found = Outcome("it does not see the results", "MachineLost")
    assert crew.judged(7, found).blameless
    assert roster_of(crew).usable == ["b"]


def test_a_trial_on_a_machine_that_is_set_aside_is_not_blamed(crew: Crew) -> None:
    """Its worker is ended, so that nothing more is trained there."""
    roster_of(crew).set_aside("a", "it has numpy 0.0.1")
    outcome = crew.judged(7, DIED)
    assert outcome.blameless
    assert "host-a is set aside" in str(outcome.error)


def test_a_trial_whose_machine_leaves_goes_on_elsewhere_after_its_epoch(crew: Crew) -> None:
    assert not crew.leaves(7)
    roster_of(crew).leaves("a")
    assert crew.leaves(7)
    outcome = crew.judged(7, DIED)
    assert outcome.blameless
    assert outcome.error == "host-a leaves"


def test_where_all_machines_leave_trials_stay_to_the_end(crew: Crew) -> None:
    for node in "ab":
        roster_of(crew).leaves(node)
    assert not crew.leaves(7)


def never_begins(crew: Crew, times: int) -> None:
    for _ in range(times):
        crew.handed_out(8)
        assert crew.judged(8, DIED).blameless


def test_where_workers_never_begin_it_is_the_study_that_ends(crew: Crew) -> None:
    """No trial is at fault of which no code has run."""
    never_begins(crew, 2)
    assert crew.hopeless is None
    never_begins(crew, 1)
    assert "workers end before they have begun, 3 times so far" in str(crew.hopeless)


def test_a_worker_that_never_began_because_a_machine_was_lost_does_not_count(
    crew: Crew, clock: Clock
) -> None:
    for time in range(4):
        clock.now = float(time)
        crew.handed_out(8)
        roster_of(crew).nodes["a"].standing = Standing.GOOD
        roster_of(crew).lose("a", "gone")
        assert crew.judged(8, DIED).blameless
    assert crew.hopeless is None
    clock.now = 10.0
    never_begins(crew, 3)
    assert crew.hopeless


def fails_on_a_and_trains_on_b(crew: Crew, trial: int) -> None:
    crew.handed_out(trial)
    crew.began(trial, "a")
    assert crew.judged(trial, MISSING).blameless
    assert crew.avoided(trial) == ("a",)
    crew.handed_out(trial)
    crew.began(trial, "b")
    crew.trained(trial)


def test_where_two_trials_fail_that_work_elsewhere_the_machine_is_to_blame(crew: Crew) -> None:
    fails_on_a_and_trains_on_b(crew, 8)
    assert crew.avoided(10) == (), "once may be bad luck"
    assert roster_of(crew).tell() == []
    fails_on_a_and_trains_on_b(crew, 9)
    (told,) = roster_of(crew).tell()
    assert told.startswith("host-a is set aside: FileNotFoundError: /data")
    assert crew.avoided(10) == ("a",)


def test_a_machine_that_trains_in_between_is_not_to_blame(crew: Crew) -> None:
    """As where a trial of somebody's downloads a file, and the network is bad."""
    fails_on_a_and_trains_on_b(crew, 8)
    crew.trained(7)
    fails_on_a_and_trains_on_b(crew, 9)
    assert roster_of(crew).usable == ["a", "b"]


def test_what_fails_everywhere_is_the_trial(crew: Crew) -> None:
    assert crew.judged(7, MISSING).blameless
    again(crew, "b")
    assert crew.judged(7, MISSING) == MISSING
    assert roster_of(crew).usable == ["a", "b"]
    assert crew.avoided(7) == ()


def test_an_error_of_training_is_the_trial(crew: Crew) -> None:
    assert crew.judged(7, BROKEN) == BROKEN
    assert crew.judged(7, Outcome()) == Outcome()


def test_waiting_for_room_is_told_rarer_and_rarer(crew: Crew, clock: Clock) -> None:
    crew.handed_out(8)
    crew.handed_out(9)
    told = []
    for clock.now in range(0, 1200, 10):
        told += [line for line in [crew.waiting()] if line]
    assert told == [
        f"2 trials wait for room on the cluster, for {seconds:.0f} s so far"
        for seconds in (WAIT, 4 * WAIT, 16 * WAIT)
    ]
    crew.began(8, "a")
    crew.began(9, "b")
    assert crew.waiting() is None
    crew.handed_out(10)
    clock.now += WAIT
    assert crew.waiting() == "1 trial waits for room on the cluster, for 60 s so far"


def test_on_one_machine_nothing_is_judged() -> None:
    crew = Crew()
    crew.handed_out(7)
    crew.began(7, "here")
    assert crew.avoided(7) == ()
    assert crew.judged(7, MISSING) == MISSING
    assert crew.waiting() is None
