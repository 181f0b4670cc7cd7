"""Regret, rank and who beats whom, from the runs of all methods."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from efficiency.methods import OURS, Run

Scales = dict[str, tuple[float, float]]
"""Task -> the median and the best score of random settings."""


@dataclass(frozen=True)
class Figures:
    """Regrets by method: one list over (task, seed), in one order for all, for each budget."""

    methods: Sequence[str]
    tasks: Sequence[str]
    seeds: int
    regrets: dict[str, dict[int, list[float]]]

    @classmethod
    def of(
        cls, runs: Sequence[Run], tasks: Sequence[str], scales: Scales, budgets: Sequence[int]
    ) -> "Figures":
        """The regrets of the runs on these tasks, after each of the budgets (in epochs)."""
        found = {(run.method, run.task, run.seed): run for run in runs}
        methods = list(dict.fromkeys(run.method for run in runs))
        seeds = 1 + max(run.seed for run in runs)
        top = {
            task: max(scales[task][1], *(r.trace[-1][1] for r in runs if r.task == task))
            for task in tasks
        }

        def regret(method: str, task: str, seed: int, budget: int) -> float:
            best, median = found[method, task, seed].best(budget), scales[task][0]
            return (top[task] - best) / (top[task] - median)

        regrets = {
            method: {
                budget: [regret(method, t, seed, budget) for t in tasks for seed in range(seeds)]
                for budget in budgets
            }
            for method in methods
        }
        return cls(methods, tasks, seeds, regrets)

    def regret(self, method: str, budget: int) -> float:
        """The mean over tasks and seeds."""
        return fmean(self.regrets[method][budget])

    def error(self, method: str, budget: int) -> float:
        """The standard error of that mean, over tasks."""
        means = self._by_task(budget)(method)
        return stdev(means) / len(means) ** 0.5 if len(means) > 1 else 0.0

    def rank(self, method: str, budget: int) -> float:
        """The mean rank among all methods on the same task and seed; ties share theirs."""
        rows = zip(*(self.regrets[other][budget] for other in self.methods), strict=True)
        place = list(self.methods).index(method)
        return fmean(
            1 + sum(v < row[place] for v in row) + (sum(v == row[place] for v in row) - 1) / 2
            for row in rows
        )

    def against(self, other: str, budget: int) -> tuple[int, float]:
        """The tasks on which ours has the smaller mean regret, and Wilcoxon's p over tasks."""
        from scipy.stats import wilcoxon

        pairs = map(self._by_task(budget), (OURS, other))
        differences = [a - b for a, b in zip(*pairs, strict=True)]
        p = float(wilcoxon(differences).pvalue) if any(differences) else 1.0
        return sum(d < 0 for d in differences), p

    def _by_task(self, budget: int) -> Callable[[str], list[float]]:
        def means(method: str) -> list[float]:
            values = self.regrets[method][budget]
            return [fmean(values[i : i + self.seeds]) for i in range(0, len(values), self.seeds)]

        return means
