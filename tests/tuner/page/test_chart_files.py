"""What a chart and a picture are taken along as: SVG, and figures with their scores."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tests.tuner.page.scripting import run_script

DRAW = """
  const measure = { measureText: (text) => ({ width: 6 * text.length }) };
  const context = new svg_js.SvgContext(200, 100, measure);
  context.save();
  context.translate(10, 20);
  context.beginPath();
  context.rect(0, 0, 50, 40);
  context.clip();
  context.strokeStyle = "#123456";
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(0, 1);
  context.lineTo(30, 40.123);
  context.stroke();
  context.globalAlpha = 0.5;
  context.beginPath();
  context.arc(5, 6, 4, 0, 7);
  context.fill();
  context.restore();
  context.textAlign = "right";
  context.fillText("<PSNR> & \\"dB\\"", 100, 50);
  return [String(context), context.measureText("four").width];
"""
SPACE = "{http://www.w3.org/2000/svg}"


def test_a_chart_is_drawn_as_svg() -> None:
    text, width = run_script(DRAW)
    root = ET.fromstring(text)
    assert (root.get("width"), root.get("height"), width) == ("200", "100", 24)
    group = root.find(f"{SPACE}g")
    assert group is not None
    assert group.get("transform") == "translate(10 20)"
    [line, circle] = group.findall(f"{SPACE}g/{SPACE}path")
    assert line.get("d") == "M0 1L30 40.12"
    assert (line.get("stroke"), line.get("stroke-dasharray")) == ("#123456", "2 3")
    assert circle.get("fill-opacity") == "0.5"
    said = root.find(f"{SPACE}text")
    assert said is not None
    assert said.text == '<PSNR> & "dB"'
    assert said.get("text-anchor") == "end"


def test_a_value_that_has_no_place_breaks_no_line() -> None:
    """Zero on a logarithmic axis: a canvas leaves it out, and a path that names it is cut off."""
    text = run_script(
        """
        const context = new svg_js.SvgContext(200, 100, {});
        context.beginPath();
        for (const y of [Infinity, 1, NaN, 3]) context.lineTo(0, y);
        context.moveTo(-Infinity, 0);
        context.arc(1, Infinity, 4);
        context.stroke();
        return String(context);
        """
    )
    [path] = ET.fromstring(text).findall(f"{SPACE}path")
    assert path.get("d") == "M0 1L0 3"


RECORDED = """
  const columns = {
    "validation/psnr": { unit: "dB", decimals: 2 }, "validation/ssim": { decimals: 4 },
  };
  const study = { columns, pictures: { score: "validation/psnr" } };
  return [0, 1].map((whose) => pictures_js.recorded(study, given, whose));
"""


@pytest.mark.parametrize(
    ("scores", "texts"),
    [
        (
            {"value": 28.414, "baseline": 27.9, "more": {"validation/ssim": [0.81236, 0.8]}},
            ["28.41 dB / 0.8124", "27.90 dB / 0.8000"],
        ),
        ({"value": 28.414, "baseline": 27.9}, ["28.41 dB", "27.90 dB"]),  # an earlier study's
        ({"value": 1, "more": {"validation/ssim": [0.5, None]}}, ["1.00 dB / 0.5000", ""]),
        ({}, ["", ""]),
    ],
)
def test_below_the_crops_of_a_figure_stand_the_recorded_scores(
    scores: dict[str, Any], texts: list[str]
) -> None:
    """And not those of the pictures as they are kept, which are further from their targets."""
    assert run_script(RECORDED, scores) == texts
