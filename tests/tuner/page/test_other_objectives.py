"""Studies that are not about pictures: two goals, no bicubic, other metrics, none at all."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.studies import FakeStudy, write_study
from tests.tuner.page.reading import columns, listed, row_labels, settle
from tuner.page import build_page
from tuner.records import EpochRecord, EventKind, TrialState

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
TABS = ("compare", "curves", "pictures", "search", "study")


@pytest.fixture
def opened(new_page: Callable[..., "Page"], tmp_path: Path) -> "Callable[..., Page]":
    def open_page(folder: Path, at: str = "") -> "Page":
        path = tmp_path / "page.html"
        path.write_text(build_page([folder]), encoding="utf-8")
        page = new_page()
        page.goto(f"{path.as_uri()}#{at}")
        page.wait_for_selector("#view")
        return page

    return open_page


def walk(page: "Page") -> None:
    for tab in TABS:
        page.locator(f"#tab-{tab}").click()
        settle(page)
        settle(page)
        assert page.locator("#view").inner_text()


def test_two_goals(opened: "Callable[..., Page]", tmp_path: Path) -> None:
    goals = {"validation/psnr": "maximize", "parameters": "minimize"}
    page = opened(write_study(tmp_path / "s", trials=14, metrics=goals), "tab=search")
    note = page.locator(".plot", has_text="validation/psnr against parameters").inner_text()
    unbeaten = page.locator(".trial .unbeaten").count()
    assert unbeaten > 1
    assert f"{unbeaten} trials unbeaten in both" in note
    walk(page)


def test_another_objective_without_bicubic(opened: "Callable[..., Page]", tmp_path: Path) -> None:
    study = FakeStudy(tmp_path / "s", metrics={"val_accuracy": "maximize"}, bicubic={})
    for index in range(12):
        trial = study.start(params={"batch": 2**index, "rate": 0.1 / (index + 1)})
        for epoch in (1, 2, 3):
            metrics = {"val_accuracy": 50.0 + index + epoch, "cross_entropy_loss": 1.0 / epoch}
            study.records.add_epoch(EpochRecord(trial, epoch, metrics, epoch, epoch + 1.0, "w0"))
        study.end(trial)
    page = opened(study.close())
    assert "bicubic" not in columns(page)
    assert row_labels(page)[2] == "val_accuracy max"
    assert page.get_by_role("group", name="Scale").count() == 0
    walk(page)


def test_trials_that_never_reported(opened: "Callable[..., Page]", tmp_path: Path) -> None:
    study = FakeStudy(tmp_path / "s")
    study.end(study.start("waiting"), TrialState.INTERRUPTED)
    study.end(study.start("broken"), TrialState.FAILED)
    study.start("starting")
    page = opened(study.close(None), "changes=1")
    assert set(listed(page)) == {"waiting", "broken", "starting"}
    walk(page)


def test_a_study_that_has_only_begun(opened: "Callable[..., Page]", tmp_path: Path) -> None:
    page = opened(FakeStudy(tmp_path / "s").close(None))
    assert "No trials yet." in page.locator(".trial-grid").inner_text()
    walk(page)


def test_a_study_that_was_resumed_the_next_day(
    opened: "Callable[..., Page]", tmp_path: Path
) -> None:
    """The night between is neither running time nor idle time."""
    study = FakeStudy(tmp_path / "s", workers=1)
    for day in (0, 1):
        if day:
            study.records.add_event(study.clock, EventKind.ENDED, reason="interrupted")
            study.clock += 86_400
            study.records.add_event(study.clock, EventKind.RESUMED, None)
        trial = study.start()
        for _ in range(5):
            study.report(trial)
        study.end(trial)
    page = opened(study.close(), "tab=search")
    label = page.locator("[aria-label^='Timeline']").get_attribute("aria-label")
    assert label == "Timeline of 1 worker over 40.0 s"
