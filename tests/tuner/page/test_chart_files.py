"""What a chart and a picture are taken along as: SVG, and figures with their scores."""

import xml.etree.ElementTree as ET

import pytest
import torch

from sr_models.metrics import psnr, ssim
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


@pytest.mark.parametrize("side", [7, 24])
def test_psnr_and_ssim_of_a_figure_are_those_of_training(side: int) -> None:
    noise = torch.Generator().manual_seed(side)
    a = torch.randint(0, 256, (3, side, side), generator=noise)
    b = (a + torch.randint(-40, 41, a.shape, generator=noise)).clamp(0, 255)
    rgba = [
        torch.cat([one, torch.full((1, side, side), 255)]).permute(1, 2, 0).flatten().tolist()
        for one in (a, b)
    ]
    code = """
      const [a, b, side] = given;
      return [measures_js.psnrOf(a, b), measures_js.ssimOf(a, b, side, side)];
    """
    found = run_script(code, [*rgba, side])
    x, y = a[None] / 255, b[None] / 255
    assert found == pytest.approx([float(psnr(x, y)), float(ssim(x, y))], abs=2e-4)
