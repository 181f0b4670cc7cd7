"""Studies that are not about pictures: two goals, no bicubic, other metrics, none at all."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.studies import FakeStudy, write_study
from tests.tuner.page.reading import choices, columns, ink, listed, row, row_labels, settle
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
    assert f"{unbeaten} trials on the Pareto front" in note
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
    assert (label or "").startswith("Timeline of 1 worker over 40.0 s. ")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A study whose objective names its metrics as it likes, and measures some now and then."""
    study = FakeStudy(tmp_path / "own", metrics={"accuracy (top 5)": "maximize"}, bicubic={})
    for index in range(9):
        rate = 0.0012346567 * 1.9187654**index
        trial = study.start(params={"exact_rate": rate, "learning rate decay": index})
        for epoch in range(1, 41):
            metrics = {"accuracy (top 5)": 50.0 + index + epoch / 100, "learning rate": 0.1}
            if epoch % 3 == 0:
                metrics["slow, but exact"] = 1.0 / epoch
            row = EpochRecord(trial, epoch, metrics, epoch, epoch + 1.0, "w0")
            study.records.add_epoch(row)
        study.end(trial)
    return study.close()


def test_smoothing_leaves_a_constant_curve_as_it_is(
    opened: "Callable[..., Page]", own: Path
) -> None:
    """Rounding bends it by 1e-17, and an axis as narrow as that would never come to an end."""
    constant = "[aria-label^='Curves of learning rate over epochs']"
    drawn = []
    for smooth in ("0", "0.6"):
        page = opened(own, f"tab=curves&smooth={smooth}")
        page.wait_for_selector(constant)
        settle(page)
        drawn.append(ink(page, constant))
    assert drawn[0] == drawn[1] > 100


def test_filters_take_names_with_spaces(opened: "Callable[..., Page]", own: Path) -> None:
    page = opened(own, urlencode({"where": "best:accuracy (top 5) ≥ 57"}))
    assert len(listed(page)) == 2
    page = opened(own, urlencode({"where": "set:learning rate decay = 3"}))
    assert listed(page) == ["trial-0003"]


def test_a_metric_that_is_measured_now_and_then_has_a_last_value(
    opened: "Callable[..., Page]", own: Path
) -> None:
    page = opened(own, urlencode({"stat": "last", "row": "metric:slow, but exact"}))
    assert set(row(page, "last:slow, but exact").values()) == {"0.025641"}


@pytest.mark.parametrize("upwards", [True, False])
def test_a_drag_along_a_whole_axis_leaves_nothing_out(
    opened: "Callable[..., Page]", own: Path, upwards: bool
) -> None:
    """Its bounds are rounded outwards: the least and the greatest stay."""
    page = opened(own, "tab=search")
    chart = page.locator("[aria-label^='Parallel coordinates']")
    chart.scroll_into_view_if_needed()
    settle(page)
    box = chart.bounding_box()
    assert box is not None
    side = min(80, box["width"] / 4)  # where the first axis stands
    ends = sorted((box["y"] + 2, box["y"] + box["height"] - 2), reverse=upwards)
    page.mouse.move(box["x"] + side, ends[0])
    page.mouse.down()
    page.mouse.move(box["x"] + side, ends[1], steps=5)
    page.mouse.up()
    assert choices(page)["where"][0].startswith("set:exact_rate ≥ ")
    assert len(listed(page)) == 9
