"""Ray Tune's loop over the jobs of a study."""

from collections.abc import Callable

from ray import tune

from tuner.executors.ray.adapters import JobScheduler, JobSearcher, StudyStopped, StudyStopper
from tuner.executors.ray.crew import Crew
from tuner.executors.ray.task import GiveUp, Site, Task, Tick
from tuner.executors.ray.trainable import JobTrainable


def run_jobs(task: Task, crew: Crew, site: Site, ticking: Callable[[GiveUp], Tick]) -> None:
    """Run the jobs of a study until there are none, or the study is stopped.

    Args:
        task: the study to run.
        crew: follows which job runs where, and judges how they end.
        site: what workers need to find the results.
        ticking: given a function that ends workers, returns the function to call between two
            events.
    """
    scheduler = JobScheduler(task.study, crew, task.interruption)
    tick = ticking(scheduler.give_up)
    tuner = tune.Tuner(
        JobTrainable,
        tune_config=tune.TuneConfig(
            search_alg=JobSearcher(task, crew, site),
            scheduler=scheduler,
            num_samples=-1,
            reuse_actors=True,
            trial_dirname_creator=lambda trial: str(trial.trial_id),
        ),
        run_config=tune.RunConfig(
            name=task.study.state.config.study,
            storage_path=str(task.scratch),
            stop=StudyStopper(task.study, tick, scheduler.waits_for_epochs),
            verbose=0,
            failure_config=tune.FailureConfig(max_failures=0),
            checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
        ),
    )
    try:
        tuner.fit()
    except StudyStopped as stopped:
        if stopped.__cause__ is not None:
            raise stopped.__cause__ from None
