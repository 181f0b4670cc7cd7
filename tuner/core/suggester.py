"""What to try next: Optuna's samplers over a study that is rebuilt from study.db."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuner.core.optuna_view import OptunaView
from tuner.core.untried import ENUMERATED, Untried
from tuner.objectives.metric import Direction
from tuner.records import EpochRecord, TrialRecord, TrialState
from tuner.samplers import Random
from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from tuner.space import SearchSpace

MAX_ASKS = 200
"""Proposals that may be infeasible before the next setting is looked for in a list."""
MAX_REPEATS = 20
"""Repeats after which a sampler is not asked again: the next setting of a small space is taken from
its list, that of a large one drawn at random."""


class NothingFeasibleError(RuntimeError):
    """No new setting that keeps the constraints was found."""


Violations = Mapping[str, float]
"""Constraint -> by how much a setting breaks it; at most 0 where it is kept."""


@dataclass(frozen=True)
class Proposal:
    """A setting to try: `params` by dotted path, and the sampler's notes for the records."""

    params: dict[str, Any]
    notes: dict[str, Any]


@dataclass(frozen=True)
class Infeasible:
    """A setting that was proposed and breaks a constraint: never trained, but learned from."""

    params: dict[str, Any]
    violations: dict[str, float]
    ask: int = 0  # its place among all proposals


class Suggester:
    """Proposes settings of `space` and learns what became of them.

    Args:
        space: what may be set.
        sampler: how it is searched.
        directions: "maximize" or "minimize" of each metric that is searched for.
        violations: what a setting breaks, computed without training.
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
        """Optuna's view, rejected proposals included."""
        return self._view.trials

    # Proposing

    def propose(self) -> Proposal | None:
        """The next setting that was not tried yet; None where the space is used up.

        Raises:
            NothingFeasibleError: none was found in `MAX_ASKS` proposals.
        """
        repeats = 0
        for _ in range(MAX_REPEATS if self._untried.listed else MAX_ASKS):
            if self._untried.used_up:
                return None
            asked = self._ask(at_random=repeats >= MAX_REPEATS)
            if isinstance(asked, Proposal):
                return asked
            repeats += asked is None
        return self._first_feasible()

    def accept(self, number: int) -> None:
        """The last proposal has become the trial `number`."""
        self._view.number(self._pending, number)

    def _ask(self, *, at_random: bool) -> Proposal | Infeasible | None:
        """Ask once, the sampler or, where it does not get away from what it knows, chance.

        Returns:
            None where a repeat was proposed.
        """
        context = self._next_context()
        sampler = Random() if at_random else self.sampler
        trial_id, params = self._view.ask(sampler.build(context))
        if not self._untried.try_(params):
            self._view.reject(trial_id, {})
            return None
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

    def _first_feasible(self) -> Proposal | None:
        """The first untried feasible setting, where the sampler keeps proposing others."""
        most = ENUMERATED if self._untried.listed else 0
        for _ in range(most):
            params = self._untried.first()
            if params is None:
                return None
            self._untried.try_(params)
            if not self._broken(params):
                self._pending = self._view.add(params)
                return Proposal(params, {"ask": self._next_context().index, "listed": True})
        raise NothingFeasibleError(
            f"no new feasible setting in {max(most, MAX_ASKS):,} proposals: the constraints or "
            "the ranges of the search leave (almost) nothing to try"
        )

    def _broken(self, params: Mapping[str, Any]) -> dict[str, float]:
        return {name: value for name, value in self._violations(params).items() if value > 0}

    # Learning

    def add(self, number: int, params: Mapping[str, Any]) -> None:
        """Learn of a running trial that was not proposed here: a baseline."""
        self._untried.try_(params)
        self._view.number(self._view.add(params), number)

    def report(self, number: int, epoch: int, value: float) -> None:
        """Learn the first metric of one epoch of a running trial."""
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
        """Learn that a stopped trial runs again, perhaps with other params (PBT)."""
        self.saw(params)
        self._view.reopen(number, params)

    def saw(self, params: Mapping[str, Any]) -> None:
        """Never propose this setting."""
        self._untried.try_(params)

    def learn(self, earlier: Mapping[str, Any]) -> None:
        """Learn an ended trial of an earlier study (see `tuner.lifecycle.warm_start`)."""
        params = earlier["params"]
        broken = self._broken(params)
        if broken:
            self.saw(params)
            self._view.add_infeasible(params, broken)
            return
        self._stand_ins += 1
        stand_in = -self._stand_ins
        self._view.number(self._view.add(params), stand_in)
        if earlier["tried"]:
            self.saw(params)
        self.report(stand_in, *earlier["epoch"])
        self.end(stand_in, TrialState(earlier["state"]), earlier["values"])

    # Restoring

    def restore(self, trial: TrialRecord, epochs: Sequence[EpochRecord], metric: str) -> None:
        """Learn a recorded trial and its epochs; call for all of them by number, then `end`."""
        self.saw(trial.params)
        asked = trial.sampler.get("ask")
        if asked is not None:
            self._asked = max(self._asked, int(asked) + 1)
        sampled = asked is not None and not trial.sampler.get("listed")
        if self.sampler.replays and sampled:
            trial_id, _ = self._view.ask(self.sampler.build(self._context(int(asked or 0))))
            self._view.set_params(trial_id, trial.params)
        else:
            trial_id = self._view.add(trial.params)
        self._view.number(trial_id, trial.number)
        for epoch in epochs:
            if metric in epoch.metrics:
                self.report(trial.number, epoch.epoch, epoch.metrics[metric])

    def restore_infeasible(self, infeasible: Infeasible, *, judge: bool = False) -> None:
        """Learn a recorded infeasible proposal.

        With `judge`, after a change of the constraints: one that keeps them now is untried.
        """
        self._asked = max(self._asked, infeasible.ask + 1)
        broken = self._broken(infeasible.params) if judge else infeasible.violations
        if broken:
            self.saw(infeasible.params)
            self._view.add_infeasible(infeasible.params, broken)
