"""Population based training: the worst take over the best's weights and vary their settings."""

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
    SchedulerSetting,
)


class PbtConfig(BaseSchedulerConfig):
    """PBT (Jaderberg et al. 2017) in generations.

    Every `interval` epochs the members of a population wait for each other. Then the worst
    quantile goes on from the checkpoints of the best, with their settings perturbed. Waiting
    makes a study the same with any number of workers; trials beyond `population` form the next
    one, whose members keep the workers busy meanwhile.

    Args:
        interval: epochs between generations.
        population: trials that compete with one another.
        quantile: the part of a population that is replaced, and the part that donates.
        factors: what a number is multiplied by, one of them at random.
        resample: probability that a value is drawn anew from its range instead.
        seed: of the random choices.
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

    def build(self, setting: SchedulerSetting) -> Scheduler:
        """An empty population."""
        return Pbt(self, setting.max_epochs, setting.mutables)


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
    """Consecutive populations, each in generations of `interval` epochs."""

    def __init__(self, config: PbtConfig, max_epochs: int, mutables: Mapping[str, Mutable]) -> None:
        self._config = config
        self._max_epochs = max_epochs
        self._mutables = mutables
        self._members: dict[int, _Member] = {}  # in the order of their starts

    def started(self, trial: int, params: Mapping[str, Any]) -> None:
        """A new member, or one that goes on (under new params, where it took over a donor's)."""
        member = self._members.setdefault(trial, _Member(dict(params)))
        member.params = dict(params)
        member.state = TrialState.RUNNING

    def report(self, trial: int, epoch: int, value: float) -> Decision:
        """Wait at the end of each generation."""
        member = self._members.get(trial)
        if member is None:
            return Decision.CONTINUE
        member.epoch = max(member.epoch, epoch)
        if epoch % self._config.interval or epoch >= self._max_epochs:
            return Decision.CONTINUE
        member.values.setdefault(epoch, value)
        return Decision.STOP if epoch == member.epoch else Decision.CONTINUE

    def next_resume(self, *, drain: bool = False) -> Resume | None:
        """The next of a generation that has come together; those that take over go first.

        A donor that ran on before its weights were copied would have trained a little further.
        """
        resume = next((r for group in self._groups(drain) for r in self._resumes(group)), None)
        if resume is not None:
            self.started(resume.trial, resume.params or self._members[resume.trial].params)
        return resume

    def ended(self, trial: int, state: TrialState) -> None:
        """A stopped member waits; one that completed may still donate."""
        if trial in self._members:
            self._members[trial].state = state

    def _groups(self, drain: bool) -> Iterator[list[int]]:
        """The populations, the last one only when it is whole or will grow no more."""
        trials, size = list(self._members), self._config.population
        groups = [trials[start : start + size] for start in range(0, len(trials), size)]
        return (group for group in groups if drain or len(group) == size)

    def _resumes(self, group: list[int]) -> Iterator[Resume]:
        waiting = [t for t in group if self._members[t].state is TrialState.STOPPED]
        for trial in waiting:
            if self._members[trial].epoch not in self._members[trial].values:
                yield Resume(trial)  # cut off within a generation
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
        # Seeded by trial and epoch, so that a choice does not depend on when it is asked for.
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
