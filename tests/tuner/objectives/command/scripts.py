"""Training scripts that know nothing of this package but the variables in their environment."""

from pathlib import Path
from textwrap import dedent
from typing import Any

from tuner.objectives.command import OBJECTIVE
from tuner.objectives.command.config import CommandConfig
from tuner.objectives.protocol import Epoch, TrialContext

TRAIN = """
    import argparse, json, os, sys, time

    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--sleep", type=float, default=0.0)
    options = parser.parse_args()

    checkpoint = os.path.join(os.environ["TUNER_CHECKPOINT"], "state.json")
    place, epoch = 10.0, 0
    if os.path.exists(checkpoint):
        place, epoch = json.load(open(checkpoint))
    print("from epoch", epoch, flush=True)
    while epoch < options.epochs:
        open(os.path.join(os.environ["TUNER_FOLDER"], "trained.txt"), "a").write(f"{epoch + 1}\\n")
        time.sleep(options.sleep)
        place -= options.rate * 2 * place
        epoch += 1
        with open(os.environ["TUNER_METRICS"], "a") as file:
            file.write(json.dumps({"epoch": epoch, "cruelty": place ** 2}) + "\\n")
        json.dump([place, epoch], open(checkpoint + ".part", "w"))
        os.replace(checkpoint + ".part", checkpoint)
"""


def script(folder: Path, code: str = TRAIN, name: str = "train.py") -> str:
    """Write a script; returns its path."""
    (folder / name).write_text(dedent(code))
    return str(folder / name)


def run(
    folder: Path, command: list[str], *, recorded: int = 0, most: int | None = None, **options: Any
) -> list[Epoch]:
    """Train a trial of which `recorded` epochs are known, at most so many more."""
    folder.mkdir(exist_ok=True)
    config = CommandConfig.model_validate({"command": command, "grace": 5.0, **options})
    epochs = OBJECTIVE.run(config, TrialContext(folder, recorded, threads=1))
    found = []
    for epoch in epochs:
        found.append(epoch)
        if len(found) == most:
            break
    epochs.close()  # type: ignore[attr-defined]
    return found


def values(epochs: list[Epoch], name: str = "cruelty") -> dict[int, float]:
    return {epoch.number: epoch.metrics[name] for epoch in epochs}
