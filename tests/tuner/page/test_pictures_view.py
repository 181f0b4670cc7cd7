"""The pictures: the same crops for all trials, the lens, epochs, error maps."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.tuner.page.conftest import BOTH_WAYS
from tests.tuner.page.reading import choices, settle, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

Opened = Callable[..., "Page"]
pytestmark = pytest.mark.slow
READY = (
    "(cards => cards.length > 0 && cards.every(card => 'ready' in card.dataset))"
    # pictures are decoded as they come into sight
    "([...document.querySelectorAll('canvas.picture')].filter(card => card.inSight))"
)
DATA = "canvas => canvas.toDataURL()"


def titles(page: "Page", section: str) -> list[str]:
    cards = page.locator(f"section[aria-label^='{section}'] .card figcaption")
    return [text.split("\n")[0] for text in cards.all_inner_texts()]


@BOTH_WAYS
def test_x_bicubic_target_and_each_trials_outputs(opened: Opened) -> None:
    page = opened(at="tab=pictures&sort=number")
    wait_for(page, READY)
    for section in ("x2", "x4"):
        assert titles(page, section)[:3] == ["LR", "bicubic", "target"]
        names = page.locator(f"section[aria-label^='{section}'] .card-name bdi").all_inner_texts()
        assert names[:4] == ["AS-24", "AS-25", "AS-26", "AS-27"]
    card = page.locator("section[aria-label^='x4'] .card", has_text="AS-24").inner_text()
    assert "26.25 dB" in card
    assert "1.75 dB above bicubic" in card


@BOTH_WAYS
def test_the_reference_is_among_the_first(opened: Opened) -> None:
    page = opened(at="tab=pictures&sort=number&ref=8@step4")
    wait_for(page, READY)
    names = page.locator("section[aria-label^='x4'] .card-name bdi").all_inner_texts()
    assert names[1] == "AS-24"
    assert names[0] == page.locator(".is-reference .trial-link").inner_text()


def test_the_lens_moves_over_all_pictures_at_once(opened: Opened) -> None:
    page = opened(at="tab=pictures&output=large")
    wait_for(page, READY)
    settle(page)
    pictures = page.locator("canvas.picture")
    before = [pictures.nth(index).evaluate(DATA) for index in (0, 2, 4)]
    pictures.nth(1).hover()
    settle(page)
    lensed = [pictures.nth(index).evaluate(DATA) for index in (0, 2, 4)]
    assert all(a != b for a, b in zip(before, lensed, strict=True))
    page.mouse.move(5, 5)
    settle(page)
    assert [pictures.nth(index).evaluate(DATA) for index in (0, 2, 4)] == before


def test_the_lens_by_keyboard(opened: Opened) -> None:
    page = opened(at="tab=pictures&output=large")
    wait_for(page, READY)
    settle(page)
    picture = page.locator("canvas.picture").first
    before = picture.evaluate(DATA)
    page.locator(".gallery").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    moved = picture.evaluate(DATA)
    page.keyboard.press("+")
    settle(page)
    settle(page)
    assert picture.evaluate(DATA) != moved != before
    assert choices(page)["zoom"] == ["5"]
    page.keyboard.press("Escape")
    settle(page)
    assert picture.evaluate(DATA) == before


@BOTH_WAYS
def test_the_epochs_of_a_trial(opened: Opened) -> None:
    page = opened(at="tab=pictures&sort=number&output=mid")
    wait_for(page, READY)
    first = page.locator(".card", has_text="AS-24")
    assert first.locator("output").inner_text() == "9"
    first.get_by_role("slider").fill("0")
    wait_for(page, "document.querySelectorAll('.card output')[1].textContent === '1'")
    assert choices(page)["epoch"] == ["1"]
    page.get_by_label("Move epochs together").uncheck()
    first.get_by_role("slider").fill("2")
    settle(page)
    assert first.locator("output").inner_text() == "4"
    assert page.locator(".card", has_text="AS-25").locator("output").inner_text() == "1"
    assert choices(page)["at"] == ["4:0@step4"]


@BOTH_WAYS
def test_the_error_map_and_another_image(opened: Opened) -> None:
    page = opened(at="tab=pictures&output=mid&sort=number")
    wait_for(page, READY)
    settle(page)
    card = page.locator(".card", has_text="AS-24").locator("canvas")
    before = card.evaluate(DATA)
    page.get_by_role("button", name="Error map").click()
    wait_for(page, "document.querySelector('.card canvas').ariaLabel?.startsWith('Error map')")
    wait_for(page, READY)
    settle(page)
    settle(page)
    assert card.evaluate(DATA) != before
    assert "0.15 or more" in page.locator(".toolbar").inner_text()
    page.get_by_role("button", name="135070.jpg").click()
    settle(page)
    assert choices(page)["image"] == ["1"]


@BOTH_WAYS
def test_more_trials_on_request(opened: Opened) -> None:
    page = opened(at="tab=pictures&output=mid")
    wait_for(page, READY)
    assert page.locator(".card-name").count() == 6
    page.get_by_role("button", name="Show more trials").click()
    wait_for(page, "document.querySelectorAll('.card-name').length > 6")
