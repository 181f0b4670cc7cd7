"""What to try next: Optuna's samplers over a study that is rebuilt from study.db.

Optuna's own view of the study lives in memory only. It holds every known trial with every
reported epoch: COMPLETE for one that reached its own end, PRUNED at its last step for one that
was stopped, FAIL for one that failed, RUNNING for those that run now. Nothing of it is stored:
`Suggester.restore` builds the same view from the records.
"""

import hashlib
import warnings
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tuner.objectives.metric import Direction
from tuner.records import EpochRecord, TrialRecord, TrialState
from tuner.samplers.base import Sampler, SamplerContext

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from tuner.space import SearchSpace

MAX_ASKS = 200
"""Proposals that may be infeasible before the next setting is looked for in a list."""
MAX_REPEATS = 20
"""Proposals of a small space that may be repeats before the next setting is taken from its list."""
ENUMERATED = 20_000
"""The largest space whose settings are listed, so that it is known when it is used up."""


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


@dataclass
class Suggester:
    """Proposes settings of `space` and learns what became of them.

    Args:
        space: what may be set.
        sampler: how it is searched.
        directions: "maximize" or "minimize" of each metric that is searched for.
        violations: what a setting breaks, computed without training.
        on_infeasible: called with each infeasible proposal, so that it can be recorded.
    """

    space: "SearchSpace"
    sampler: Sampler
    directions: Sequence[Direction]
    violations: Callable[[Mapping[str, Any]], Violations] = lambda _: {}
    on_infeasible: Callable[[Infeasible], None] = lambda _: None
    _asked: int = 0
    _seen: set[Hashable] = field(default_factory=set)
    _ids: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        import optuna

        from tuner.core.optuna_storage import ReopenableStorage

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        self._storage = ReopenableStorage()
        self._study = optuna.create_study(
            storage=self._storage,
            directions=list(self.directions),
            sampler=optuna.samplers.RandomSampler(seed=0),  # replaced before each proposal
        )
        self._distributions = self.space.distributions()
        self._settings = self._list_settings()

    @property
    def optuna_trials(self) -> list["FrozenTrial"]:
        """Optuna's view, rejected proposals included."""
        return self._study.get_trials(deepcopy=True)

    # Proposing

    def propose(self) -> Proposal | None:
        """The next setting that was not tried yet; None where the space is used up.

        Raises:
            NothingFeasibleError: none was found in `MAX_ASKS` proposals.
        """
        for _ in range(MAX_ASKS if self._settings is None else MAX_REPEATS):
            if next(self._unseen(), None) is None and self._settings is not None:
                return None
            proposal = self._ask()
            if proposal is not None:
                return proposal
        return self._first_feasible()

    def _ask(self) -> Proposal | None:
        """Ask the sampler once; None where it proposed a repeat or something infeasible."""
        import optuna

        ask = self._next_ask()
        self._study.sampler = self.sampler.build(ask)
        trial = self._study.ask()
        params = self.space.suggest(trial)
        identity = self.space.identity(params)
        repeated = identity in self._seen
        self._seen.add(identity)
        if repeated:
            self._storage.set_trial_state_values(trial._trial_id, optuna.trial.TrialState.FAIL)
            return None
        broken = self._broken(params)
        if broken:
            for name, value in broken.items():
                trial.set_constraint(name, value)
            self._study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            self.on_infeasible(Infeasible(params, broken, ask.index))
            return None
        self._pending = trial._trial_id
        return Proposal(params, {"ask": ask.index})

    def accept(self, number: int) -> None:
        """Say under which number the last proposal became a trial."""
        self._ids[number] = self._pending

    def _next_ask(self) -> SamplerContext:
        index, self._asked = self._asked, self._asked + 1
        return self._build_ask(index)

    def _build_ask(self, index: int) -> SamplerContext:
        digest = hashlib.sha256(f"{self.sampler.seed}:{index}".encode()).digest()
        unseen = next(self._unseen(), None) if self.sampler.finite_only else None
        return SamplerContext(
            index=index,
            seed=int.from_bytes(digest[:4], "big") % 2**31,
            distributions=self._distributions,
            unseen=None if unseen is None else self.space.encode(unseen),
        )

    def _list_settings(self) -> dict[Hashable, dict[str, Any]] | None:
        size = self.space.size()
        if size is None or (size > ENUMERATED and not self.sampler.finite_only):
            return None
        return {self.space.identity(params): params for params in self.space.enumerate()}

    def _unseen(self) -> Iterator[dict[str, Any]]:
        settings = self._settings or {}
        return (params for identity, params in settings.items() if identity not in self._seen)

    def _first_feasible(self) -> Proposal | None:
        """The first untried feasible setting, where the sampler keeps proposing others."""
        if self._settings is None:
            raise NothingFeasibleError(
                f"no new feasible setting in {MAX_ASKS} proposals: the constraints or the "
                "ranges of the search leave (almost) nothing to try"
            )
        for params in list(self._unseen()):
            self._seen.add(self.space.identity(params))
            if all(value <= 0 for value in self.violations(params).values()):
                self._pending = self._add(params)
                return Proposal(params, {"ask": self._next_ask().index, "listed": True})
        return None

    # Learning

    def add(self, number: int, params: Mapping[str, Any], identity: Hashable) -> None:
        """Learn of a running trial that was not proposed here: a baseline, or a resumed one."""
        self._seen.add(identity)
        self._ids[number] = self._add(params)

    def report(self, number: int, epoch: int, value: float) -> None:
        """Learn the first metric of one epoch of a running trial."""
        if len(self.directions) == 1:
            self._storage.set_trial_intermediate_value(self._ids[number], epoch, value)

    def end(self, number: int, state: TrialState, values: Sequence[float] | None) -> None:
        """Learn how a trial ended; `values` by metric, for a complete one."""
        import optuna

        states = optuna.trial.TrialState
        trial = self._storage.get_trial(self._ids[number])
        if state is TrialState.COMPLETE and values is not None:
            self._study.tell(trial.number, list(values))
        elif state is TrialState.STOPPED:
            if len(self.directions) > 1:
                # Optuna knows no intermediate values of two metrics, and its samplers would
                # forget a pruned trial: marked infeasible, it is remembered as a bad setting.
                key = f"{optuna.study._constrained_optimization._CONSTRAINTS_KEY}:stopped"
                self._storage.set_trial_system_attr(trial._trial_id, key, 1.0)
            self._study.tell(trial.number, state=states.PRUNED)
        else:
            self._study.tell(trial.number, state=states.FAIL)

    def reopen(self, number: int, params: Mapping[str, Any]) -> None:
        """Learn that a stopped trial runs again, perhaps with other params (PBT)."""
        self.saw(params)
        self._storage.reopen(self._ids[number])
        self._set_params(self._ids[number], params)

    def saw(self, params: Mapping[str, Any]) -> None:
        """Never propose this setting."""
        self._seen.add(self.space.identity(params))

    def _set_params(self, trial_id: int, params: Mapping[str, Any]) -> None:
        encoded = self.space.encode(params)
        distributions = {name: self._distributions[name] for name in encoded}
        self._storage.replace_params(trial_id, encoded, distributions)

    def _add(self, params: Mapping[str, Any], **more: Any) -> int:
        import optuna

        encoded = self.space.encode(params)
        frozen = optuna.trial.create_trial(
            state=more.pop("state", optuna.trial.TrialState.RUNNING),
            params=encoded,
            distributions={name: self._distributions[name] for name in encoded},
            **more,
        )
        return self._storage.create_new_trial(self._study._study_id, template_trial=frozen)

    # Restoring

    def restore(self, trial: TrialRecord, epochs: Sequence[EpochRecord], metric: str) -> None:
        """Learn a recorded trial and its epochs; call for all of them by number, then `end`."""
        self.saw(trial.params)
        asked = trial.sampler.get("ask")
        if asked is not None:
            self._asked = max(self._asked, int(asked) + 1)
        sampled = asked is not None and not trial.sampler.get("listed")
        if self.sampler.replays and sampled:
            self._ids[trial.number] = self._replay(trial, int(asked or 0))
        else:
            self._ids[trial.number] = self._add(trial.params)
        for epoch in epochs:
            if metric in epoch.metrics:
                self.report(trial.number, epoch.epoch, epoch.metrics[metric])

    def learn(self, earlier: Mapping[str, Any]) -> None:
        """Learn an ended trial of an earlier study (see `tuner.lifecycle.warm_start`)."""
        params = earlier["params"]
        broken = self._broken(params)
        if broken:
            self.saw(params)
            self._add_infeasible(params, broken)
            return
        stand_in = -1 - len(self._ids)
        self._ids[stand_in] = self._add(params)
        if earlier["tried"]:
            self.saw(params)
        self.report(stand_in, *earlier["epoch"])
        self.end(stand_in, TrialState(earlier["state"]), earlier["values"])

    def restore_infeasible(self, infeasible: Infeasible, *, judge: bool = False) -> None:
        """Learn a recorded infeasible proposal.

        With `judge`, after a change of the constraints: one that keeps them now is untried.
        """
        self._asked = max(self._asked, infeasible.ask + 1)
        broken = self._broken(infeasible.params) if judge else infeasible.violations
        if broken:
            self.saw(infeasible.params)
            self._add_infeasible(infeasible.params, broken)

    def _broken(self, params: Mapping[str, Any]) -> dict[str, float]:
        return {name: value for name, value in self.violations(params).items() if value > 0}

    def _add_infeasible(self, params: Mapping[str, Any], broken: Violations) -> None:
        import optuna

        state = optuna.trial.TrialState.PRUNED
        self._add(params, state=state, constraints=dict(broken))

    def _replay(self, trial: TrialRecord, asked: int) -> int:
        """Ask for a recorded trial again, so that the sampler makes its notes on it."""
        self._study.sampler = self.sampler.build(self._build_ask(asked))
        again = self._study.ask()
        self.space.suggest(again)  # the sampler makes its notes when it is first asked for a value
        self._set_params(again._trial_id, trial.params)
        return int(again._trial_id)
