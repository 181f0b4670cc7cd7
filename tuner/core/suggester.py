"""Proposes settings: Optuna's samplers over a study that can be rebuilt from study.db."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuner.core.nearby import walk
from tuner.core.optuna_view import OptunaView
from tuner.core.untried import ENUMERATED, Untried
from tuner.objectives.metric import Direction
from tuner.records import EpochRecord, TrialRecord, TrialState
from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from tuner.space import SearchSpace

MAX_ASKS = 200
"""Infeasible proposals after which the sampler is not asked again."""
MAX_REPEATS = 20
"""Repeated proposals after which it is not asked again: a setting near the last proposal is tried
instead, or the next setting of a list. GP, for example, repeats itself however often it is asked.
"""


class NothingFeasibleError(RuntimeError):
    """No new setting was found that satisfies the constraints."""


Violations = Mapping[str, float]
"""Constraint -> by how much a setting violates it; at most 0 if it is satisfied."""


@dataclass(frozen=True)
class Proposal:
    """A setting to try: `params` by dotted path, and the sampler's notes for the records."""

    params: dict[str, Any]
    notes: dict[str, Any]


@dataclass(frozen=True)
class Infeasible:
    """A proposal that violates a constraint: never trained, but the sampler learns from it."""

    params: dict[str, Any]
    violations: dict[str, float]
    ask: int = 0  # its index among all proposals


@dataclass(frozen=True)
class Repeat:
    """A setting that was proposed although it has been tried."""

    params: dict[str, Any]


Refused = Infeasible | Repeat
"""A proposal of a sampler that does not become a trial."""


class Suggester:
    """Proposes settings of `space` and learns from their results.

    Args:
        space: the search space.
        sampler: the config of the sampler.
        directions: "maximize" or "minimize" for each metric that is searched for.
        violations: computes, without training, by how much a setting violates each constraint.
        on_infeasible: called with each infeasible proposal, so that it can be recorded.
    """

    def __init__(
        self,
        space: "SearchSpace",
        sampler: Sampler,
        directions: Sequence[Direction],
        violations: Callable[[Mapping[str, Any]], Violations] = lambda _: {},
        on_infeasible: Callable[[Infeasible], None] = lambda _: None,
    ) -> None:
        self.space = space
        self.sampler = sampler
        self.on_infeasible = on_infeasible
        self._violations = violations
        self._view = OptunaView(space, directions, sampler)
        self._untried = Untried(space, always_listed=sampler.finite_only)
        self._asked = 0
        self._stand_ins = 0
        self._pending = -1

    @property
    def optuna_trials(self) -> "list[FrozenTrial]":
        """All trials as Optuna sees them, rejected proposals included."""
        return self._view.trials

    # Proposing

    def propose(self) -> Proposal | None:
        """Return the next setting that has not been tried; None if the space is exhausted.

        Raises:
            NothingFeasibleError: all of `MAX_ASKS` proposals were infeasible.
        """
        refused: Refused | None = None
        repeats = 0
        for _ in range(MAX_REPEATS if self._untried.listed else MAX_ASKS):
            if self._untried.used_up:
                return None
            asked = self._ask()
            if isinstance(asked, Proposal):
                return asked
            refused = asked
            repeats += isinstance(asked, Repeat)
            if repeats == MAX_REPEATS:
                break
        return self._near(refused) or self._first_feasible()

    def accept(self, number: int) -> None:
        """Note that the last proposal has become the trial `number`."""
        self._view.accept(self._pending, number)

    def _ask(self) -> "Proposal | Refused":
        """Ask the sampler for a single proposal."""
        context = self._next_context()
        trial_id, params = self._view.ask(self.sampler.build(context))
        if not self._untried.try_(params):
            self._view.reject(trial_id, {})
            return Repeat(params)
        broken = self._broken(params)
        if broken:
            self._view.reject(trial_id, broken)
            infeasible = Infeasible(params, broken, context.index)
            self.on_infeasible(infeasible)
            return infeasible
        self._pending = trial_id
        return Proposal(params, {"ask": context.index})

    def _next_context(self) -> SamplerContext:
        index, self._asked = self._asked, self._asked + 1
        return self._context(index)

    def _context(self, index: int) -> SamplerContext:
        digest = hashlib.sha256(f"{self.sampler.seed}:{index}".encode()).digest()
        unseen = self._untried.first() if self.sampler.finite_only else None
        return SamplerContext(
            index=index,
            seed=int.from_bytes(digest[:4], "big") % 2**31,
            distributions=self._view.distributions,
            unseen=None if unseen is None else self.space.encode(unseen),
        )

    def _near(self, refused: "Refused | None") -> Proposal | None:
        """An untried feasible setting near a proposal of the sampler that cannot be used.

        Returns:
            None if none is found, or if the settings are tried in a fixed order.
        """
        if refused is None or self.sampler.finite_only:
            return None
        for params in walk(self.space, refused.params, self._context(self._asked).seed):
            if self._untried.try_(params) and not self._broken(params):
                return self._add(params)
        return None

    def _first_feasible(self) -> Proposal | None:
        """The first untried feasible setting, for a sampler that keeps proposing others."""
        most = ENUMERATED if self._untried.listed else 0
        for _ in range(most):
            params = self._untried.first()
            if params is None:
                return None
            self._untried.try_(params)
            if not self._broken(params):
                return self._add(params)
        raise NothingFeasibleError(
            f"no new feasible setting in {max(most, MAX_ASKS):,} proposals: the constraints or "
            "the ranges of the search leave (almost) nothing to try"
        )

    def _add(self, params: dict[str, Any]) -> Proposal:
        """Propose a setting that no sampler has proposed."""
        self._pending = self._view.add(params)
        return Proposal(params, {"ask": self._next_context().index, "listed": True})

    def _broken(self, params: Mapping[str, Any]) -> dict[str, float]:
        return {name: value for name, value in self._violations(params).items() if value > 0}

    # Learning

    def add(self, number: int, params: Mapping[str, Any]) -> None:
        """Learn of a running trial that was not proposed here: a baseline."""
        self._untried.try_(params)
        self._view.accept(self._view.add(params), number)

    def report(self, number: int, epoch: int, value: float) -> None:
        """Learn the first metric of an epoch of a running trial."""
        self._view.report(number, epoch, value)

    def end(
        self,
        number: int,
        state: TrialState,
        values: Sequence[float] | None,
        *,
        teaches: bool = True,
    ) -> None:
        """Learn how a trial ended: see `OptunaView.end`."""
        self._view.end(number, state, values, teaches=teaches)

    def reopen(self, number: int, params: Mapping[str, Any]) -> None:
        """Learn that a stopped trial continues, perhaps with other params (PBT)."""
        self.exclude(params)
        self._view.reopen(number, params)

    def exclude(self, params: Mapping[str, Any]) -> None:
        """Never propose this setting."""
        self._untried.try_(params)

    def learn(self, earlier: Mapping[str, Any]) -> None:
        """Learn from an ended trial of an earlier study (see `tuner.lifecycle.warm_start`)."""
        params = earlier["params"]
        broken = self._broken(params)
        if broken:
            self.exclude(params)
            self._view.add_infeasible(params, broken)
            return
        self._stand_ins += 1
        stand_in = -self._stand_ins
        self._view.accept(self._view.add(params), stand_in)
        if earlier["tried"]:
            self.exclude(params)
        self.report(stand_in, *earlier["epoch"])
        self.end(stand_in, TrialState(earlier["state"]), earlier["values"])

    # Restoring

    def restore(self, trial: TrialRecord, epochs: Sequence[EpochRecord], metric: str) -> None:
        """Learn of a recorded trial and its epochs.

        Call this for all trials, ordered by number, before `end`.
        """
        self.exclude(trial.params)
        asked = trial.sampler.get("ask")
        if asked is not None:
            self._asked = max(self._asked, int(asked) + 1)
        sampled = asked is not None and not trial.sampler.get("listed")
        if self.sampler.replays and sampled:
            trial_id, _ = self._view.ask(self.sampler.build(self._context(int(asked or 0))))
            self._view.set_params(trial_id, trial.params)
        else:
            trial_id = self._view.add(trial.params)
        self._view.accept(trial_id, trial.number)
        for epoch in epochs:
            if metric in epoch.metrics:
                self.report(trial.number, epoch.epoch, epoch.metrics[metric])

    def restore_infeasible(self, infeasible: Infeasible, *, judge: bool = False) -> None:
        """Learn of a recorded infeasible proposal.

        With `judge`, after the constraints were changed, a setting that satisfies them now is
        untried.
        """
        self._asked = max(self._asked, infeasible.ask + 1)
        broken = self._broken(infeasible.params) if judge else infeasible.violations
        if broken:
            self.exclude(infeasible.params)
            self._view.add_infeasible(infeasible.params, broken)
