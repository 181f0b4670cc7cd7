"""Random settings of a space, for estimates; a search asks its sampler instead."""

from typing import Any

from tuner.space.search_space import SearchSpace


def draw(space: SearchSpace, count: int, *, seed: int = 0) -> list[dict[str, Any]]:
    """Return `count` independent random settings; the only setting if nothing is searched."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    return [space.suggest(study.ask()) for _ in range(count if space.dimensions else 1)]
