"""Where values lie on a chart: domains, ticks, and the names beside it."""

from pathlib import Path
from typing import Any

import pytest

from tests.tuner.analysis.small_study import SmallStudy, psnr
from tests.tuner.page.scripting import run_script
from tests.tuner.page.test_model import page_data

CURVES = """
  const model = model_js.createModel(given.data);
  Object.assign(state_js.view, { clip: true, ...given.view });
  const selection = selection_js.select(model);
  const element = { surface: { spec: null, pending: true } };
  curve_chart_js.curveChart("loss", selection, "stamp", axes_x_js.over("epoch"))
    .children.at(-1).props.hook(element);
  const { note, y } = element.surface.spec;
  return [note, y.value(0), y.value(1)];
"""


def test_the_best_so_far_stays_above_its_axis() -> None:
    code = "return progress_js.stepsWithin(given, [20, 30]);"
    steps = [[1, 5.0], [2, 19.9], [3, 20.0], [4, 27.0], [6, 27.0]]
    assert run_script(code, steps) == [[3, 20], [4, 27], [6, 27]]
    assert run_script(code, [[1, 5.0]]) == []


def test_one_outlier_does_not_set_the_scale_unless_it_shall() -> None:
    values = [25.0 + n / 10 for n in range(20)] + [5.0]
    code = "return scales_js.robustDomain(given, %s);"
    low, high = run_script(code % "{ reach: 2.5, middle: 0.5 }", values)
    assert 20 < low < 25
    assert 26.9 <= high < 28
    assert run_script(code % "{ reach: Infinity }", values)[0] < 5


def curves(folder: Path, rows: list[list[float]], **view: Any) -> tuple[str, float, float]:
    """The note of a chart of these curves of a loss, and what its axis begins and ends with."""
    study = SmallStudy(folder, metrics={"loss": "minimize"}, bicubic={})
    for number, row in enumerate(rows):
        study.trial(f"T{number}", [{"loss": value} for value in row])
    note, low, high = run_script(CURVES, {"data": page_data(study), "view": view})
    return note, low, high


FALLING = [[9.0 + n / 10, 4.0, 2.0, 1.5, 1.2, 1.1, 1.0] for n in range(5)]


def test_clipping_leaves_whole_what_most_curves_do(tmp_path: Path) -> None:
    """A loss begins high: that is no outlier."""
    note, low, high = curves(tmp_path / "s", FALLING)
    assert "edge" not in note
    assert low <= 1
    assert 9.4 <= high < 10


def test_the_best_trial_is_no_outlier(tmp_path: Path) -> None:
    """Where it leaves the others far behind."""
    others = [[2.3, 2.25 + n / 100] for n in range(4)]
    note, low, _ = curves(tmp_path / "s", [*others, [1.6, 0.05]])
    assert "edge" not in note
    assert low <= 0.05


@pytest.mark.parametrize("alone", [False, True])
def test_clipping_says_how_many_trials_are_outside(tmp_path: Path, alone: bool) -> None:
    wild = [9.0, 800.0, 2.0, 1.5, 1.2, 1.1, 1.0]
    rows = [wild] if alone else [*FALLING, wild]
    note, _, high = curves(tmp_path / "s", rows)
    assert "1 trial partly beyond the edges" in note
    assert high < 40
    note, _, high = curves(tmp_path / "whole", rows, clip=False)
    assert "edge" not in note
    assert high > 800


@pytest.mark.parametrize(
    ("domain", "count", "ticks"),
    [
        ([1.4e-4, 0.02], 2, [0.001, 0.01]),
        ([8000, 350_000], 4, [10_000, 20_000, 50_000, 100_000, 200_000]),
        ([1e-6, 1.0], 3, [1e-6, 1e-4, 0.01, 1.0]),
        ([2.1, 4.4], 4, [2.5, 3.0, 3.5, 4.0]),  # no round power lies between them
    ],
)
def test_a_logarithmic_axis_has_ticks_in_every_range(
    domain: list[float], count: int, ticks: list[float]
) -> None:
    code = "return scales_js.numberAxis(given[0], { log: true }).ticks(given[1]);"
    assert run_script(code, [domain, count]) == pytest.approx(ticks)


@pytest.mark.parametrize("domain", [[0, 1], [-3, 0], [-2, -1]])
def test_a_logarithmic_axis_begins_above_zero_or_is_none(domain: list[float]) -> None:
    code = "return [true, false].map((log) => scales_js.numberAxis(given, { log }).ticks(4));"
    asked, plain = run_script(code, domain)
    assert asked == plain
    assert len(plain) > 2


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([-1.0, -2.0], "no log scale: nothing is above zero"),
        ([0.0, 0.0], "no log scale: nothing is above zero"),
        ([1.0, 0.0], "log scale"),
    ],
)
def test_where_nothing_is_above_zero_no_log_scale_is_drawn(
    tmp_path: Path, losses: list[float], said: str
) -> None:
    study = SmallStudy(tmp_path / "s", metrics={"loss": "minimize"})
    study.trial("a", [{"loss": loss} for loss in losses])
    note, low, high = run_script(CURVES, {"data": page_data(study), "view": {"log": True}})
    assert said in note.split(" · ")
    assert low < high
    assert said == "log scale" or low < min(losses) <= max(losses) < high


@pytest.mark.parametrize(
    ("values", "places", "ticks"),
    [
        ([0.5, None, 1.0], ["0.5", "null", "1"], ["0.5", "1", "null"]),
        (["", "a", None], ['""', "a", "null"], ['""', "a", "null"]),
        ([*range(10), None], [*range(10), None], [0, 2, 4, 6, 8]),  # from a range
    ],
)
def test_null_has_a_place_among_choices(
    tmp_path: Path, values: list[Any], places: list[Any], ticks: list[Any]
) -> None:
    """Often it is the best of them: no clipping, no decay."""
    study = SmallStudy(tmp_path / "s")
    for number, value in enumerate(values):
        study.trial(f"T{number}", psnr(20.0), params={"clip": value})
    study.trial("without", psnr(20.0))
    found = run_script(
        """
        const [study] = model_js.createModel(given).studies.values();
        const of = quantities_js.quantity("set:clip", study);
        const trials = [...study.trials.values()];
        const axis = scales_js.axisFor(of, trials);
        return [trials.map((trial) => scales_js.placeOn(axis, of, trial)), axis.ticks(5)];
        """,
        page_data(study),
    )
    assert found == [[*places, None], ticks]


def test_counts_have_whole_ticks() -> None:
    code = "return scales_js.countAxis(given, '').ticks(6);"
    assert run_script(code, [0, 1]) == [0, 1]
    assert run_script(code, [0, 12]) == [0, 2, 4, 6, 8, 10, 12]
    zoomed = "return scales_js.countAxis([0, 12], '').within(given).ticks(6);"
    assert run_script(zoomed, [2.2, 4.4]) == [3, 4]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (9999, "9999"), (10_000, "10k"), (250_000, "250k"), (1.5e6, "1.5M"), (-2e9, "−2G")],
)
def test_axes_write_large_numbers_short(value: float, text: str) -> None:
    assert run_script("return format_js.shortText(given);", value) == text


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (-0.264, "0.26 dB below bicubic"),
        (2.5, "2.50 dB above bicubic"),
        (0.001, "equal to bicubic"),
    ],
)
def test_how_far_a_value_is_from_the_baseline_is_said_in_words(
    difference: float, text: str
) -> None:
    code = "return format_js.againstText({ unit: 'dB', decimals: 2 }, given, 'bicubic');"
    assert run_script(code, difference) == text


def test_a_picture_equal_to_the_baseline_is_neither_better_nor_worse() -> None:
    code = """
      const score = { value: 24 + given, baseline: 24 };
      const study = { columns: { psnr: { unit: "dB", decimals: 2, less: false } }, pictures: {
        baseline: "bicubic", score: "psnr",
        trials: { 3: [{ epoch: 1, files: {}, scores: { 0: { x2: score } } }] } } };
      const trial = { id: "3@s", number: 3, name: "T3", state: "complete", study };
      const selection = { label: () => "T3", slot: () => null };
      const image = { k: 0, files: {} };
      const card = picture_cards_js.trialCard(trial, { name: "x2", title: "x2" }, image, selection);
      return card.children.at(-1).children[1].props.class;
    """
    found = [run_script(code, gain) for gain in (0.0, -0.004, -0.5, 0.5)]
    assert found == ["note", "note", "note worse", "note better"]


def test_a_label_over_lines_has_a_halo_below_it() -> None:
    code = """
      globalThis.getComputedStyle = () => ({ getPropertyValue: (name) => name });
      const context = new svg_js.SvgContext(90, 20);
      drawing_js.haloed(context, "0.002", 5, 10);
      return context.parts;
    """
    halo, label = run_script(code)
    assert "stroke-width" in halo
    assert "0.002" in halo
    assert "stroke" not in label
    assert "0.002" in label
