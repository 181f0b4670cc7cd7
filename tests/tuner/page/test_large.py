"""2,000 trials by 50 epochs: the page draws what is in sight, and all charts in a few frames.

How long that takes is measured by benchmarks/page_speed.py.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.studies import write_study
from tests.tuner.page.reading import settle
from tuner.page import build_page, builder, library

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

SCROLL = """async ([selector, x, y]) => {
  const element = document.querySelector(selector);
  let most = 0;
  for (let step = 0; step < 40; step += 1) {
    element.scrollBy(x, y);
    await new Promise(requestAnimationFrame);
    most = Math.max(most, document.getElementsByTagName("*").length);
  }
  return most;
}"""
MOST_ELEMENTS = 6000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large") / "large"
    return write_study(folder, trials=2000, epochs=50, stopping=False, failures=False)


@pytest.fixture(scope="module", autouse=True)
def _read_once() -> Iterator[None]:
    """For the file and for the server: to read so large a study takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("read_snapshot", "study_data"):
            made = once(getattr(builder, name))
            patch.setattr(builder, name, made)
            patch.setattr(library, name, made)
        yield


def once(make: Callable[..., Any]) -> Callable[..., Any]:
    """Make it once, and give the same to all who ask later."""
    kept: list[Any] = []

    def given(*arguments: object, **named: object) -> Any:
        kept[:] = kept or [make(*arguments, **named)]
        return kept[0]

    return given


@pytest.fixture(scope="module")
def address(folder: Path) -> str:
    path = folder.parent / "large.html"
    path.write_text(build_page([folder]), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("way", ["file", "server"])
def test_it_opens_and_scrolls(
    way: str,
    folder: Path,
    address: str,
    serve: Callable[[Path], str],
    new_page: Callable[..., "Page"],
) -> None:
    page = new_page()
    url = address if way == "file" else serve(folder.parent)
    page.goto(url)
    page.wait_for_selector(".trial")
    settle(page)
    # only what is in sight is in the document
    assert page.locator(".trial").count() < 80
    assert page.locator(".table-scroll td").count() < 1500
    assert page.evaluate(SCROLL, [".table-scroll", 400, 0]) < MOST_ELEMENTS
    assert page.evaluate(SCROLL, [".trial-grid", 0, 300]) < MOST_ELEMENTS


def test_the_last_trial_can_be_reached_and_compared(
    address: str, new_page: Callable[..., "Page"]
) -> None:
    page = new_page()
    page.goto(f"{address}#sort=number")
    page.wait_for_selector(".trial")
    page.locator(".table-scroll").evaluate("element => element.scrollTo(1e7, 0)")
    page.locator(".trial-grid").evaluate("element => element.scrollTo(0, 1e7)")
    page.wait_for_selector(".trial:has-text('trial-1999')")
    page.wait_for_selector("thead th:has-text('trial-1999')")
    head = page.locator("thead th", has_text="trial-1999").bounding_box()
    assert head is not None
    assert head["x"] + head["width"] <= 1366


@pytest.mark.parametrize("tab", ["curves", "search"])
def test_the_charts_of_all_trials_are_drawn_at_once(
    tab: str, address: str, new_page: Callable[..., "Page"]
) -> None:
    page = new_page()
    page.goto(address)
    page.wait_for_selector(".trial")
    width = page.evaluate(
        """async (tab) => {
          document.getElementById(`tab-${tab}`).click();
          for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
          return document.querySelector(".canvas canvas")?.width ?? 0;
        }""",
        tab,
    )
    assert width > 0
