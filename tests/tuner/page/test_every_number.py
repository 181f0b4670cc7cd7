"""Every number that the page shows is in the JSON, to its last digit.

That of a trial is in the report's JSON (`--format json`) of this trial, or in its epochs and
pictures in the page's own (docs/page-data.md, which names those few that follow by a rule). All is
read: views, drawers, what screen readers hear; of charts titles, ticks, names, what pointer and
keyboard bring up, and the data as a table. The page is drawn without a browser.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from tests.tuner.analysis.small_study import CONFIG, PSNR, SmallStudy, psnr
from tests.tuner.page.scripting import run_script
from tests.tuner.page.shown_numbers import MOMENT, is_one_of, moments, numbers_in, shown_in
from tests.tuner.page.test_model import page_data
from tuner.analysis.comparison import compare
from tuner.analysis.formats.document import document
from tuner.analysis.snapshot import read_snapshot
from tuner.objectives.metric import Metric
from tuner.page.analysis_data import analysis_data
from tuner.records import TrialKind, TrialState

EVERY_TEXT = (Path(__file__).parent / "every_text.js").read_text()
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
        derived = [*accumulate(lasted), *spent, trial["number"] + 1]
        return self.in_tables[trial["number"]] | {*numbers_in([rows, derived])}

    @cached_property
    def pictured(self) -> dict[int, set[float]]:
        """What stands below the pictures of a trial: scores, and how far they are from bicubic's."""
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
        derived = [*counts, self.searched, *(100 * one for one in shares), max(ended)]
        return {*numbers_in([told, self.document, derived, shown, means])}

    @cached_property
    def searched(self) -> int:
        """How many trials there are, those apart that repeat another one."""
        return sum(one["kind"] != "confirm" for one in self.study["trials"])

    @cached_property
    def moments(self) -> set[str]:
        times = [one["time"] for one in self.study["events"]]
        times += [one["started"] for one in self.study["trials"]]
        return moments([*times, self.study["created"]])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Known]]:
    """The page's data of all studies, and what is known of each."""
    all_studies = studies(tmp_path_factory.mktemp("numbers"))
    data = page_data(*all_studies)
    known = {}
    for one in all_studies:
        key = one.records.folder.name
        study = data["studies"][key]
        study["analysis"] = analysis_data(read_snapshot(one.records))
        study["folders"] = {0: {"files": [["best.safetensors", 1234567]], "log": "epoch 3 of 3"}}
        if key == "first":
            study["pictures"] = PICTURES
        found = json.loads(document(compare(one.records, reference=REFERENCES[key])))
        known[key] = Known(study, found)
    return data, known


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


CHOICES: dict[str, dict[str, Any]] = {
    "as at first": {},
    "changes": {"changes": True, "image": 1},
    "repeats": {"kind": ["confirm"], "x": "seconds"},
    "repeats, changes": {"kind": ["confirm"], "changes": True, "x": "clock", "image": -1},
    "spread over cost": {"lines": "spread", "x": "cost:parameters", "worst": True},
}


@pytest.fixture(scope="module", params=CHOICES)
def said(
    request: pytest.FixtureRequest, made: tuple[dict[str, Any], dict[str, Known]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the page says under some choices, of each study and of all at once; and the choices."""
    data, known = made
    choices = {"stat": ["at", "best", "last"], "scale": "both", "diff": False, "row": []}
    for other in ({"kind": [], "changes": False, "x": "epoch", "lines": "auto"}, {"image": 0}):
        choices |= other
    choices |= CHOICES[request.param]
    alone = [[key] for key in known]
    together = alone if choices["changes"] else [*alone, [*known]]
    given = {"data": data, "choices": choices, "together": together}
    return run_script(EVERY_TEXT, given) | {"together": together}, choices


def test_every_number_of_the_views_is_in_the_json(
    made: tuple[dict[str, Any], dict[str, Known]],
    said: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    known, (found, choices) = made[1], said
    wholes = {" ".join(keys): whole([known[key] for key in keys]) for keys in found["together"]}
    checked = 0
    for keys, view, identity, text in found["said"]:
        shown = [*shown_in(text)]
        chosen = [known[key] for key in keys.split()]
        assert {*MOMENT.findall(text)} <= {one for study in chosen for one in study.moments}
        if not shown:
            continue
        number, _, key = (identity or "").partition("@")
        of = known[key] if identity else chosen[0]
        numbers = set() if identity else set(wholes[keys])
        first = chosen[0]
        reference = first.row(REFERENCES[first.study["key"]])
        if identity:
            trial = of.study["trials"][int(number)]
            numbers |= of.in_tables[int(number)] | of.pictured.get(int(number), set())
            numbers |= {*numbers_in([view_facts(of, trial, view)])}
            if choices["changes"]:
                numbers |= {*changed(of.row(trial["name"]), reference)}
            if choices["changes"] or view == "drawer":  # beside the trial stands the reference
                numbers |= first.in_tables[first.named(reference["trial"])["number"]]
        elif choices["changes"]:
            numbers |= {*pairs(of.study["baselines"], reference)}
        for one in shown:
            checked += 1
            assert is_one_of(one, numbers), (keys, view, identity, text, one)
    assert checked > 500


def whole(studies: Sequence[Known]) -> set[float]:
    """What may be said of some studies: of each, and of some of them how many trials they have."""
    sums = {0}
    for study in studies:
        sums |= {one + study.searched for one in sums} | {
            one + len(study.study["trials"]) for one in sums
        }
    return {one for study in studies for one in study.as_a_whole} | sums


def view_facts(of: Known, trial: Mapping[str, Any], view: str) -> list[Any]:
    """What the drawer and the list of failures say of a trial, beside its row."""
    epochs = of.study["epochs"].get(trial["number"], {})
    if view == "drawer":
        told = [of.study["folders"].get(trial["number"]), of.study["events"], 1.23]  # 1.23 MB
        columns = [of.study["columns"], len(trial["settings"]) + len(of.study["common"])]
        return [told, columns, list(range(1, 9)), of.study.get("pictures", {}).get("images")]
    return [len(epochs.get("epoch", ())), epochs.get("worker")]


def test_every_number_of_the_charts_is_in_the_json(
    made: tuple[dict[str, Any], dict[str, Known]],
    said: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    known, (found, _) = made[1], said
    checked = 0
    for chart in found["charts"]:
        where = (chart["study"], chart["view"], chart["chart"])
        chosen = {key: known[key] for key in chart["study"].split()}
        trained = {
            f"{number}@{key}": numbers
            for key, of in chosen.items()
            for number, numbers in of.as_trained.items()
        }
        everything = whole([*chosen.values()]).union(*trained.values())
        names = {*numbers_in([[*of.study["columns"], key] for key, of in chosen.items()])}
        named = {
            f"{key} / {trial['name']}" if len(chosen) > 1 else trial["name"]: trained[
                f"{trial['number']}@{key}"
            ]
            for key, of in chosen.items()
            for trial in of.study["trials"]
        }
        ticks = {text: value for text, value in chart["ticks"] if not isinstance(value, str)}
        for text, value in ticks.items():
            checked += 1
            assert tick_is(text, value), (where, text, value)
        for text in chart["texts"]:
            if text in ticks:
                continue
            for one in shown_in(text):
                checked += 1
                assert is_one_of(one, everything), (where, text, one)
        for identity, lines in [*chart["points"], *chart["picked"]]:
            for one in (one for text in lines for one in shown_in(text)):
                checked += 1
                assert is_one_of(one, trained[identity] | names), (where, lines, one)
        for title, rows in chart["crossed"]:
            for name, text in rows:
                own = [text] if " at " in text else [text, title]
                for one in (one for said_of in own for one in shown_in(said_of)):
                    checked += 1
                    assert is_one_of(one, named[name]), (where, title, name, text, one)
        table = chart["table"]
        for row in table["rows"] if table else ():
            name = next(cell for cell in row if cell in named)
            for one in (one for cell in row for one in shown_in(cell)):
                checked += 1
                numbers = named[name] | names
                assert is_one_of(one, numbers), (where, table["head"], row, one)
    assert checked > 900


def tick_is(text: str, value: float) -> bool:
    """Whether a tick's text is its value: `5 min`, `1:30 h`, `250k`."""
    if text.endswith(" h"):
        hours, _, minutes = text.removesuffix(" h").partition(":")
        return abs(int(hours) * 3600 + int(minutes or 0) * 60 - value) <= 30
    [shown] = shown_in(text)
    times = 60 if text.endswith(" min") else 1
    return is_one_of(shown._replace(value=shown.value * times, unit=shown.unit * times), [value])
