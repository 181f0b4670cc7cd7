"""Which settings matter: how much worse a forest predicts the metric when a setting is shuffled.

A random forest (Breiman 2001) learns the trials' values from their settings, and each setting is
scored by permutation importance: the mean loss of R^2 when its values are shuffled among the
trials. Scores are shares of their sum. Conditional settings take part: missing counts as a value of
its own.

Trials that a scheduler stopped early cannot be compared with trials that continued, so all are
compared at the same epoch: the last epoch that at least half of them, and no fewer than ten,
reached. A trial that came to its own end before that counts with its best value.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tuner.analysis.metrics import finite
from tuner.analysis.settings import setting
from tuner.analysis.snapshot import Snapshot
from tuner.records import TrialKind, TrialRecord, TrialState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST = 10
"""Number of trials that are needed; a forest on fewer says nothing."""

MOST = 1500
"""Number of trials that are used, the latest first: more take seconds and change little."""

_SHUFFLES = 5


@dataclass(frozen=True)
class Importance:
    """Shares of the searched settings, the greatest first.

    `fit` is the R^2 of the forest on trials that it did not learn from: if it is 0 or less, the
    shares mean nothing.
    """

    metric: str
    epoch: int  # the epoch at which the trials are compared
    trials: int
    fit: float
    shares: dict[str, float]  # dotted path -> share; they add up to 1
    spread: dict[str, float]  # standard deviation of each share over the shuffles


def importance(snapshot: Snapshot, *, seed: int = 0) -> Importance | None:
    """Return the importance of every setting that differs between trials.

    Args:
        snapshot: the study.
        seed: of the forest and the shuffles.

    Returns:
        The importance; None if there are too few trials.
    """
    snapshot = replace(snapshot, trials=tuple(filter(_is_searched, snapshot.trials)))
    paths = varied(snapshot)
    epoch = common_epoch(snapshot)
    scores = scores_at(snapshot, epoch)
    trials = [trial for trial in snapshot.trials if trial.number in scores][-MOST:]
    if len(trials) < FEWEST or not paths or snapshot.metric is None:
        return None
    values = [scores[trial.number] for trial in trials]
    if len(set(values)) == 1:
        return None
    columns = tuple(encode([setting(trial, path) for trial in trials]) for path in paths)
    fit, shares, spread = _permuted(columns, tuple(values), seed)
    order = sorted(range(len(paths)), key=lambda i: -shares[i])
    return Importance(
        snapshot.metric,
        epoch,
        len(trials),
        fit,
        {paths[i]: shares[i] for i in order},
        {paths[i]: spread[i] for i in order},
    )


def shares(snapshots: Iterable[Snapshot]) -> dict[str, float]:
    """Return the share of each setting over several studies; empty if there is none."""
    found = [
        result for result in map(importance, snapshots) if result is not None and result.fit > 0
    ]
    total: Counter[str] = Counter()
    for result in found:
        total.update(result.shares)
    return {path: share / len(found) for path, share in total.most_common()}


def varied(snapshot: Snapshot) -> list[str]:
    """Return the paths that any trial set and in which trials differ."""
    paths = sorted({path for trial in snapshot.trials for path in trial.params})
    return [
        path
        for path in paths
        if len({json.dumps(setting(trial, path)) for trial in snapshot.trials}) > 1
    ]


def common_epoch(snapshot: Snapshot) -> int:
    """Return the last epoch that half of the trials with epochs, and at least `FEWEST`, reached."""
    lengths: list[int] = sorted(
        (rows[-1].epoch for trial in snapshot.trials if (rows := _epochs(snapshot, trial))),
        reverse=True,
    )
    if not lengths:
        return 0
    enough = max(FEWEST, (len(lengths) + 1) // 2)
    return lengths[min(enough, len(lengths)) - 1]


def scores_at(snapshot: Snapshot, epoch: int) -> dict[int, float]:
    """Return trial -> best value of the metric up to `epoch`.

    Only trials that reached the epoch or ended before it are included.
    """
    metric = snapshot.metric
    if metric is None:
        return {}
    better = min if snapshot.describe(metric).minimized else max
    found = {}
    for trial in snapshot.trials:
        rows = _epochs(snapshot, trial)
        if not rows or (rows[-1].epoch < epoch and trial.state is not TrialState.COMPLETE):
            continue
        values = [finite(row.metrics.get(metric)) for row in rows if row.epoch <= epoch]
        known = [value for value in values if value is not None]
        if known:
            found[trial.number] = better(known)
    return found


@dataclass(frozen=True)
class Encoded:
    """The values of a setting as numbers; those of a choice have no order."""

    values: tuple[float, ...]
    choice: bool


def encode(values: Sequence[Any]) -> Encoded:
    """Return the values of a setting for the forest.

    Numbers become their ranks: a tree uses only their order, and cannot represent very large
    numbers. Trials without a value come below all others.
    """
    known = [None if _is_missing(value) else value for value in values]
    present = [value for value in known if value is not None]
    if all(_is_number(value) for value in present):
        rank = {value: float(index) for index, value in enumerate(sorted(set(present)))}
        ranks = tuple(-1.0 if value is None else rank[value] for value in known)
        return Encoded(ranks, choice=False)
    names = [json.dumps(value, sort_keys=True) for value in known]
    place = {name: float(index) for index, name in enumerate(sorted(set(names)))}
    return Encoded(tuple(place[name] for name in names), choice=True)


@lru_cache(maxsize=16)  # the table and the page of a study ask for the same
def _permuted(
    columns: tuple[Encoded, ...], values: tuple[float, ...], seed: int
) -> tuple[float, list[float], list[float]]:
    """Fit, shares and spread. A setting is shuffled as a whole, before a choice becomes its
    columns."""
    import numpy as np
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    x = np.column_stack([column.values for column in columns])
    y = _tamed(np.asarray(values, dtype=float))
    choices = [index for index, column in enumerate(columns) if column.choice]
    forest = RandomForestRegressor(
        n_estimators=60, min_samples_leaf=2, oob_score=True, random_state=seed
    )
    encoder = make_column_transformer((OneHotEncoder(), choices), remainder="passthrough")
    model = make_pipeline(encoder, forest).fit(x, y)
    losses = _losses(model, x, y, seed).clip(min=0.0)
    total = losses.mean(axis=1).sum() or 1.0
    shares = losses.mean(axis=1) / total
    return float(forest.oob_score_), shares.tolist(), (losses.std(axis=1) / total).tolist()


def _losses(
    model: Any, x: "NDArray[np.float64]", y: "NDArray[np.float64]", seed: int
) -> "NDArray[np.float64]":
    """The loss of R^2: a row for each column of `x`, a value for each of its shuffles.

    The numbers are those of `sklearn.inspection.permutation_importance`, in a quarter of the time:
    all shuffles of a column are predicted at once, because calling a forest takes longer than its
    trees.
    """
    import numpy as np
    from sklearn.metrics import r2_score

    start = np.random.RandomState(seed).randint(2**31)
    fit, losses = r2_score(y, model.predict(x)), []
    for column in range(x.shape[1]):
        draws, order, shuffled = np.random.RandomState(start), np.arange(len(x)), x[:, column]
        copies = np.tile(x, (_SHUFFLES, 1, 1))
        for copy in copies:
            draws.shuffle(order)
            shuffled = shuffled[order]
            copy[:, column] = shuffled
        found = model.predict(copies.reshape(-1, x.shape[1])).reshape(_SHUFFLES, -1)
        losses.append([fit - r2_score(y, predicted) for predicted in found])
    return np.asarray(losses)


def _tamed(values: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """The values, which differ, on a scale of their own: the forest ignores differences below 1e-8.

    Outliers are limited to three quartile ranges, or a diverged trial would be all that matters.
    """
    import numpy as np

    scaled: NDArray[np.float64] = (
        values / np.abs(values).max()
    )  # scaled first, because the range of some values is infinite
    low, high = np.percentile(scaled, [25, 75])
    if low < high:
        scaled = np.clip(scaled, low - 3.0 * (high - low), high + 3.0 * (high - low))
    scaled -= scaled.mean()
    scaled /= scaled.std() or 1.0
    return scaled


def _is_searched(trial: TrialRecord) -> bool:
    """Whether it is not a repeat, which differs in a seed that nobody searched for."""
    return trial.kind is not TrialKind.CONFIRM


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _epochs(snapshot: Snapshot, trial: TrialRecord) -> Sequence[Any]:
    rows = snapshot.epochs.get(trial.number, ())
    return () if trial.state is TrialState.FAILED else rows
