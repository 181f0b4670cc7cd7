"""Pictures and texts that training code has written through its context."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tuner
from tests.tuner.objectives.test_own_pictures import painting
from tests.tuner.simulated import SimulatedEngine

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.slow
def test_are_shown_side_by_side(
    engine: SimulatedEngine, tmp_path: Path, new_page: "Callable[..., Page]"
) -> None:
    study = tuner.search(
        painting, {"shade": tuner.Float(0, 1)}, tuner.Metric("cruelty", "minimize"),
        trials=2, results=tmp_path, quiet=True,
    )  # fmt: skip
    page = new_page()
    page.goto(f"{study.report().as_uri()}#tab=pictures")
    page.wait_for_selector("canvas.picture")
    assert page.locator("section[aria-label='the sample'] .card").count() == 2
    texts = page.locator("section[aria-label='words'] pre").all_inner_texts()
    assert len(texts) == 2
    assert all(text.startswith("<b>shade</b> 0.") for text in texts)
    assert all(text.endswith("\nin epoch 2") for text in texts)
    assert page.locator(".empty").count() == 0
