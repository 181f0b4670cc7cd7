"""Machines are lost under a study with every scheduler, and no trial pays for it."""

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.tuner.schedulers_in_small import every_scheduler
from tests.tuner.simulated import _runs, hurry, new_study, study_config
from tuner.core.job import MACHINE_LOST, Outcome
from tuner.executors.simulation import SimulatedClock, Simulation
from tuner.lifecycle.build import build_study
from tuner.records import EventKind, Records, TrialState

LOST = Outcome("north is lost", MACHINE_LOST)


class Losing(Simulation):
    """Loses the machine of every fourth epoch, which it may have trained and never told of."""

    chance = Random(0)

    def _arrive(self, arrival: Any) -> None:
        if self.chance.random() < 0.25:
            self.clock.now = arrival.time
            self._leave(arrival.run, LOST)
        else:
            super()._arrive(arrival)


@pytest.mark.parametrize("scheduler", every_scheduler().values(), ids=every_scheduler())
def test_no_trial_fails_and_no_epoch_is_missing_or_doubled(tmp_path: Path, scheduler: Any) -> None:
    numbers = {"x": {"low": 0.0, "high": 1.0}, "y": {"low": 0.0, "high": 1.0}}  # as PBT wants it
    sections = {
        "scheduler": scheduler.model_dump(exclude={"factors"}),
        "budget": {"trials": 16},
        "search": numbers,
    }
    config = study_config(tmp_path, **sections)
    folder = tmp_path / "toy"
    new_study(config, folder).close()
    clock = SimulatedClock()
    with Records.open(folder, write=True) as records:
        hurry(records)
        study = build_study(config, records, workers=4, clock=clock)
        Losing(study, _runs(study), clock, 4).to_the_end()
        study.close()
        trials, epochs, events = records.trials(), records.epochs(), records.events()
    kinds = Counter(event.kind for event in events)
    assert kinds[EventKind.MOVED] > 5
    assert not kinds[EventKind.RETRIED]
    assert len(trials) == 16
    assert {trial.state for trial in trials} <= {TrialState.COMPLETE, TrialState.STOPPED}
    for trial in trials:
        own = [row.epoch for row in epochs if row.trial == trial.number]
        assert own == list(range(1, len(own) + 1))
    assert any(trial.state is TrialState.COMPLETE for trial in trials)
