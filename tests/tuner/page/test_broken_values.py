"""Values that are not finite: a gap in the curve and a word about it, not a line across."""

import math
from pathlib import Path
from typing import Any

from tests.tuner.analysis.small_study import SmallStudy
from tests.tuner.page.scripting import run_script
from tests.tuner.page.test_chart_axes import CURVES
from tests.tuner.page.test_model import page_data
from tuner.page.epoch_columns import epoch_columns
from tuner.records import EpochRecord

POINTS = """
  const model = model_js.createModel(given.data);
  const [study] = model.studies.values();
  for (const update of given.updates ?? []) {
    model_js.updateStudy(model, study.key, { identity: study.identity, trials: [], events: [],
      stats: {}, columns: {}, ...update });
  }
  const over = axes_x_js.over("epoch");
  return [...study.trials.values()].map((trial) => curve_chart_js.points(trial, "loss", over));
"""
NAN, INF = math.nan, math.inf


def studied(folder: Path, *curves: list[float | None]) -> dict[str, Any]:
    study = SmallStudy(folder, metrics={"loss": "minimize"})
    for number, curve in enumerate(curves):
        rows: list[dict[str, float]] = [{} if loss is None else {"loss": loss} for loss in curve]
        study.trial(f"T{number}", rows)
    return page_data(study)


def test_no_line_leads_over_values_that_are_not_finite(tmp_path: Path) -> None:
    data = studied(tmp_path / "s", [3.0, NAN, INF, 2.0, 1.0], [3.0, None, 2.0], [NAN, 1.0])
    assert run_script(POINTS, {"data": data}) == [
        [[1, 3], [4, 2, True], [5, 1]],
        [[1, 3], [3, 2]],  # not measured in between, which is no gap
        [[2, 1, True]],
    ]


def test_epochs_that_come_later_have_gaps_too(tmp_path: Path) -> None:
    data = studied(tmp_path / "s", [3.0, NAN])
    rows = [
        EpochRecord(0, n, {"loss": v}, 0.0, 1.0, "w") for n, v in ((3, 2.0), (4, INF), (5, 1.0))
    ]
    update = {"revision": 99, "epochs": {"0": epoch_columns(rows, 0.0)}}
    found = run_script(POINTS, {"data": data, "updates": [update]})
    assert found == [[[1, 3], [3, 2, True], [5, 1, True]]]


def test_the_gap_is_drawn_and_said(tmp_path: Path) -> None:
    drawn = run_script(
        """
        globalThis.getComputedStyle = () => ({ getPropertyValue: () => "#000" });
        const context = new svg_js.SvgContext(90, 90, {});
        const frame = { x: (x) => x, y: (y) => y };
        const trial = { state: "complete" };
        curve_lines_js.drawLines(context, frame, [{ trial, points: given }]);
        return String(context);
        """,
        [[1, 3], [4, 2, True], [5, 1]],
    )
    assert 'd="M1 3M4 2L5 1"' in drawn
    data = studied(tmp_path / "s", [3.0, NAN, 2.0], [NAN, NAN], [2.0, 1.0])
    note, *_ = run_script(CURVES, {"data": data, "view": {}})
    assert "2 trials with values that are not finite" in note
    data = studied(tmp_path / "whole", [2.0, 1.0])
    note, *_ = run_script(CURVES, {"data": data, "view": {}})
    assert "not finite" not in note
