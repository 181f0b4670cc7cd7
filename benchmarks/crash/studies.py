"""The studies that are killed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
NAME = "crash"
TRAINED = "trained.txt"
"""One line for each epoch that the toy computed, repeats included."""

_SHARED = {
    "study": NAME,
    "metric": "validation/psnr",
    "threads": 1,
    "retries": 999,  # it is we who kill the workers
}
_TOY = {
    "objective": {"type": "analytic", "max_epochs": 9, "seconds_per_epoch": 0.2},
    "search": {"x": {"low": 0.0, "high": 1.0}, "y": {"low": 0.0, "high": 1.0}},
    "baselines": {"AS-1": {"set": {"x": 0.5}}},
    "budget": {"trials": 20},
}
_ASHA = {"type": "asha", "mode": "promote", "grace_period": 1, "reduction_factor": 3}


def learning(seed: int) -> dict[str, Any]:
    """The toy, searched by what learns most from every result: each must be there again."""
    return _SHARED | _TOY | {"sampler": {"type": "tpe", "seed": seed}, "scheduler": _ASHA}


def listed(seed: int) -> dict[str, Any]:
    """The toy under a search that no result sways, so that any number of workers does the same."""
    return (
        _SHARED
        | _TOY
        | {"sampler": {"type": "random", "seed": seed}, "scheduler": {"type": "none"}}
    )


def training(seed: int) -> dict[str, Any]:
    """Networks that are trained for real: with optimiser, schedule, EMA and random state."""
    return _SHARED | {
        "objective": {
            "data": {"source": {"type": "sample"}, "size": 12, "limit": 24},
            "network": {"type": "progressive", "channels": 8, "depth": 1},
            "training": {"batch_size": 4, "max_epochs": 9, "ema": 0.9, "pictures": 0},
        },
        "search": {
            "optimizer.learning_rate": {"low": 1.0e-4, "high": 1.0e-2, "log": True},
            "loss.type": {"choice": ["mse", "mae"]},
        },
        "budget": {"trials": 40},
        "sampler": {"type": "random", "seed": seed},
        "scheduler": _ASHA,
    }


STUDIES: dict[str, Callable[[int], dict[str, Any]]] = {
    "learning": learning,
    "listed": listed,
    "training": training,
}


def write(kind: str, seed: int, workers: int, folder: Path) -> Path:
    """The file of a study."""
    folder.mkdir(parents=True)
    file = folder / f"{NAME}.yaml"
    file.write_text(yaml.safe_dump(STUDIES[kind](seed) | {"workers": workers}))
    return file
