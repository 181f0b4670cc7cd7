"""Which trial has which colour: the same whatever is filtered, hidden or found meanwhile."""

from pathlib import Path
from typing import Any

from tests.tuner.analysis.small_study import SmallStudy, psnr
from tests.tuner.page.scripting import run_script
from tests.tuner.page.test_model import page_data
from tuner.records import TrialKind

SLOTS = """
  const model = model_js.createModel(given.data);
  return given.views.map((change) => {
    Object.assign(state_js.view, { q: "", pin: [], colour: [], hide: new Set(), where: [] });
    Object.assign(state_js.view, change, { hide: new Set(change.hide ?? []) });
    if (change.fresh) colours_js.forgetSlots();
    const selection = selection_js.select(model);
    const written = colours_js.writtenColours(selection);
    const slots = Object.fromEntries(selection.all.map((one) => [one.name, selection.slot(one)]));
    return { slots, written };
  });
"""


def slots(data: dict[str, Any], *views: dict[str, Any]) -> list[dict[str, Any]]:
    return run_script(SLOTS, {"data": data, "views": views})


def study(folder: Path) -> dict[str, Any]:
    """A baseline and eleven others, each better than the one before."""
    small = SmallStudy(folder)
    small.trial("AS", psnr(20.0), kind=TrialKind.BASELINE)
    for number in range(1, 12):
        small.trial(f"T{number}", psnr(20.0 + number))
    return page_data(small)


def test_a_filter_and_a_closed_eye_change_no_colour(tmp_path: Path) -> None:
    plain, filtered, hidden, again = slots(
        study(tmp_path / "s"), {}, {"q": "T1"}, {"hide": ["11@s", "0@s"]}, {}
    )
    coloured = {name: slot for name, slot in plain["slots"].items() if slot is not None}
    assert len(set(coloured.values())) == len(coloured) == 8
    for other in (filtered, hidden, again):
        assert coloured.items() <= other["slots"].items()
    assert plain == again


def test_all_that_is_shown_has_a_colour_where_there_are_enough(tmp_path: Path) -> None:
    plain, few = slots(study(tmp_path / "s"), {}, {"where": ["best:validation/psnr ≤ 23"]})
    assert plain["slots"]["T2"] is None
    shown = [few["slots"][name] for name in ("AS", "T1", "T2", "T3")]
    assert None not in shown
    assert len(set(shown)) == 4


def test_pinning_takes_a_colour_from_the_least_of_those_that_nobody_chose(tmp_path: Path) -> None:
    plain, pinned = slots(study(tmp_path / "s"), {}, {"pin": ["1@s"]})
    lost = [n for n, slot in plain["slots"].items() if slot != pinned["slots"][n]]
    assert sorted(lost) == ["T1", "T5"]
    assert pinned["slots"]["T1"] == plain["slots"]["T5"]
    assert pinned["slots"]["T5"] is None


def test_a_link_shows_the_same_colours(tmp_path: Path) -> None:
    """Pins that came and went in another order than a fresh page finds them."""
    data = study(tmp_path / "s")
    *_, last = slots(data, {}, {"pin": ["1@s"]}, {"pin": ["1@s", "2@s"]}, {"pin": ["2@s"]})
    view = {"pin": ["2@s"], "colour": last["written"], "fresh": True}
    [opened] = slots(data, view)
    assert opened["slots"] == last["slots"]
    [fresh] = slots(data, {"fresh": True})
    assert fresh["written"] == []  # nothing to say in the address


def test_a_ninth_pin_is_kept_without_a_colour(tmp_path: Path) -> None:
    pins = [f"{number}@s" for number in range(1, 11)]
    [found] = slots(study(tmp_path / "s"), {"pin": pins})
    pinned = [found["slots"][f"T{number}"] for number in range(1, 11)]
    assert None not in pinned[:8]
    assert len(set(pinned[:8])) == 8
    assert pinned[8:] == [None, None]


def test_a_colour_can_be_chosen(tmp_path: Path) -> None:
    code = SLOTS.replace(
        "const selection",
        "if (change.give) state_js.view.colour = colours_js.exchanged(...change.give);\n"
        "    const selection",
    )
    data = study(tmp_path / "s")
    views = [{}, {"give": ["11@s", 0], "pin": ["11@s"]}]
    plain, swapped = run_script(code, {"data": data, "views": views})
    owner = next(name for name, slot in plain["slots"].items() if slot == 0)
    assert owner != "T11"
    assert swapped["slots"]["T11"] == 0
    assert swapped["slots"][owner] == plain["slots"]["T11"]
    assert "0:11@s" in swapped["written"]
