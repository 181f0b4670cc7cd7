"""Training functions as people write them, and what goes wrong with them."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tuner.objectives.checkpoint import CheckpointStore
from tuner.objectives.function import FreeParams, FunctionObjective
from tuner.objectives.own import OwnObjective
from tuner.objectives.protocol import Epoch, TrialContext
from tuner.objectives.trial import Trial

EPOCHS = 6


def walk(params: dict[str, Any], trial: Trial) -> Iterator[dict[str, float]]:
    """A random walk towards `goal`, whose every step depends on all before it."""
    state = trial.load() or {"place": 0.0, "random": random.Random(7).getstate()}
    generator = random.Random()
    generator.setstate(state["random"])
    for _ in range(trial.epoch + 1, EPOCHS + 1):
        with (trial.folder / "trained.txt").open("a") as file:
            file.write(".")
        state["place"] += params["step"] * (1 + generator.random())
        state["random"] = generator.getstate()
        trial.save(state)
        yield {"cruelty": abs(state["place"] - 5.0), "place": state["place"]}


def objective(function: Any) -> OwnObjective:
    return OwnObjective("here:function", FunctionObjective(function))


def run(
    own: OwnObjective, folder: Path, *, recorded: int = 0, most: int | None = None, **params: Any
) -> list[Epoch]:
    """Train a trial that has `recorded` epochs; at most so many epochs more."""
    folder.mkdir(exist_ok=True)
    epochs = own.run(FreeParams(**params), TrialContext(folder, recorded, threads=1))
    found = []
    for epoch in epochs:
        found.append(epoch)
        if len(found) == most:
            break
    epochs.close()  # type: ignore[attr-defined]
    return found


def values(epochs: list[Epoch], name: str = "cruelty") -> dict[int, float]:
    return {epoch.number: epoch.metrics[name] for epoch in epochs}


def saved_epoch(folder: Path) -> int:
    """The epoch of the saved state."""
    checkpoint = CheckpointStore(folder).newest(most=10**6)
    assert checkpoint is not None
    return checkpoint.epoch.number
