"""Training the best trials again with other seeds: is the winner better, or was it luck?"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sr_models.errors import UserError
from tuner.analysis.comparison import compare
from tuner.analysis.load import study_folder
from tuner.analysis.settings import canonical
from tuner.config import Confirm, load_study
from tuner.core.job import EnqueuedTrial
from tuner.core.trials import free_name
from tuner.lifecycle.create import STUDY_FILE
from tuner.lifecycle.moved_data import check_moved, take_over
from tuner.lifecycle.reporter import Reporter
from tuner.lifecycle.resume import ResumeOptions, open_study, require_same
from tuner.lifecycle.runner import RunResult, StudyRunner
from tuner.objectives.metric import Metric, by_name
from tuner.objectives.protocol import HeldOut, Objective
from tuner.records import Records, TrialKind, TrialState
from tuner.records.lock import lock_study

TEST = "test"
"""The key of the test scores in the study's info."""
TEST_DESCRIBED = "test_described"
"""The key of the descriptions of the test scores."""


def confirm_study(
    folder: Path,
    confirm: Confirm,
    reporter: Reporter,
    *,
    address: str | None = None,
    objective: Objective | None = None,
) -> RunResult:
    """Run the missing repeats of a study's best trials.

    Args:
        folder: the folder of the study.
        confirm: how many of the best trials, and how often each of them.
        reporter: shows the run.
        address: of a Ray cluster; None for this machine.
        objective: the objective itself, in place of the code that the study names.

    Raises:
        UserError: it is not a study, is being run, has nothing to confirm, or was changed.
    """
    folder = study_folder(folder)
    with lock_study(folder):
        config = load_study(folder / STUDY_FILE, objective=objective)
        with open_study(folder) as records:
            found = require_same(records, config, ResumeOptions())
            with reporter.preparing() as progress:
                check_moved(records, config, found, progress)
            take_over(records, config, found)
            return confirm_best(StudyRunner(config, records, reporter, address), confirm)


def confirm_best(runner: StudyRunner, confirm: Confirm) -> RunResult:
    """Run the missing repeats of a study that is open.

    Raises:
        UserError: the study has no trial to confirm, or its objective has no seed.
    """
    if getattr(runner.config.objective_config, "seed", None) is None:
        raise UserError(
            f"{runner.config.objective_type} has no seed, so its repeats would not differ: nothing "
            "to confirm; a new study can set objective.seed, for its code to use"
        )
    best = best_trials(runner.records, confirm.top)
    if not best:
        raise UserError(f"{runner.records.folder} has no trial to confirm yet")
    repeats = _repeats(runner.records, best, confirm.seeds, runner.config.baselines)
    result = replace(runner, enqueued=repeats).run()
    if not result.interrupted:
        test_repeats(runner)
    return result


def test_repeats(runner: StudyRunner) -> None:
    """Score the repeats on the test data, and store the scores as the study's "test"."""
    objective, records = runner.config.objective, runner.records
    if not isinstance(objective, HeldOut):
        return
    found: dict[str, dict[str, float]] = dict(records.info.get(TEST, {}))
    metrics: dict[str, Metric] = {}
    with runner.reporter.preparing() as progress:
        for trial in records.trials():
            ended = trial.kind is TrialKind.CONFIRM and trial.state is TrialState.COMPLETE
            if ended and trial.name not in found:
                config = objective.config_type.model_validate(trial.config)
                scores = objective.test(config, records.folder / "trials" / trial.name, progress)
                if scores:
                    found[trial.name] = scores
                    metrics |= by_name(objective.test_metrics(config))
    if metrics:
        described = by_name(_test_metrics(records)) | metrics
        records.set_info(TEST_DESCRIBED, [metric.to_info() for metric in described.values()])
        records.set_info(TEST, found)


def repeat_scores(folder: Path) -> dict[str, dict[Metric, float]]:
    """Return the scores of a study's repeats on the test data, by trial and metric."""
    with Records.open(folder) as records:
        described = by_name(_test_metrics(records))
        found: dict[str, dict[str, float]] = records.info.get(TEST, {})
    return {
        trial: {described.get(name) or Metric(name): value for name, value in scores.items()}
        for trial, scores in found.items()
    }


def _test_metrics(records: Records) -> list[Metric]:
    """The descriptions of the test scores; an earlier version stored none."""
    return [Metric.from_info(info) for info in records.info.get(TEST_DESCRIBED, [])]


def best_trials(records: Records, top: int) -> list[str]:
    """Return the names of the best searched or baseline trials, best first."""
    wanted = {
        trial.name
        for trial in records.trials()
        if trial.kind is not TrialKind.CONFIRM
        and trial.state in (TrialState.COMPLETE, TrialState.STOPPED)
    }
    return [row.trial for row in compare(records).rows if row.trial in wanted][:top]


def _repeats(
    records: Records, best: list[str], seeds: int, baselines: Iterable[str]
) -> list[EnqueuedTrial]:
    """A trial for each setting and seed; the seed that was searched with is not repeated.

    Existing repeats are recognised by their setting, because another trial, or a baseline that has
    not run yet, may have the name that a repeat would get.
    """
    trials = records.trials()
    taken = {name.lower() for name in (*(trial.name for trial in trials), *baselines)}
    known = {canonical(trial.params) for trial in trials if trial.kind is TrialKind.CONFIRM}
    repeats = []
    for name in best:
        trial = records.trial(name)
        first = int(trial.config["seed"])
        for seed in range(first + 1, first + seeds):
            params = {**trial.params, "seed": seed}
            if canonical(params) not in known:
                repeat = free_name(f"{name}-seed{seed}", taken)
                repeats.append(EnqueuedTrial(repeat, TrialKind.CONFIRM, params))
                known.add(canonical(params))
                taken.add(repeat.lower())
    return repeats
