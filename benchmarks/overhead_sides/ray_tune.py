"""Ray Tune as it comes, with its Optuna search."""

import sys
from functools import partial
from typing import Any

from training import Load, train


def trial(config: dict[str, Any], load: Load) -> None:
    """One trial."""
    from ray import tune

    for score in train(load, config["x"], config["y"]):
        tune.report({"score": score})


def main(load: Load) -> None:
    """Run it all."""
    import ray
    from ray import tune
    from ray.tune.search.optuna import OptunaSearch

    ray.init(num_cpus=load.workers)
    tune.Tuner(
        partial(trial, load=load),
        param_space={"x": tune.uniform(0, 1), "y": tune.uniform(0, 1)},
        tune_config=tune.TuneConfig(
            metric="score", mode="max", search_alg=OptunaSearch(), num_samples=load.trials
        ),
        run_config=tune.RunConfig(storage_path=str(load.folder), verbose=0),
    ).fit()


if __name__ == "__main__":
    main(Load.of(sys.argv[1:]))
