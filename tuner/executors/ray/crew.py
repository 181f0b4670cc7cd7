"""The jobs on the machines of a cluster, and whose fault it is when a job ends."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from tuner.core.job import MACHINE_LOST, WORKER_DIED, Outcome
from tuner.executors.gpu_share import Sharing
from tuner.executors.ray.nodes import ENDED, Roster, Standing

WAIT = 60.0
"""Seconds that a job may wait for room before this is reported."""
ENDS_JOBS = (Standing.LOST, Standing.BAD)
"""Standings of a machine whose jobs must continue elsewhere."""
_BECAME = {
    Standing.LOST: "is lost",
    Standing.BAD: "is set aside",
    Standing.LEAVING: "leaves",
}
_STARTS = 3
"""How often a job may end before any of its code has run; then the study ends."""
_STRIKES = 2
"""Trials that failed on a machine and trained elsewhere, with none trained there since."""


@dataclass
class _Place:
    """The node that runs a trial's job, or since when the job has been waiting."""

    since: float
    node: str | None = None


@dataclass
class Crew:
    """Follows the jobs of a study on a cluster; on a single machine it does nothing.

    Args:
        roster: the machines; None for this machine alone.
        clock: returns seconds.
        still_there: whether a node answers right now.
        sharing: the part of a GPU for each job.
    """

    roster: Roster | None = None
    clock: Callable[[], float] = time.monotonic
    still_there: Callable[[str], bool] = lambda _: True
    sharing: Sharing = field(default_factory=lambda: Sharing(gpus=0, workers=1))
    _places: dict[int, _Place] = field(default_factory=dict)
    _failed_on: dict[int, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    _stillborn: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    _strikes: dict[str | None, int] = field(default_factory=lambda: defaultdict(int))
    _told: float = WAIT
    _hopeless: str | None = None

    def handed_out(self, trial: int) -> None:
        """Note that a job is given to Ray, which starts it when there is room."""
        self._places[trial] = _Place(self.clock())

    def began(self, trial: int, node: str) -> None:
        """Note that a worker has taken a job."""
        self._places[trial] = _Place(self.clock(), node)

    def trained(self, trial: int) -> None:
        """Note that a job has an epoch: its machine works, and where it failed before may be to
        blame."""
        if self.roster is None:
            return
        here = self._places[trial].node
        self._stillborn.pop(trial, None)
        self._strikes.pop(here, None)
        for node, why in self._failed_on.pop(trial, {}).items():
            self._strikes[node] += 1
            if self._strikes[node] >= _STRIKES:
                self.roster.set_aside(node, why)

    def leaves(self, trial: int) -> bool:
        """Return whether a job has to move before its next epoch, because its machine leaves."""
        if self.roster is None or not self.roster.usable:
            return False
        node = self._places[trial].node
        return node is not None and self.roster.standing(node) is Standing.LEAVING

    @property
    def hopeless(self) -> str | None:
        """Why no job will ever begin, if that is so."""
        return self._hopeless

    def on_node(self, node: str) -> list[int]:
        """Return the trials whose jobs run on a node."""
        return [trial for trial, place in self._places.items() if place.node == node]

    def avoided(self, trial: int) -> tuple[str, ...]:
        """Return the nodes that a job of a trial must not run on."""
        if self.roster is None:
            return ()
        own = self._failed_on.get(trial, {})
        return tuple(sorted({*self.roster.avoided, *own}))

    def judged(self, trial: int, outcome: Outcome) -> Outcome:
        """Return the outcome of a job, with the machine's faults distinguished from the trial's
        own."""
        place = self._places.pop(trial, None)
        if outcome.crowded:
            self.sharing.ran_out(outcome.gpu_share)
            if self.roster is not None:
                self.roster.share_gpus(self.sharing.gpus)
            return outcome
        if self.roster is None or place is None or outcome.error is None:
            return outcome
        if place.node is None:
            return self._never_began(trial, place, outcome)
        if outcome.blameless:
            return self._told_by_worker(trial, place, outcome)
        return self._told_by_others(trial, place.node, outcome)

    def waiting(self) -> str | None:
        """Return a message that jobs wait for room, if it is due; it gets rarer with time."""
        starts = [place.since for place in self._places.values() if place.node is None]
        if self.roster is None or not starts:
            self._told = WAIT
            return None
        waited = self.clock() - min(starts)
        if waited < self._told:
            return None
        self._told = waited * 4
        trials = f"{len(starts)} trial{'s wait' if len(starts) > 1 else ' waits'}"
        return f"{trials} for room on the cluster, for {waited:.0f} s so far"

    def _told_by_worker(self, trial: int, place: _Place, outcome: Outcome) -> Outcome:
        """The outcome of a worker that has found that its machine cannot train."""
        assert self.roster is not None
        assert place.node is not None
        if outcome.suspect:
            return self._never_began(trial, place, outcome)
        self.roster.set_aside(place.node, outcome.error or "")
        return outcome

    def _told_by_others(self, trial: int, node: str, outcome: Outcome) -> Outcome:
        """The outcome of a failure that may be the machine's fault, unknown to its worker."""
        assert self.roster is not None
        if outcome.kind == WORKER_DIED and not self.still_there(node):
            self.roster.lose(node, ENDED)
        standing = self.roster.standing(node)
        if standing in _BECAME:
            return _moved(f"{self.roster.name(node)} {_BECAME[standing]}")
        if outcome.suspect and self._second_opinion(trial, node):
            self._failed_on[trial][node] = outcome.error or ""
            return _moved(f"on {self.roster.name(node)}: {outcome.error}")
        if outcome.kind != WORKER_DIED:
            self._failed_on.pop(trial, None)  # it fails everywhere, so it is the trial's own fault
        return outcome

    def _never_began(self, trial: int, place: _Place, outcome: Outcome) -> Outcome:
        """The outcome of a worker that ended before any of the trial's code had run.

        That is not the trial's fault, so the trial continues elsewhere; if it happens again and no
        machine was lost meanwhile that could be to blame, the study ends.
        """
        assert self.roster is not None
        why = outcome.error or "the worker could not be started"
        if self.roster.lost_since(place.since):
            return _moved(why)
        self._stillborn[trial] += 1
        if self._stillborn[trial] >= _STARTS:
            self._hopeless = f"workers end before they have begun, {_STARTS} times so far: {why}"
        return _moved(why)

    def _second_opinion(self, trial: int, node: str) -> bool:
        """Whether there is a machine that the trial has not failed on."""
        assert self.roster is not None
        return bool(set(self.roster.usable) - {node, *self._failed_on[trial]})


def _moved(why: str) -> Outcome:
    return Outcome(error=why, kind=MACHINE_LOST)
