"""Population-based training: the worst trials copy the weights of the best, and vary params."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from random import Random
from typing import Any, ClassVar, Literal

from pydantic import Field

from tuner.records import TrialState
from tuner.schedulers.explore import explore
from tuner.schedulers.protocol import (
    BaseSchedulerConfig,
    Decision,
    Mutable,
    Resume,
    Scheduler,
    SchedulerContext,
)


class PbtConfig(BaseSchedulerConfig):
    """PBT (Jaderberg et al. 2017) in generations.

    Every `interval` epochs the members of a population wait for each other. Then the worst quantile
    continues from the checkpoints of the best, with perturbed copies of their params. Because
    members wait, the study is the same with any number of workers; trials beyond `population` form
    the next population, which keeps the workers busy meanwhile.

    Args:
        interval: epochs between generations.
        population: number of trials that compete with each other.
        quantile: the fraction of a population that is replaced, and the fraction that donates.
        factors: a number is multiplied by one of these, chosen at random.
        resample: probability that a value is redrawn from its range instead.
        seed: seed of the random choices.
    """

    type: Literal["pbt"] = "pbt"
    interval: int = Field(default=3, ge=1)
    population: int = Field(default=8, ge=2)
    quantile: float = Field(default=0.25, gt=0, le=0.5)
    factors: tuple[float, ...] = Field(default=(0.8, 1.2), min_length=1)
    resample: float = Field(default=0.25, ge=0, le=1)
    seed: int = Field(default=0, ge=0, lt=2**31)

    supports_two_metrics: ClassVar[bool] = False
    changes_params: ClassVar[bool] = True

    @property
    def keeps_checkpoints(self) -> bool:
        """Members wait at checkpoints, and donate them."""
        return True

    def build(self, context: SchedulerContext) -> Scheduler:
        """Build an empty population."""
        return Pbt(self, context.max_epochs, context.mutables)


@dataclass
class _Member:
    params: dict[str, Any]
    epoch: int = 0
    values: dict[int, float] = field(default_factory=dict)  # by the epoch of the generation
    state: TrialState = TrialState.RUNNING

    @property
    def lives(self) -> bool:
        return self.state not in (TrialState.COMPLETE, TrialState.FAILED)


class Pbt:
    """Consecutive populations, each in generations of `interval` epochs.

    Args:
        config: see `PbtConfig`.
        max_epochs: epochs of a full trial.
        mutables: the params that may change.
    """

    def __init__(self, config: PbtConfig, max_epochs: int, mutables: Mapping[str, Mutable]) -> None:
        self._config = config
        self._max_epochs = max_epochs
        self._mutables = mutables
        self._members: dict[int, _Member] = {}  # in the order of their starts

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """Add a member, or note that a member continues, perhaps with new params."""
        member = self._members.setdefault(trial, _Member(dict(params)))
        member.params = dict(params)
        member.state = TrialState.RUNNING

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """Make the trial wait at the end of each generation."""
        member = self._members.get(trial)
        if member is None:
            return Decision.CONTINUE
        member.epoch = max(member.epoch, epoch)
        if epoch % self._config.interval or epoch >= self._max_epochs:
            return Decision.CONTINUE
        member.values.setdefault(epoch, value)
        return Decision.STOP if epoch == member.epoch else Decision.CONTINUE

    def next_resume(self, *, drain: bool = False) -> Resume | None:
        """Return the next member of a complete generation; those that copy weights come first.

        If a donor continued before its weights were copied, it would have trained further by then.
        """
        resume = next((r for group in self._groups(drain) for r in self._resumes(group)), None)
        if resume is not None:
            self.started(resume.trial, resume.params or self._members[resume.trial].params)
        return resume

    def ended(self, trial: int, state: TrialState) -> None:
        """Keep a stopped member waiting; a completed member may still donate."""
        if trial in self._members:
            self._members[trial].state = state

    def _groups(self, drain: bool) -> Iterator[list[int]]:
        """The populations; the last of them only when it is complete or will not grow any more."""
        trials, size = list(self._members), self._config.population
        groups = [trials[start : start + size] for start in range(0, len(trials), size)]
        return (group for group in groups if drain or len(group) == size)

    def _resumes(self, group: list[int]) -> Iterator[Resume]:
        waiting = [t for t in group if self._members[t].state is TrialState.STOPPED]
        for trial in waiting:
            if self._members[trial].epoch not in self._members[trial].values:
                yield Resume(trial)  # interrupted within a generation
        for epoch in sorted({self._members[trial].epoch for trial in waiting}):
            if all(epoch in m.values for t in group if (m := self._members[t]).lives):
                yield from self._generation(group, waiting, epoch)

    def _generation(self, group: list[int], waiting: list[int], epoch: int) -> Iterator[Resume]:
        scores = {
            trial: member.values[epoch]
            for trial in group
            if epoch in (member := self._members[trial]).values
            and member.state is not TrialState.FAILED
        }
        ranked = sorted(scores, key=lambda trial: -scores[trial])
        count = min(ceil(len(ranked) * self._config.quantile), len(ranked) // 2)
        ready = [t for t in reversed(ranked) if t in waiting and self._members[t].epoch == epoch]
        for trial in ready:
            taken_over = trial in ranked[len(ranked) - count :]
            yield self._take_over(trial, ranked[:count], epoch) if taken_over else Resume(trial)

    def _take_over(self, trial: int, donors: list[int], epoch: int) -> Resume:
        # Seeded by trial and epoch, so that a choice does not depend on when it is made.
        random = Random(f"{self._config.seed} {trial} {epoch}")
        donor = random.choice(donors)
        params = explore(
            self._members[donor].params,
            self._mutables,
            factors=self._config.factors,
            resample=self._config.resample,
            random=random,
        )
        return Resume(trial, params, donor)
