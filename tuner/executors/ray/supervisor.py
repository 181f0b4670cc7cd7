"""What a run on a cluster does between two events: use new machines, give up lost ones, say so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tuner.core.study import Study
from tuner.executors.allocation import Allocation
from tuner.executors.ray.crew import ENDS_JOBS, Crew
from tuner.executors.ray.nodes import Roster, Standing
from tuner.executors.ray.watch import ClusterWatch


@dataclass
class Supervisor:
    """Keeps a study in step with its cluster.

    Args:
        study: the running study.
        share: what a trial takes.
        roster: the machines.
        crew: the jobs on them.
        watch: sees the machines.
        give_up: ends the jobs of these trials, whose machine is lost or set aside.
        met: is told about each machine that takes part.
    """

    study: Study
    share: Allocation
    roster: Roster
    crew: Crew
    watch: ClusterWatch
    give_up: Callable[[list[int]], None]
    met: Callable[[str, dict[str, Any]], None]
    _known: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Called several times a second."""
        self.watch.take_in()
        for line in [*self.roster.tell(), *filter(None, [self.crew.waiting()])]:
            self.study.state.warn(line)
        for node, known in self.roster.nodes.items():
            if known.standing in ENDS_JOBS and (trials := self.crew.on_node(node)):
                self.give_up(trials)
            if known.standing is Standing.GOOD and node not in self._known:
                self._known.add(node)
                has = known.machine
                hardware = {"cores": has.cores, "gpus": has.gpus, "memory_bytes": has.memory}
                self.met(known.name, known.found_there | hardware)
        self._fit_to_room()
        if gone := self.watch.head_is_gone():
            self.study.block(gone)
        elif hopeless := self.roster.hopeless:
            self.study.block(
                f"no machine of the cluster can train; {hopeless}; continue with --resume"
            )
        elif hopeless := self.crew.hopeless:
            self.study.block(f"{hopeless}; fix that, then continue with --resume")

    def _fit_to_room(self) -> None:
        """Run as many trials at once as there is room for, unless the study file says how many."""
        if self.study.state.config.workers is None:
            self.study.workers = max(1, self.roster.room)
