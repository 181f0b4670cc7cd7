"""The training that all tools run: epochs that sleep, and a line in a file for each."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

EPOCHS = "epochs.txt"


@dataclass(frozen=True)
class Load:
    """How much there is to do.

    Args:
        folder: where each epoch leaves a line, and where a tool may write.
        trials: how many.
        workers: how many at once.
        epochs: of each trial.
        seconds: of each epoch.
    """

    folder: Path
    trials: int
    workers: int
    epochs: int
    seconds: float

    @classmethod
    def of(cls, words: list[str]) -> "Load":
        """From a command line."""
        folder, trials, workers, epochs, seconds = words
        return cls(Path(folder), int(trials), int(workers), int(epochs), float(seconds))

    def words(self) -> list[str]:
        """As a command line."""
        return [str(value) for value in vars(self).values()]


def train(load: Load, x: float, y: float) -> Iterator[float]:
    """The score after each epoch; best at x = 0.3, y = 0.7."""
    for epoch in range(1, load.epochs + 1):
        started = time.time()
        time.sleep(load.seconds)
        with (load.folder / EPOCHS).open("a") as file:
            file.write(f"{started} {time.time()}\n")
        yield epoch * (1 - abs(x - 0.3) - abs(y - 0.7))
