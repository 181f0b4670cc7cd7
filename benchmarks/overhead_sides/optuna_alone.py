"""Optuna alone: threads in one process, results in SQLite."""

import sys

from training import Load, train


def main(load: Load) -> None:
    """Run it all."""
    import optuna

    def trial(trial: "optuna.Trial") -> float:
        score = 0.0
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        for epoch, score in enumerate(train(load, x, y), 1):
            trial.report(score, epoch)
        return score

    study = optuna.create_study(storage=f"sqlite:///{load.folder}/optuna.db", direction="maximize")
    study.optimize(trial, n_trials=load.trials, n_jobs=load.workers)


if __name__ == "__main__":
    main(Load.of(sys.argv[1:]))
