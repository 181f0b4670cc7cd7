"""The study as Optuna's samplers see it, in memory; it is made from study.db.

It holds every known trial with every reported epoch: COMPLETE if the trial reached its own end,
PRUNED at its last step if it was stopped, RUNNING if it is running now. It is updated while trials
run: rebuilding it for each proposal, from ended trials at hand, would take 44 ms for 1,000 trials
and 0.5 s for 10,000, when TPE's proposal itself takes 13 and 124 ms.

Optuna's samplers ignore trials that FAIL, so a region in which training diverges would be proposed
again and again. If the setting is to blame for a failure, the trial is therefore told as a bad
result, in the way that its sampler makes use of (`Sampler.failed_as`, measured by
benchmarks/failing_region.py):

- "infeasible": PRUNED, and marked as violating a constraint;
- "worst": COMPLETE, with the worst values that any trial has had so far.

A trial that failed through a fault of the machine says nothing about its setting, and stays FAIL.

A sampler that models values (`Sampler.models_values`) is told no value that is worse than the
others by far (see `tuner.core.outliers`).
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tuner.core.outliers import worst_told
from tuner.objectives.metric import Direction
from tuner.records import TrialState

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial

    from tuner.samplers.base import Sampler
    from tuner.space import SearchSpace

STOPPED = "stopped"
FAILED = "failed"
"""Names of the constraints that a stopped trial of two metrics, and a failed trial, violate."""


class OptunaView:
    """The Optuna study behind a search.

    Args:
        space: the search space.
        directions: the direction of each metric that is searched for.
        sampler: the sampler's settings, which say how it is told of failures.
    """

    def __init__(
        self, space: "SearchSpace", directions: Sequence[Direction], sampler: "Sampler"
    ) -> None:
        import optuna

        from tuner.core.optuna_storage import ReopenableStorage

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        self._space = space
        self._directions = tuple(directions)
        self._failed_as = sampler.failed_as
        self._storage = ReopenableStorage()
        self._study = optuna.create_study(
            storage=self._storage,
            directions=list(directions),
            sampler=optuna.samplers.RandomSampler(seed=0),  # replaced before each proposal
        )
        self.distributions = space.distributions()
        self._ids: dict[int, int] = {}
        self._failed: list[int] = []
        self._worst: list[float] | None = None
        self._modelled = sampler.models_values and len(directions) == 1
        self._values: dict[int, float] = {}  # of complete trials, if they are modelled

    @property
    def trials(self) -> "list[FrozenTrial]":
        """All trials, infeasible proposals included."""
        return self._study.get_trials(deepcopy=True)

    # Proposing

    def ask(self, sampler: "BaseSampler") -> tuple[int, dict[str, Any]]:
        """Let a sampler propose; return the new trial's id and its params."""
        from tuner.core.optuna_storage import id_of

        self._value()
        self._study.sampler = sampler
        trial = self._study.ask()
        return id_of(trial), self._space.suggest(trial)

    def reject(self, trial_id: int, violations: Mapping[str, float]) -> None:
        """Note that a proposal is not trained: infeasible or, without violations, a repeat."""
        import optuna

        states = optuna.trial.TrialState
        if not violations:
            self._storage.set_trial_state_values(trial_id, states.FAIL)
            return
        for name, by in violations.items():
            self._storage.break_constraint(trial_id, name, by)
        self._study.tell(self._storage.get_trial(trial_id).number, state=states.PRUNED)

    # Learning

    def accept(self, trial_id: int, number: int) -> None:
        """Note that a proposal has become trial `number` of the study."""
        self._ids[number] = trial_id

    def add(self, params: Mapping[str, Any], **more: Any) -> int:
        """Add a trial that no sampler has proposed; it is running unless `state` is given."""
        import optuna

        encoded = self._space.encode(params)
        frozen = optuna.trial.create_trial(
            state=more.pop("state", optuna.trial.TrialState.RUNNING),
            params=encoded,
            distributions={name: self.distributions[name] for name in encoded},
            **more,
        )
        return self._storage.add(self._study, frozen)

    def add_infeasible(self, params: Mapping[str, Any], violations: Mapping[str, float]) -> None:
        """Add a proposal that violates constraints and was never trained."""
        import optuna

        state = optuna.trial.TrialState.PRUNED
        self.add(params, state=state, constraints=dict(violations))

    def report(self, number: int, epoch: int, value: float) -> None:
        """Report the first metric of an epoch of a running trial."""
        if len(self._directions) == 1:
            self._storage.set_trial_intermediate_value(self._ids[number], epoch, value)

    def end(
        self, number: int, state: TrialState, values: Sequence[float] | None, *, teaches: bool
    ) -> None:
        """Note how a trial has ended.

        Args:
            number: the trial's number.
            state: complete, stopped or failed.
            values: of the metrics at its best epoch; None if it has none.
            teaches: whether a failure says something about the setting.
        """
        import optuna

        states = optuna.trial.TrialState
        trial_id = self._ids[number]
        trial = self._storage.get_trial(trial_id)
        if state is TrialState.COMPLETE and values is not None:
            self._study.tell(trial.number, list(values))
            if self._modelled:
                self._values[trial_id] = values[0]
        elif state is TrialState.STOPPED:
            if len(self._directions) > 1:
                # Optuna has no intermediate values for two metrics, and its samplers would
                # ignore a pruned trial: marked infeasible, it counts as a bad setting.
                self._storage.break_constraint(trial_id, STOPPED)
            self._study.tell(trial.number, state=states.PRUNED)
        elif teaches and self._failed_as == "infeasible":
            self._storage.break_constraint(trial_id, FAILED)
            self._study.tell(trial.number, state=states.PRUNED)
        else:
            self._study.tell(trial.number, state=states.FAIL)
            if teaches:
                self._failed.append(trial_id)
        if values is not None and state is not TrialState.FAILED:
            self._note_worst(values)

    def reopen(self, number: int, params: Mapping[str, Any]) -> None:
        """Note that a stopped trial continues, perhaps with other params."""
        self._storage.reopen(self._ids[number])
        self.set_params(self._ids[number], params)

    def set_params(self, trial_id: int, params: Mapping[str, Any]) -> None:
        """Replace a trial's params."""
        encoded = self._space.encode(params)
        distributions = {name: self.distributions[name] for name in encoded}
        self._storage.replace_params(trial_id, encoded, distributions)

    def _note_worst(self, values: Sequence[float]) -> None:
        known = self._worst or list(values)
        self._worst = [
            min(pair) if direction == "maximize" else max(pair)
            for direction, pair in zip(
                self._directions, zip(known, values, strict=True), strict=True
            )
        ]

    def _value(self) -> None:
        """Value trials by what is known of the others, just before a proposal is made from them."""
        limit = worst_told(self._values.values(), self._directions[0])
        better = max if self._directions[0] == "maximize" else min
        for trial_id, value in self._values.items():
            self._replace(trial_id, [better(value, limit)])
        if self._worst is not None:
            first, *others = self._worst
            for trial_id in self._failed:
                self._replace(trial_id, [better(first, limit), *others])

    def _replace(self, trial_id: int, values: list[float]) -> None:
        if self._storage.get_trial(trial_id).values != values:
            self._storage.replace_values(trial_id, values)
