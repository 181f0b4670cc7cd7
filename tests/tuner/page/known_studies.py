"""Studies of which every number is known: what a page may say of them and of their trials."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

from tests.tuner.analysis.small_study import CONFIG, PSNR, SmallStudy, psnr
from tests.tuner.page.shown_numbers import moments, numbers_in
from tuner.objectives.metric import Metric
from tuner.records import TrialKind, TrialState

REFERENCES = {"first": "AS-24", "least": "L00", "own": "O0"}
PICTURES = {
    "outputs": [{"name": "mid", "title": "x2, twice the side"}],
    "given": [{"kind": "x", "title": "LR", "note": "what the network is given"}],
    "baseline": "bicubic",
    "score": PSNR,
    "images": [
        {"k": k, "name": f"{135069 + k}.jpg", "files": {"x": "x", "mid": "m", "bicubic-mid": "b"}}
        for k in range(2)
    ],
    "left_out": 0,
    "trials": {
        number: [
            {
                "epoch": epoch,
                "files": {k: {"mid": "own"} for k in range(2)},
                "scores": {
                    k: {"mid": {"value": 27.125 + number + k, "baseline": 28.75 + k}}
                    for k in range(2)
                },
            }
            for epoch in (1, 3)
        ]
        for number in (0, 4)
    },
}


def studies(folder: Path) -> list[SmallStudy]:
    """Repeats, failed and stopped trials; a minimised metric; an objective without pictures."""
    first = SmallStudy(folder / "first", name="first")
    for name, channels, seed, value in [
        ("lucky", 8, 0, 29.125), ("steady", 16, 0, 28.0449), ("lucky-seed1", 8, 1, 27.5),
        ("lucky-seed2", 8, 2, 28.25),
    ]:  # fmt: skip
        config = {**CONFIG, "network": {"channels": channels}, "seed": seed}
        kind = TrialKind.CONFIRM if seed else TrialKind.SEARCH
        params = {"network.channels": channels, "optimizer.learning_rate": 0.00012345 * channels}
        first.trial(name, psnr(value - 3, value, value - 1.5), config=config, params=params,
                    kind=kind, static_metrics={"parameters": 1000 + channels})  # fmt: skip
    first.trial("AS-24", psnr(24.0), kind=TrialKind.BASELINE, reported={PSNR: 4.02061})
    first.trial("slow", psnr(21.5), TrialState.STOPPED, reason="scheduler")
    first.trial("broken", psnr(30.5), TrialState.FAILED, error="NonFiniteError: loss is nan")
    least = SmallStudy(folder / "least", name="least", metrics={"validation/loss": "minimize"})
    for index in range(13):
        curve = [{"validation/loss": 0.5 / (index + k), PSNR: 20.0 + index} for k in (1, 2, 3)]
        params = {"loss.type": "mae", "rate": 0.001 * (index + 1), "width": 8 * (index % 4)}
        state = TrialState.RUNNING if index == 12 else TrialState.COMPLETE
        least.trial(f"L{index:02}", curve, state, params=params)
    own = SmallStudy(folder / "own", name="own", metrics={"accuracy": "maximize"}, bicubic={})
    described = [Metric("accuracy", "maximize", unit="%", decimals=1), Metric("lr")]
    own.records.set_info("metrics_described", [metric.to_info() for metric in described])
    for index in range(3):
        curve = [{"accuracy": 70.05 + index + k / 7, "lr": 0.1**k} for k in (1, 2)]
        own.trial(f"O{index}", curve, params={"batch": 2**index, "rate": 1.5e-7 * (index + 1)})
    return [first, least, own]


@dataclass(frozen=True)
class Known:
    """What is known of a study: the page's data of it and the report's."""

    study: Mapping[str, Any]
    document: Mapping[str, Any]

    def named(self, name: str) -> Mapping[str, Any]:
        return next(one for one in self.study["trials"] if one["name"] == name)

    def row(self, name: str) -> Mapping[str, Any]:
        """A trial in the report's JSON."""
        return next(one for one in self.document["trials"] if one["trial"] == name)

    @cached_property
    def in_tables(self) -> dict[int, set[float]]:
        """What a table may say of each trial."""
        found = {}
        for trial in self.study["trials"]:
            told = [trial["settings"], self.study["common"], self.study["place"], trial["started"]]
            found[trial["number"]] = {*numbers_in([self.row(trial["name"]), *told])}
        return found

    @cached_property
    def as_trained(self) -> dict[int, set[float]]:
        """What a chart may say of it: its epochs, too, when they were, and what they had cost."""
        return {one["number"]: self._as_trained(one) for one in self.study["trials"]}

    def _as_trained(self, trial: Mapping[str, Any]) -> set[float]:
        rows = self.study["epochs"].get(trial["number"], {})
        lasted = [
            b - a for a, b in zip(rows.get("started", ()), rows.get("ended", ()), strict=True)
        ]
        spent = [
            n * fact for n in rows.get("epoch", ()) for fact in trial.get("facts", {}).values()
        ]
        derived = [*accumulate(lasted), *spent, self.place_of(trial)]
        return self.in_tables[trial["number"]] | {*numbers_in([rows, derived])}

    @cached_property
    def pictured(self) -> dict[int, set[float]]:
        """What stands below a trial's pictures: scores, and how far they are from bicubic's."""
        found: dict[int, set[float]] = {}
        for number, epochs in self.study.get("pictures", {"trials": {}})["trials"].items():
            scores = [s["mid"] for one in epochs for s in one["scores"].values()]
            gains = [one["value"] - one["baseline"] for one in scores]
            found[number] = {*numbers_in([scores, gains, [one["epoch"] for one in epochs]])}
        return found

    @cached_property
    def as_a_whole(self) -> set[float]:
        """What may be said of the study, and of what its trials are compared with."""
        study, trials = self.study, self.study["trials"]
        told = [study[key] for key in study.keys() - {"trials", "epochs", "stats", "pictures"}]
        states = [one["state"] for one in trials]
        kinds = [one["kind"] for one in trials]
        counts = [*map(states.count, set(states)), *map(kinds.count, set(kinds)), len(trials)]
        found = study["analysis"]["importance"]
        shares = (
            [*found["shares"].values(), *found["spread"].values(), found["fit"]] if found else []
        )
        shares.append(study["analysis"]["utilization"] or 0)
        ended = [rows["ended"][-1] for rows in study["epochs"].values()]
        pictures = study.get("pictures", {})
        shown = [pictures.get(key) for key in ("outputs", "given", "images")]
        means = [scores for one in self.pictured.values() for scores in one]
        states = [one["state"] for one in trials if one["kind"] != "confirm"]
        counts += map(states.count, set(states))
        derived = [
            *counts,
            *self.gains_of_means,
            self.searched,
            *(100 * one for one in shares),
            max(ended),
        ]
        return {*numbers_in([told, self.document, derived, shown, means])}

    def place_of(self, trial: Mapping[str, Any]) -> int:
        """The place of a trial among all but the repeats, by number."""
        trials = self.study["trials"]
        return sum(one["kind"] != "confirm" and one["number"] <= trial["number"] for one in trials)

    @property
    def gains_of_means(self) -> list[float]:
        """What trials gained in the mean over their repeats."""
        goal, stats = self.study["goals"][0], self.study["stats"]
        found = [(stats[number], one["mean"]) for number, one in self.study["repeats"].items()]
        return [
            one["gain"][0] + mean - one["metrics"][goal][0]
            for one, mean in found
            if one["gain"][0] is not None and goal in one["metrics"]
        ]

    @cached_property
    def searched(self) -> int:
        """How many trials there are, those apart that repeat another one."""
        return sum(one["kind"] != "confirm" for one in self.study["trials"])

    @cached_property
    def moments(self) -> set[str]:
        times = [one["time"] for one in self.study["events"]]
        times += [one["started"] for one in self.study["trials"]]
        return moments([*times, self.study["created"]])


def whole(studies: Sequence[Known]) -> set[float]:
    """What may be said of some studies: of each, and of some of them how many trials they have."""
    sums = {0}
    for study in studies:
        sums |= {one + study.searched for one in sums} | {
            one + len(study.study["trials"]) for one in sums
        }
    return {one for study in studies for one in study.as_a_whole} | sums


def changed(value: Any, other: Any) -> Iterator[float]:
    """The differences of the numbers that stand in the same place."""
    if isinstance(value, dict) and isinstance(other, dict):
        for key in value.keys() & other.keys():
            yield from changed(value[key], other[key])
    elif all(isinstance(one, int | float) for one in (value, other)):
        yield float(value) - float(other)


def pairs(value: Any, other: Any) -> Iterator[float]:
    """All differences of the numbers of two parts."""
    ours, theirs = set(numbers_in(value)), set(numbers_in(other))
    yield from (a - b for a in ours for b in theirs)
