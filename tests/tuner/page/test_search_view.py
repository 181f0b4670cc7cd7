"""The search: charts of what it tried, and what they do when they are touched."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.tuner.page.conftest import BOTH_WAYS
from tests.tuner.page.reading import choices, ink, listed, settle, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

Opened = Callable[..., "Page"]
pytestmark = pytest.mark.slow
CHARTS = (
    "[aria-label^='Best so far over trials']",
    "[aria-label^='Best so far over time']",
    "[aria-label^='Parallel coordinates']",
    "[aria-label^='validation/psnr over parameters']",
    "[aria-label^='validation/psnr over optimizer.learning_rate']",
    "[aria-label^='Timeline']",
)


@BOTH_WAYS
def test_every_chart_is_drawn_once_it_is_in_view(opened: Opened) -> None:
    page = opened(at="tab=search")
    for chart in CHARTS:
        page.locator(chart).first.scroll_into_view_if_needed()
        settle(page)
        settle(page)
        assert ink(page, chart) > 200, chart
    text = page.locator("#view").inner_text()
    assert "on the Pareto front" in text
    assert "gaps are idle time" in text


@BOTH_WAYS
def test_importance_comes_with_how_far_to_trust_it(opened: Opened) -> None:
    page = opened(at="tab=search")
    page.wait_for_selector(".bars li")
    shares = [float(text.rstrip(" %")) for text in page.locator(".bar-value").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=3)
    assert "of the variance on trials left out" in page.locator("#view").inner_text()
    assert "% of it spent training" in page.locator("#view").inner_text()


def test_dragging_along_an_axis_filters(opened: Opened) -> None:
    page = opened(at="tab=search")
    chart = page.locator("[aria-label^='Parallel coordinates']")
    box = chart.bounding_box()
    assert box is not None
    count = len(listed(page))
    x = box["x"] + box["width"] - 80  # the goal's axis is the last
    page.mouse.move(x, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(x, box["y"] + 60, steps=4)
    page.mouse.up()
    settle(page)
    conditions = choices(page)["where"]
    assert [condition.split(" ")[:2] for condition in conditions] == [
        ["best:validation/psnr", "≥"],
        ["best:validation/psnr", "≤"],
    ]
    assert 0 < len(listed(page)) < count
    assert page.locator(".chip").count() == 2


def test_what_a_result_is_weighed_against(opened: Opened) -> None:
    page = opened(at="tab=search")
    page.get_by_label("Trade-off with").select_option("run:seconds")
    page.wait_for_selector("[aria-label^='validation/psnr over training time']")
    assert choices(page)["cost"] == ["run:seconds"]
    page.get_by_role("button", name="time", exact=True).click()
    settle(page)
    assert page.locator(CHARTS[0]).count() == 0


def test_a_bar_of_the_timeline_is_named(opened: Opened) -> None:
    page = opened(at="tab=search")
    chart = page.locator("[aria-label^='Timeline']")
    chart.scroll_into_view_if_needed()
    settle(page)
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 45)
    wait_for(page, "!document.getElementById('tooltip').hidden")
    assert "w0: " in page.locator("#tooltip").inner_text()
    assert page.locator(".trial[data-lit]").count() == 1


def test_two_studies_have_a_column_each(opened: Opened) -> None:
    page = opened("step4", "step5", at="tab=search")
    assert page.locator("section.study > h2").all_inner_texts() == ["step4", "step5"]
    assert page.locator("[aria-label^='Best so far over trials']").count() == 2


@BOTH_WAYS
def test_the_study_its_failures_and_the_commands(opened: Opened) -> None:
    page = opened(at="tab=study")
    text = page.locator("#view").inner_text()
    assert "optimizer.learning_rate: {low: 1.0e-4" in text
    assert "NonFiniteError: train/loss became nan" in text
    assert "packages.torch" in text
    assert "fingerprint" in text
    for command in ("--resume", "--extend 20", "tuner.confirm", "tuner.export", "--format html"):
        assert command in text
    page.get_by_role("button", name="Copy: Add 20 trials").click()
    page.wait_for_selector(".announcement:has-text('copied')")
    assert "--extend 20" in page.evaluate("() => window.copied")
    page.locator("summary", has_text="Traceback").first.click()
    assert "Traceback (most recent call last)" in page.locator(".failures").inner_text()
