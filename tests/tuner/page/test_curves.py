"""The curves: what is drawn, over what, and what the pointer lights up."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.tuner.page.conftest import BOTH_WAYS
from tests.tuner.page.reading import choices, ink, settle, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

Opened = Callable[..., "Page"]
pytestmark = pytest.mark.slow
PSNR = "[aria-label^='Curves of validation/psnr']"
LIT = (
    "document.querySelectorAll('.trial[data-lit]').length === 1"
    " && document.querySelectorAll('.legend [data-lit]').length <= 1"
)


@BOTH_WAYS
def test_loss_and_psnr_of_train_and_validation(opened: Opened) -> None:
    page = opened(at="tab=curves")
    page.wait_for_selector(PSNR)
    settle(page)
    titles = page.locator(".plot-title").all_inner_texts()
    assert titles == ["validation/psnr", "validation/loss", "train/loss", "train/psnr"] or set(
        titles
    ) == {"validation/psnr", "train/psnr", "validation/loss", "train/loss"}
    assert ink(page, PSNR) > 1000
    assert "AS-24" in page.locator(".legend").inner_text()


def test_the_pointer_lights_one_trial_up_everywhere(opened: Opened) -> None:
    page = opened(at="tab=curves")
    page.wait_for_selector(PSNR)
    settle(page)
    before = ink(page, PSNR, canvas=1)
    page.locator(".trial", has_text="AS-24").hover()
    wait_for(page, LIT)
    assert before == 0
    assert ink(page, PSNR, canvas=1) > 100
    assert ink(page, "[aria-label^='Curves of train/loss']", canvas=1) > 100
    assert page.locator(".legend [data-lit]").inner_text().strip() == "AS-24"


def test_a_curve_under_the_pointer_is_named(opened: Opened) -> None:
    page = opened(at="tab=curves&hide=1-13@step4")
    box = page.locator(PSNR).bounding_box()
    assert box is not None
    for height in range(20, 240, 6):  # somewhere in the middle there is the curve
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + height)
        if page.locator("#tooltip").is_visible():
            break
    assert "AS-24" in page.locator("#tooltip").inner_text()
    assert "epoch" in page.locator("#tooltip").inner_text()
    assert "dB" in page.locator("#tooltip").inner_text()
    page.mouse.move(5, 5)
    wait_for(page, "document.getElementById('tooltip').hidden")


def test_epochs_seconds_log_smoothing_and_metrics(opened: Opened) -> None:
    page = opened(at="tab=curves")
    page.get_by_role("button", name="seconds").click()
    page.wait_for_selector("[aria-label^='Curves of validation/psnr over seconds']")
    page.get_by_role("button", name="Log scale").click()
    page.get_by_label("Smoothing").fill("0.5")
    page.get_by_role("button", name="Clip outliers").press("Enter")
    page.locator("[data-menu=metrics] summary").click()
    page.get_by_role("checkbox", name="validation/ssim").check()
    page.get_by_role("checkbox", name="train/loss").uncheck()
    settle(page)
    assert "log scale" in page.locator(".plot", has_text="validation/loss").inner_text()
    assert "log scale" not in page.locator(".plot", has_text="validation/psnr").inner_text()
    titles = page.locator(".plot-title").all_inner_texts()
    assert "validation/ssim" in titles
    assert "train/loss" not in titles
    found = choices(page)
    assert (found["x"], found["log"], found["smooth"]) == (["seconds"], ["1"], ["0.5"])
    assert found["clip"] == ["0"]
    page.get_by_role("button", name="cost (epochs × parameters)").press("Enter")
    page.wait_for_selector("[aria-label^='Curves of validation/psnr over cost']")


def test_many_trials_are_drawn_as_a_spread(opened: Opened) -> None:
    page = opened(at="tab=curves&lines=lines")
    page.wait_for_selector(PSNR)
    settle(page)
    lines = ink(page, PSNR)
    page.get_by_role("button", name="spread").click()
    settle(page)
    settle(page)
    assert ink(page, PSNR) != lines


def test_clicking_on_a_curve_pins_its_trial(opened: Opened) -> None:
    page = opened(at="tab=curves&hide=1-13@step4")
    box = page.locator(PSNR).bounding_box()
    assert box is not None
    for height in range(20, 240, 6):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + height)
        if page.locator(".trial[data-lit]").count():
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + height)
            break
    assert choices(page)["pin"] == ["0@step4"]
