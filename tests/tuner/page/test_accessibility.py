"""The page for those who use a keyboard or a screen reader, or print it."""

import os
from collections.abc import Callable
from importlib.resources import files as package_files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tuner.page.conftest import BOTH_WAYS
from tests.tuner.page.reading import choices, columns, listed, settle, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

Opened = Callable[..., "Page"]
pytestmark = pytest.mark.slow
RULES = {
    "light": "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']",
    "dark": "['color-contrast', 'link-in-text-block']",  # all of them that look at colours
}
REPORT = """async () => {
  const { violations } = await axe.run(document,
    { runOnly: %s, resultTypes: ["violations"], selectors: false });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("\\n")}`);
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, Deque's accessibility checks, as the development package brings it."""
    try:
        return (package_files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    except ModuleNotFoundError:
        message = "needs axe-core (pip install axe-playwright-python)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_tab(
    axe: str, theme: str, files: Callable[..., str], new_page: Callable[..., "Page"]
) -> None:
    page = new_page(color_scheme=theme)
    page.goto(f"{files('step4', 'step5')}#changes=1&where=run:epochs+%E2%89%A5+1")
    page.wait_for_selector(".trial")
    # by the debugger, which the page's policy leaves alone
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": axe})
    report = REPORT % RULES[theme]
    for tab in ("compare", "trials", "curves", "pictures", "search", "study"):
        page.locator(f"#tab-{tab}").click()
        settle(page)
        assert page.evaluate(report) == [], tab
    page.locator(".trial-link").first.click()
    page.wait_for_selector("#drawer")
    settle(page)
    assert page.evaluate(report) == [], "drawer"
    page.locator("[data-menu=filter] summary").click()
    assert page.evaluate(report) == []


def test_the_list_of_trials_by_keyboard(opened: Opened) -> None:
    page = opened(at="sort=number")
    page.locator(".trial").first.locator("[data-do=eye]").focus()
    page.keyboard.press("ArrowDown")
    settle(page)
    page.keyboard.press("Space")
    assert choices(page)["hide"] == ["1@step4"]
    page.keyboard.press("ArrowRight")
    settle(page)
    page.keyboard.press("Enter")
    assert choices(page)["pin"] == ["1@step4"]
    assert "hide" not in choices(page)
    page.keyboard.press("End")
    settle(page)
    focused = page.evaluate("() => document.activeElement.closest('.trial').dataset.trial")
    assert focused == "13@step4"
    assert page.locator(".trial[data-lit]").count() == 1
    # one tab stop for the whole list
    assert page.locator(".trial button[tabindex='0']").count() == 1


@BOTH_WAYS
def test_tabs_by_keyboard_and_back(opened: Opened) -> None:
    page = opened()
    page.locator("#tab-compare").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#tab-trials[aria-selected=true]:focus")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("#tab-compare[aria-selected=true]:focus")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("#tab-study[aria-selected=true]")
    page.go_back()
    page.wait_for_selector("#tab-compare[aria-selected=true]")


def test_every_control_can_be_reached_and_seen(opened: Opened) -> None:
    page = opened()
    seen: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name, outlined = page.evaluate(
            """() => {
              const element = document.activeElement;
              const style = getComputedStyle(element);
              return [element.textContent || element.ariaLabel || element.tagName,
                style.outlineStyle !== "none" || element.tagName === "INPUT"];
            }"""
        )
        assert outlined, name
        seen.append(str(name))
    text = " ".join(seen)
    for control in ("Skip to the view", "Compare", "Rows with diff only", "CSV", "best"):
        assert control in text


def test_a_menu_closes_on_escape_and_gives_the_focus_back(opened: Opened) -> None:
    page = opened()
    summary = page.locator("[data-menu=rows] summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator("[data-menu=rows]").get_attribute("open") is None
    assert page.evaluate("() => document.activeElement.tagName") == "SUMMARY"


@BOTH_WAYS
def test_the_theme_follows_the_system_and_the_reader(opened: Opened) -> None:
    page = opened(color_scheme="dark")
    background = "() => getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.get_by_role("button", name="Light theme").click()
    settle(page)
    assert page.evaluate(background) != dark
    page.reload()
    page.wait_for_selector(".trial")
    assert page.evaluate("() => document.documentElement.dataset.theme") == "light"


@BOTH_WAYS
def test_a_view_can_be_sent_as_a_link(opened: Opened, new_page: Callable[..., "Page"]) -> None:
    page = opened(at="hide=6-13@step4&pin=2@step4&diff=1&changes=1&sort=number&scale=db")
    page.get_by_role("button", name="Copy a link to this view").click()
    page.wait_for_selector(".announcement:has-text('Link copied')")
    link = str(page.evaluate("() => window.copied"))
    other = new_page()
    other.goto(link)
    other.wait_for_selector(".trial")
    assert columns(other) == columns(page)
    assert listed(other) == listed(page)
    assert choices(other) == choices(page)


def test_on_paper_it_is_light_and_whole(
    files: Callable[..., str], new_page: Callable[..., "Page"], tmp_path: Path
) -> None:
    page = new_page(color_scheme="dark")
    page.goto(f"{files('step4')}#tab=curves")
    page.wait_for_selector(".canvas canvas")
    page.evaluate(
        """() => {
          addEventListener("beforeprint", () => {
            window.printed = [document.documentElement.dataset.theme,
              document.querySelectorAll(".only-print table").length];
          });
        }"""
    )
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    assert page.evaluate("() => window.printed") == ["light", 0]
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    page.locator("#tab-compare").click()
    page.pdf(format="A4", landscape=True)
    theme, tables = page.evaluate("() => window.printed")
    assert (theme, tables) == ("light", 3)  # 14 trials, six side by side
    page.locator("#tab-trials").click()
    page.pdf(format="A4", landscape=True)
    theme, tables = page.evaluate("() => window.printed")
    assert (theme, tables) == ("light", 3)  # seven columns side by side


def test_a_narrow_window_loses_nothing(opened: Opened) -> None:
    page = opened()
    page.set_viewport_size({"width": 480, "height": 900})
    settle(page)
    width = page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 480
    wait_for(page, "document.querySelectorAll('.table-scroll td').length > 0")
