"""Train the best trials again under other seeds: is the winner better, or was it luck?"""

from dataclasses import replace
from pathlib import Path

from sr_models.errors import UserError
from tuner.analysis.comparison import compare
from tuner.config import Confirm, load_study
from tuner.core.job import EnqueuedTrial
from tuner.lifecycle.create import STUDY_FILE, is_study
from tuner.lifecycle.reporter import Reporter
from tuner.lifecycle.resume import ResumeOptions, open_study, require_same
from tuner.lifecycle.runner import RunResult, StudyRunner
from tuner.records import Records, TrialKind, TrialState
from tuner.records.lock import lock_study


def confirm_study(
    folder: Path, confirm: Confirm, reporter: Reporter, *, address: str | None = None
) -> RunResult:
    """Run the repeats of a study's best trials that are missing.

    Raises:
        UserError: it is no study, is being run, has nothing to confirm, or was changed.
    """
    if not is_study(folder):
        raise UserError(f"{folder} is not a study")
    with lock_study(folder):
        config = load_study(folder / STUDY_FILE)
        with open_study(folder) as records:
            require_same(records, config, ResumeOptions())
            return confirm_best(StudyRunner(config, records, reporter, address), confirm)


def confirm_best(runner: StudyRunner, confirm: Confirm) -> RunResult:
    """Run the repeats that are missing, of a study that is open.

    Raises:
        UserError: the study has no trial to confirm, or its objective has no seed.
    """
    if "seed" not in type(runner.config.objective_config).model_fields:
        raise UserError(f"{runner.config.objective_type} has no seed: nothing to confirm")
    best = best_trials(runner.records, confirm.top)
    if not best:
        raise UserError(f"{runner.records.folder} has no trial to confirm yet")
    return replace(runner, enqueued=_repeats(runner.records, best, confirm.seeds)).run()


def best_trials(records: Records, top: int) -> list[str]:
    """The names of the best searched or baseline trials, best first."""
    wanted = {
        trial.name
        for trial in records.trials()
        if trial.kind is not TrialKind.CONFIRM
        and trial.state in (TrialState.COMPLETE, TrialState.STOPPED)
    }
    return [row.trial for row in compare(records).rows if row.trial in wanted][:top]


def _repeats(records: Records, best: list[str], seeds: int) -> list[EnqueuedTrial]:
    """A trial for each setting and seed; the seed that was searched with is not repeated."""
    known = {trial.name for trial in records.trials() if trial.kind is TrialKind.CONFIRM}
    repeats = []
    for name in best:
        trial = records.trial(name)
        first = int(trial.config["seed"])
        for seed in range(first + 1, first + seeds):
            repeat = f"{name}-seed{seed}"
            if repeat not in known:
                params = {**trial.params, "seed": seed}
                repeats.append(EnqueuedTrial(repeat, TrialKind.CONFIRM, params))
    return repeats
