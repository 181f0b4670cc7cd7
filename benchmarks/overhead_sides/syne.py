"""Syne Tune's local backend: a process for each trial, random search."""

import os
import sys
from pathlib import Path

from training import Load, train


def main(load: Load) -> None:
    """Run it all."""
    os.environ["SYNETUNE_FOLDER"] = str(load.folder)
    from syne_tune import StoppingCriterion, Tuner
    from syne_tune.backend import LocalBackend
    from syne_tune.config_space import uniform
    from syne_tune.optimizer.baselines import RandomSearch

    space = {"x": uniform(0, 1), "y": uniform(0, 1), "load": ",".join(load.words())}
    Tuner(
        trial_backend=LocalBackend(entry_point=str(Path(__file__))),
        scheduler=RandomSearch(space, metrics=["score"], do_minimize=False),
        stop_criterion=StoppingCriterion(max_num_trials_finished=load.trials),
        n_workers=load.workers,
    ).run()


def trial(words: list[str]) -> None:
    """One trial, as the backend starts it."""
    from syne_tune import Reporter

    given = dict(zip(words[::2], words[1::2], strict=True))
    report = Reporter()
    load = Load.of(given["--load"].split(","))
    for epoch, score in enumerate(train(load, float(given["--x"]), float(given["--y"])), 1):
        report(epoch=epoch, score=score)


if __name__ == "__main__":
    if "--load" in sys.argv:
        trial(sys.argv[1:])
    else:
        main(Load.of(sys.argv[1:]))
