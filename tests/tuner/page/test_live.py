"""A study that reports while it is watched: the page follows, and the reader keeps their place."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.studies import FakeStudy, write_study
from tests.tuner.page.reading import choices, columns, listed, row, settle, wait_for
from tuner.records import FILE_NAME, EventKind, TrialKind, TrialState

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
PATIENCE = 30_000


@pytest.fixture
def running(tmp_path: Path) -> Iterator[FakeStudy]:
    """A study with one finished and one running trial."""
    study = FakeStudy(tmp_path / "live", trials=20)
    first = study.start("first", kind=TrialKind.BASELINE)
    for _ in range(5):
        study.report(first)
    study.end(first)
    study.report(study.start("second"), worker="w1")
    yield study
    study.records.close()


@pytest.fixture
def watched(
    running: FakeStudy, serve: Callable[[Path], str], new_page: Callable[..., "Page"]
) -> "Callable[[str], Page]":
    def open_page(at: str) -> "Page":
        page = new_page()
        page.goto(f"{serve(running.folder.parent)}#{at}")
        page.wait_for_selector(".trial")
        return page

    return open_page


def test_epochs_trials_and_states_appear(
    watched: "Callable[[str], Page]", running: FakeStudy
) -> None:
    page = watched("tab=compare&sort=number")
    assert listed(page) == ["first", "second"]
    assert "running" in page.locator(".live").inner_text()
    assert row(page, "run:epochs")["second"] == "1"
    running.report(1)
    running.end(1, TrialState.STOPPED)
    running.report(running.start("third"))
    wait_for(page, "document.querySelectorAll('.trial').length === 3", timeout=PATIENCE)
    assert row(page, "run:epochs")["second"] == "2"
    assert row(page, "run:state")["second"] == "stopped"
    running.records.add_event(running.clock, EventKind.ENDED, None, reason="budget")
    wait_for(page, "document.querySelector('.live').textContent === 'ended'", timeout=PATIENCE)


def test_the_readers_place_focus_and_choices_stay(
    watched: "Callable[[str], Page]", running: FakeStudy
) -> None:
    for number in range(30):
        trial = running.start()
        for _ in range(3 + number % 3):
            running.report(trial)
        running.end(trial)
    page = watched("tab=compare&stat=best&stat=last&changes=1&sort=number")
    page.locator(".trial", has_text="second").locator("[data-do=eye]").click()
    page.locator(".table-scroll").evaluate("element => element.scrollTo(700, 90)")
    page.locator(".trial-grid").evaluate("element => element.scrollTo(0, 150)")
    page.get_by_role("searchbox").fill("trial")
    settle(page)
    page.get_by_role("searchbox").press("Home")
    address = page.url
    before = page.locator(".table-scroll").evaluate("e => [e.scrollLeft, e.scrollTop]")
    running.report(running.start("trial-new"))
    wait_for(
        page,
        "document.querySelector('.shown').textContent.includes('of 33')",
        timeout=PATIENCE,
    )
    settle(page)
    assert page.url == address
    assert page.locator(".table-scroll").evaluate("e => [e.scrollLeft, e.scrollTop]") == before
    assert page.evaluate("() => document.activeElement.className") == "search"
    assert page.evaluate("() => document.activeElement.selectionStart") == 0
    assert "second" not in columns(page)


def test_an_open_menu_stays_open(watched: "Callable[[str], Page]", running: FakeStudy) -> None:
    page = watched("tab=compare")
    page.locator("[data-menu=rows] summary").click()
    page.locator("[data-menu=rows] .menu-panel").evaluate("panel => panel.scrollTo(0, 60)")
    running.start("third")
    wait_for(page, "document.querySelectorAll('.trial').length === 3", timeout=PATIENCE)
    assert page.locator("[data-menu=rows]").get_attribute("open") is not None
    assert page.locator("[data-menu=rows] .menu-panel").evaluate("p => p.scrollTop") == 60


def test_curves_keep_the_colours_of_their_trials(
    watched: "Callable[[str], Page]", running: FakeStudy
) -> None:
    colour = "item => item.querySelector('.swatch').className"
    page = watched("tab=curves")
    page.wait_for_selector(".legend")
    before = page.locator(".legend li", has_text="first").evaluate(colour)
    for number in range(3):
        running.report(running.start(f"new-{number}"))
    wait_for(page, "document.querySelectorAll('.trial').length === 5", timeout=PATIENCE)
    assert page.locator(".legend li", has_text="first").evaluate(colour) == before


def test_studies_appear_vanish_and_break(
    watched: "Callable[[str], Page]", running: FakeStudy, tmp_path: Path
) -> None:
    page = watched("study=live")
    other = write_study(tmp_path / "other", trials=4)
    wait_for(page, "document.querySelector('[data-menu=studies]')", timeout=PATIENCE)
    page.locator("[data-menu=studies] summary").click()
    page.locator("[data-menu=studies]").get_by_label("other").check()
    wait_for(page, "document.querySelectorAll('.trial').length === 6", timeout=PATIENCE)
    assert choices(page)["study"] == ["live", "other"]

    whole = (other / FILE_NAME).read_bytes()
    (other / FILE_NAME).write_bytes(whole[:2000])
    page.wait_for_selector(".problems:has-text('damaged')", timeout=PATIENCE)
    assert len(listed(page)) == 6
    assert "Shown is what was read last." in page.locator(".problems").inner_text()
    (other / FILE_NAME).write_bytes(whole)
    page.wait_for_selector(".problems", state="detached", timeout=PATIENCE)

    shutil.rmtree(other)
    page.wait_for_selector(".problems:has-text('no longer there')", timeout=PATIENCE)
    assert len(listed(page)) == 6


def test_another_study_in_the_same_place(
    watched: "Callable[[str], Page]", running: FakeStudy
) -> None:
    page = watched("study=live")
    folder = running.folder
    running.records.close()
    shutil.rmtree(folder)
    study = FakeStudy(folder, description="another one")
    study.records.set_info("created", 1_770_000_000.0)
    study.report(study.start("newcomer"))
    study.records.close()
    wait_for(page, "document.querySelectorAll('.trial').length === 1", timeout=PATIENCE)
    assert listed(page) == ["newcomer"]


def test_a_study_that_is_being_created(
    tmp_path: Path, serve: Callable[[Path], str], new_page: Callable[..., "Page"]
) -> None:
    page = new_page()
    page.goto(serve(tmp_path))
    page.wait_for_selector("text=No studies yet")
    (tmp_path / "fresh").mkdir()
    sqlite3.connect(tmp_path / "fresh" / FILE_NAME).close()
    (tmp_path / "fresh" / FILE_NAME).touch()
    page.wait_for_selector("text=No study can be read", timeout=PATIENCE)
    (tmp_path / "fresh" / FILE_NAME).unlink()
    write_study(tmp_path / "fresh", trials=3)
    page.wait_for_selector(".trial", timeout=PATIENCE)


def test_a_dashboard_that_is_away(watched: "Callable[[str], Page]", running: FakeStudy) -> None:
    page = watched("tab=compare")
    page.context.set_offline(True)
    page.wait_for_selector("text=no contact with the dashboard", timeout=PATIENCE)
    assert listed(page) == ["first", "second"]
    page.context.set_offline(False)
    page.wait_for_selector("text=no contact with the dashboard", state="detached", timeout=PATIENCE)


def test_a_newer_study_does_not_take_the_place_of_the_one_that_is_read(
    watched: "Callable[[str], Page]", running: FakeStudy, tmp_path: Path
) -> None:
    page = watched("tab=compare")
    newer = FakeStudy(tmp_path / "newer")
    newer.records.set_info("created", running.clock + 1000)
    newer.close()
    wait_for(page, "document.querySelector('[data-menu=studies]')", timeout=PATIENCE)
    running.start("third")
    wait_for(page, "document.querySelectorAll('.trial').length === 3", timeout=PATIENCE)
    assert page.locator("h1").inner_text() == "live"
