"""Every number that the page shows is in the JSON, to its last digit.

That of a trial is in the report's JSON (`--format json`) of this trial, or in its epochs and
pictures in the page's own (docs/page-data.md, which names those few that follow by a rule). All is
read: views, drawers, what screen readers hear; of charts titles, ticks, names, what pointer and
keyboard bring up, and the data as a table. The page is drawn without a browser.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.tuner.page.known_studies import (
    PICTURES,
    REFERENCES,
    Known,
    changed,
    pairs,
    studies,
    whole,
)
from tests.tuner.page.scripting import run_script
from tests.tuner.page.shown_numbers import MOMENT, is_one_of, numbers_in, shown_in
from tests.tuner.page.test_model import page_data
from tuner.analysis.comparison import compare
from tuner.analysis.formats.document import document
from tuner.analysis.snapshot import read_snapshot
from tuner.page.analysis_data import analysis_data

EVERY_TEXT = (Path(__file__).parent / "every_text.js").read_text()


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
