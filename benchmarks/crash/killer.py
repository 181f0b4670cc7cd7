"""Kills a study at random moments, and goes on with it until it has come to its end."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crash.run import Run

from sr_models.errors import WorkFailedError
from tuner.records import Records

VICTIMS = ("driver", "worker", "Ray", "everything")
"""Each in turn, in an order that chance changes."""
STARTING = 0.25
"""Share of the kills that hit a run while it starts, most often before its first new epoch."""
START = 8.0
"""Seconds that such a kill comes after the command, at most."""
PAUSE = (1, 12)
"""New epochs before any other kill, fewest and most; then up to `MOMENT` seconds."""
MOMENT = 0.3


@dataclass
class Killer:
    """Kills until `left` is 0.

    Args:
        random: of victims and moments.
        left: how often to kill.
        say: told of each kill.
    """

    random: random.Random
    left: int
    say: Callable[[str], None]
    killed: Counter[str] = field(default_factory=Counter)
    resumed: list[float] = field(default_factory=list)
    """Seconds from each resumed command to its first new epoch."""
    _victims: list[str] = field(default_factory=list)

    def run(self, file: Path, results: Path) -> int:
        """Run one study to its end; returns how often it was killed.

        Raises:
            WorkFailedError: it did not get there, or study.db was damaged.
        """
        before = self.left
        while True:
            run = Run(file, results)
            try:
                again = self._disturb(run)
                code = run.wait()
            except BaseException:  # Ctrl-C too
                run.kill_all()
                raise
            if run.resumed and run.first is not None:
                self.resumed.append(run.first)
            if not again:
                break
            if (run.folder / "study.db").exists():
                with Records.open(run.folder) as records:
                    records.check()
        if code != 0:
            raise WorkFailedError(f"the study ended with {code}: {run.said}")
        return before - self.left

    def _disturb(self, run: Run) -> bool:
        """Kill what belongs to a run until it has ended; whether that was by us."""
        while self.left:
            starting = self.random.random() < STARTING
            runs = self._at_start(run) if starting else self._later(run)
            if not runs:
                return False
            if self._kill(run):
                return True
        return False

    def _at_start(self, run: Run) -> bool:
        """Wait for any moment of a start; whether the run still runs."""
        return run.wait_seconds(self.random.uniform(0, START))

    def _later(self, run: Run) -> bool:
        """Wait for a moment in which trials are trained; whether the run still runs."""
        return run.wait_for(self.random.randint(*PAUSE)) and run.wait_seconds(
            self.random.uniform(0, MOMENT)
        )

    def _kill(self, run: Run) -> bool:
        """Kill the next victim; whether the run is over by it."""
        if not self._victims:
            self._victims = self.random.sample(VICTIMS, len(VICTIMS))
        if self._victims[-1] == "worker" and not run.kill_worker(self.random):
            return False  # there is none yet: it is killed later
        victim = self._victims.pop()
        if victim == "Ray" and not run.kill_ray():
            victim = "driver"  # it was all that there was
        if victim == "driver":
            run.kill_driver()
        elif victim == "everything":
            run.kill_all()
        self._count(victim)
        return victim != "worker"

    def _count(self, victim: str) -> None:
        self.left -= 1
        self.killed[victim] += 1
        self.say(f"killed {victim}")
